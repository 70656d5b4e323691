#include "plugins/library.h"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <optional>

#include "plugins/tables.h"
#include "plugins/trust.h"

namespace ostler::plugins {

struct Library::Handle {
  boost::dll::shared_library library;
};

namespace {

constexpr int kMajorsToLookFor = 9;

const std::string kHostAbi = std::to_string(OSTLER_ABI_MAJOR) + "." + std::to_string(OSTLER_ABI_MINOR);

PluginProblem problem(int number, int exit_code, std::string message, std::string detail,
                      std::string advice) {
  PluginProblem out;
  out.number = number;
  out.exit_code = exit_code;
  out.code = exit_code == kExitConfig ? Code::kInvalidArgument : Code::kFailedPrecondition;
  out.message = std::move(message);
  out.detail = std::move(detail);
  out.advice = std::move(advice);
  return out;
}

// The usual cause of what the dynamic linker says.
std::string advice_for(std::string_view linker_text, const std::string& path) {
  const std::pair<std::string_view, std::string> causes[] = {
      {"undefined symbol",
       "Nothing provides that symbol; link the plugin with -Wl,-z,defs (ostler_add_plugin does), which finds "
       "this at build time"},
      {"invalid ELF header", "The file is no shared library; `file " + path + "` shows what it is"},
      {"file too short", "The file is no shared library; `file " + path + "` shows what it is"},
      {"wrong ELF class", "The library was built for another processor"},
      {"version `", "The library was built against newer system libraries than are installed here"},
      {"No such file or directory",
       "The library depends on something that is not installed; `ldd " + path + "` shows what"},
  };
  for (const auto& [part, cause] : causes) {
    if (linker_text.find(part) != std::string_view::npos) return cause;
  }
  return "`ldd " + path + "` shows what the library needs";
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

PluginProblem other_major(int major) {
  const std::string number = std::to_string(major);
  return problem(
      kOstOtherMajor, kExitPlugin, "built for ABI " + number + "; this host speaks ABI " + kHostAbi, "",
      "Get a build for ABI " + std::to_string(OSTLER_ABI_MAJOR) + " or a host that speaks ABI " + number);
}

// The plugin's entry function, or why there is none.
std::variant<ostler_library_fn, PluginProblem> find_entry(const boost::dll::shared_library& library,
                                                          const std::string& path) {
  if (library.has(OSTLER_ENTRY_SYMBOL)) return &library.get<const ostler_library_t*()>(OSTLER_ENTRY_SYMBOL);
  for (int major = 2; major <= kMajorsToLookFor; ++major) {
    if (library.has("ostler_library_v" + std::to_string(major))) return other_major(major);
  }
  return problem(kOstNoEntry, kExitPlugin, path + " exports no " OSTLER_ENTRY_SYMBOL ": not a plugin", "",
                 "`nm -D --defined-only` shows what it exports; OSTLER_LIBRARY of <ostler/plugin.hpp> "
                 "defines the symbol");
}

// Compares what the entry function returned with what this host can work with.
std::optional<PluginProblem> check(const ostler_library_t* library, const std::string& path) {
  if (library == nullptr) {
    return problem(kOstBrokenTable, kExitPlugin, path + " breaks the plugin contract",
                   OSTLER_ENTRY_SYMBOL "() returned NULL", "Ask its vendor for a corrected build");
  }
  // The version fields come right after struct_size, in every version there will be.
  if (library->struct_size >= OSTLER_SIZE_UP_TO(ostler_library_t, abi_minor_required)) {
    if (library->abi_major != OSTLER_ABI_MAJOR) return other_major(library->abi_major);
    if (library->abi_minor_required > OSTLER_ABI_MINOR) {
      const std::string needed =
          std::to_string(OSTLER_ABI_MAJOR) + "." + std::to_string(library->abi_minor_required);
      return problem(kOstNewerMinor, kExitPlugin,
                     "needs ABI " + needed + " or later; this host speaks " + kHostAbi, "",
                     "Get a newer host, or a build of the plugin for ABI " + kHostAbi);
    }
  }
  const std::vector<std::string> complaints = check_library(*library);
  if (complaints.empty()) return std::nullopt;
  return problem(kOstBrokenTable, kExitPlugin, path + " breaks the plugin contract", join_lines(complaints),
                 "Ask its vendor for a corrected build");
}

}  // namespace

Library::~Library() = default;

Library::Loaded Library::load(const Request& request) {
  const Result<std::filesystem::path> trusted = trusted_path(request.path);
  if (!trusted.ok()) {
    if (trusted.error().code == Code::kPermissionDenied) {
      return problem(
          kOstNotTrusted, kExitConfig, "will not load " + request.path.string(), trusted.error().message,
          "Whoever can change a plugin runs code in this process; mend owner and mode, then check the file");
    }
    return problem(
        kOstCannotLoad, kExitConfig, "cannot load " + request.path.string(), trusted.error().message,
        "A bare name is looked for in the plugin folder (--plugin-dir), './x.so' beside the manifest");
  }
  const std::string path = trusted->string();

  Digest digest;
  if (request.sha256.empty() && request.require_sha256) {
    return problem(kOstNotTrusted, kExitConfig, "will not load " + path,
                   "the manifest gives no sha256 and --require-sha256 is set",
                   "`sha256sum " + path + "` prints it");
  }
  if (!request.sha256.empty()) {
    Result<Digest> found = sha256_of(path);
    if (!found.ok())
      return problem(kOstCannotLoad, kExitConfig, "cannot read " + path, found.error().message, "");
    digest = std::move(*found);
    if (digest.hex != request.sha256) {
      return problem(kOstNotTrusted, kExitConfig, "will not load " + path,
                     "expected sha256 " + request.sha256 + "\nfound    sha256 " + digest.hex,
                     "The file is not the one the manifest was written for");
    }
  }

  auto handle = std::make_unique<Handle>();
  std::error_code failure;
  // Boost's default is lazy, and its error code says "Bad file descriptor" for
  // everything; dlerror() still has the text.
  handle->library.load(path, static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE),
                       failure);
  if (failure) {
    const char* text = ::dlerror();
    std::string detail = text != nullptr ? text : failure.message();
    if (detail.starts_with(path + ": ")) detail.erase(0, path.size() + 2);
    const std::string advice = advice_for(detail, path);
    return problem(kOstCannotLoad, kExitConfig, "cannot load " + path, detail, advice);
  }
  if (!request.sha256.empty()) {
    const Result<FileIdentity> now = identify(path);
    if (!now.ok() || !(*now == digest.file)) {
      return problem(kOstNotTrusted, kExitConfig, "will not use " + path,
                     "the file was changed while it was being loaded", "");
    }
  }

  const auto entry = find_entry(handle->library, path);
  if (const auto* refused = std::get_if<PluginProblem>(&entry)) return *refused;
  const ostler_library_t* tables = nullptr;
  try {
    tables = std::get<ostler_library_fn>(entry)();
  } catch (...) {
    return problem(kOstException, kExitPlugin, path + " breaks the plugin contract (R6)",
                   "an exception left " OSTLER_ENTRY_SYMBOL "()", "Ask its vendor for a corrected build");
  }
  if (auto refused = check(tables, path)) return *refused;

  std::shared_ptr<Library> library(new Library);
  library->path_ = *trusted;
  library->handle_ = std::move(handle);
  library->plugins_.assign(tables->plugins, tables->plugins + tables->plugin_count);
  return std::shared_ptr<const Library>(std::move(library));
}

std::variant<const ostler_plugin_t*, PluginProblem> Library::find(std::string_view id,
                                                                  std::string_view kind) const {
  std::string offers;
  std::vector<const ostler_plugin_t*> of_kind;
  for (const ostler_plugin_t* plugin : plugins_) {
    offers += offers.empty() ? "It offers '" : ", '";
    offers.append(plugin->id).append("' (").append(plugin->kind).append(")");
    if (kind == plugin->kind && (id.empty() || id == plugin->id)) of_kind.push_back(plugin);
  }
  if (of_kind.size() == 1) return of_kind[0];

  const std::string where = path_.filename().string();
  std::string message;
  if (of_kind.size() > 1) {
    message = where + " holds several plugins of kind " + std::string(kind) + "; 'plugin' must name one";
  } else if (id.empty()) {
    message = where + " holds no plugin of kind " + std::string(kind);
  } else {
    message = where + " holds no plugin '" + std::string(id) + "' of kind " + std::string(kind);
  }
  return problem(kOstNotInLibrary, kExitConfig, message, offers, "");
}

}  // namespace ostler::plugins
