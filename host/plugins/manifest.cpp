#include "plugins/manifest.h"

#include <ostler/draft/advisor.h>
#include <ostler/ostler.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "plugins/text.h"
#include "plugins/yaml_document.h"

namespace ostler::plugins {
namespace {

using nlohmann::json;

constexpr size_t kMaxBytes = 1 << 20;  // A manifest is a page; this bounds what a wrong path can cost.
constexpr int kFormat = 1;
constexpr size_t kMaxName = 64;

const std::vector<std::string_view> kTopKeys = {"manifest", "plugins"};
const std::vector<std::string_view> kEntryKeys = {"name", "kind", "library", "plugin", "sha256", "config"};
const std::vector<std::string_view> kKindNames = {"secrets", "state", "metrics", "offers", "http", "advisor"};

std::string key_pointer(size_t index, std::string_view key) {
  return "/plugins/" + std::to_string(index) + "/" + std::string(key);
}

std::string describe(const json& value) {
  if (value.is_null()) return "nothing";
  if (value.is_object()) return "a map";
  if (value.is_array()) return "a list";
  if (value.is_string()) return "'" + value.get<std::string>() + "'";
  return value.dump();
}

class Reader {
 public:
  Reader(const std::string& file, const std::filesystem::path& plugin_dir) : plugin_dir_(plugin_dir) {
    reading_.manifest.file = file;
  }

  ManifestReading read(std::string_view text) {
    json root;
    if (parse(text, root) && check_top(root)) {
      const json& list = root["plugins"];
      for (size_t i = 0; i < list.size(); ++i) entry(list[i], i);
      check_names();
      check_counts();
    }
    return std::move(reading_);
  }

  // For what goes wrong before there is text.
  ManifestReading unreadable(const std::string& why) {
    complain(kOstNoManifest, {}, "", "cannot read the plugin manifest: " + why, "Name one with --plugins");
    return std::move(reading_);
  }

 private:
  void complain(int number, Position at, const std::string& plugin, std::string message,
                std::string advice = {}) {
    PluginProblem problem;
    problem.number = number;
    problem.where = reading_.manifest.where(at);
    problem.plugin = plugin;
    problem.message = std::move(message);
    problem.advice = std::move(advice);
    reading_.problems.push_back(std::move(problem));
  }

  bool parse(std::string_view text, json& root) {
    if (text.size() > kMaxBytes) {
      complain(kOstNoManifest, {}, "", "is larger than 1 MiB, which no plugin manifest is");
      return false;
    }
    YamlDocument document = read_yaml_document(text);
    const int number = document.is_readable ? kOstBadKey : kOstNoManifest;
    for (const YamlProblem& problem : document.problems) complain(number, problem.at, "", problem.message);
    root = std::move(document.value);
    positions_ = std::move(document.positions);
    return document.is_readable;
  }

  bool check_top(const json& root) {
    if (!root.is_object()) {
      complain(kOstNoManifest, {1, 1}, "",
               "is no plugin manifest: expected the keys 'manifest' and 'plugins', found " + describe(root));
      return false;
    }
    const auto format = root.find("manifest");
    if (format == root.end()) {
      complain(kOstNoManifest, {1, 1}, "", "does not say which format it has", "Begin it with `manifest: 1`");
    } else if (!format->is_number_integer()) {
      complain(kOstNoManifest, at("/manifest"), "", "'manifest' must be a number, found " + describe(*format),
               "This host reads format 1");
    } else if (*format != kFormat) {
      complain(kOstNoManifest, at("/manifest"), "",
               "is of format " + format->dump() + "; this host reads format 1",
               "Use a manifest of format 1 or a newer host");
      return false;
    }
    check_keys(root, "", "", kTopKeys);
    const auto list = root.find("plugins");
    if (list == root.end()) {
      complain(kOstBadKey, {1, 1}, "", "has no key 'plugins'");
      return false;
    }
    if (!list->is_array()) {
      complain(kOstBadKey, at("/plugins"), "", "'plugins' must be a list, found " + describe(*list));
      return false;
    }
    return true;
  }

  void check_keys(const json& object, const std::string& pointer, const std::string& plugin,
                  const std::vector<std::string_view>& known) {
    for (const auto& item : object.items()) {
      if (std::find(known.begin(), known.end(), item.key()) != known.end()) continue;
      const std::string_view guess = did_you_mean(item.key(), known);
      std::string token;
      for (const char c : item.key()) token += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
      complain(kOstBadKey, at(pointer + "/" + token), plugin, "unknown key '" + item.key() + "'",
               guess.empty() ? "Known keys are " + quoted_list(known)
                             : "Did you mean '" + std::string(guess) + "'?");
    }
  }

  // The text of `key`, or nothing when it is missing or no text; both are reported
  // unless `optional`.
  std::optional<std::string> text_of(const json& object, size_t index, const std::string& plugin,
                                     const char* key, bool optional) {
    const auto found = object.find(key);
    if (found == object.end()) {
      if (!optional)
        complain(kOstBadKey, at("/plugins/" + std::to_string(index)), plugin,
                 "has no '" + std::string(key) + "'");
      return std::nullopt;
    }
    if (found->is_string()) return found->get<std::string>();
    complain(kOstBadKey, at(key_pointer(index, key)), plugin,
             "'" + std::string(key) + "' must be text, found " + describe(*found));
    return std::nullopt;
  }

  void entry(const json& item, size_t index) {
    const std::string pointer = "/plugins/" + std::to_string(index);
    if (!item.is_object()) {
      complain(kOstBadKey, at(pointer), "", "a plugin must be a map, found " + describe(item));
      return;
    }
    const size_t problems_before = reading_.problems.size();
    PluginEntry out;
    out.at = at(pointer);
    if (auto name = text_of(item, index, "", "name", false)) {
      out.name = *name;
      name_at_.push_back({out.name, at(key_pointer(index, "name"))});
      if (!is_name(out.name)) {
        complain(kOstBadKey, at(key_pointer(index, "name")), "", "'" + out.name + "' is no name for a plugin",
                 "A name has up to 64 letters, digits, '.', '_' and '-', and begins with a letter or digit");
      }
    }
    check_keys(item, pointer, out.name, kEntryKeys);
    if (auto kind = text_of(item, index, out.name, "kind", false)) {
      read_kind(*kind, index, out);
    } else {
      has_unknown_kind_ = true;
    }
    if (auto library = text_of(item, index, out.name, "library", false)) read_library(*library, index, out);
    if (auto id = text_of(item, index, out.name, "plugin", true)) out.plugin_id = *id;
    if (auto digest = text_of(item, index, out.name, "sha256", true)) read_digest(*digest, index, out);
    out.plugin_at = at(key_pointer(index, "plugin"));
    read_config(item, index, out);
    if (reading_.problems.size() == problems_before) reading_.manifest.plugins.push_back(std::move(out));
  }

  static bool is_name(const std::string& name) {
    const auto is_alphanumeric = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    return !name.empty() && name.size() <= kMaxName && is_alphanumeric(name[0]) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return is_alphanumeric(c) || std::strchr("._-", c) != nullptr; });
  }

  void read_kind(const std::string& kind, size_t index, PluginEntry& out) {
    out.kind_at = at(key_pointer(index, "kind"));
    const auto found = std::find(kKindNames.begin(), kKindNames.end(), kind);
    if (found == kKindNames.end()) {
      has_unknown_kind_ = true;
      const std::string_view guess = did_you_mean(kind, kKindNames);
      complain(kOstBadKey, out.kind_at, out.name, "unknown kind '" + kind + "'",
               guess.empty() ? "Kinds are " + quoted_list(kKindNames)
                             : "Did you mean '" + std::string(guess) + "'?");
      return;
    }
    out.kind = static_cast<Kind>(found - kKindNames.begin());
    kinds_[out.kind].push_back({out.name, out.kind_at});
  }

  void read_library(const std::string& library, size_t index, PluginEntry& out) {
    namespace fs = std::filesystem;
    out.library_at = at(key_pointer(index, "library"));
    const fs::path path(library);
    const bool climbs =
        std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
    if (library.empty() || path.filename().empty() || library.find('\0') != std::string::npos) {
      complain(kOstBadKey, out.library_at, out.name, "'library' must name a file, found '" + library + "'");
    } else if (path.is_absolute()) {
      out.library = path;
    } else if (climbs) {
      complain(kOstBadKey, out.library_at, out.name, "'" + library + "' climbs out of its folder",
               "Write an absolute path");
    } else if (library.starts_with("./")) {
      out.library = (fs::absolute(reading_.manifest.file).parent_path() / path).lexically_normal();
    } else if (library.find('/') != std::string::npos) {
      complain(kOstBadKey, out.library_at, out.name, "'" + library + "' could be meant from several places",
               "Write './" + library + "' for a file beside the manifest, or an absolute path");
    } else {
      out.library = fs::absolute(plugin_dir_ / path).lexically_normal();
    }
  }

  void read_digest(const std::string& digest, size_t index, PluginEntry& out) {
    out.sha256_at = at(key_pointer(index, "sha256"));
    out.sha256 = digest;
    for (char& c : out.sha256) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_hex = out.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (out.sha256.size() != 64 || !is_hex) {
      complain(kOstBadKey, out.sha256_at, out.name,
               "'sha256' must be 64 hexadecimal digits, found '" + digest + "'",
               "`sha256sum FILE` prints them");
    }
  }

  void read_config(const json& item, size_t index, PluginEntry& out) {
    const auto config = item.find("config");
    const std::string pointer = key_pointer(index, "config");
    out.config_at = config == item.end() ? out.at : at(pointer);
    if (config == item.end() || config->is_null()) return;
    if (!config->is_object()) {
      complain(kOstBadKey, out.config_at, out.name, "'config' must be a map, found " + describe(*config));
      return;
    }
    out.config = config->dump();
    for (auto it = positions_.lower_bound(pointer); it != positions_.end() && it->first.starts_with(pointer);
         ++it) {
      const std::string_view rest = std::string_view(it->first).substr(pointer.size());
      if (rest.empty() || rest[0] == '/') out.config_positions[std::string(rest)] = it->second;
    }
  }

  void check_names() {
    std::map<std::string, Position> first;
    for (const auto& [name, where] : name_at_) {
      const auto [it, is_new] = first.insert({name, where});
      if (is_new) continue;
      complain(kOstKindCount, where, "",
               "the name '" + name + "' is already used at line " + std::to_string(it->second.line),
               "Names tell plugins apart in logs and metrics; give each its own");
    }
  }

  void check_counts() {
    for (const Kind kind : kKinds) {
      const auto& filled = kinds_[kind];
      const bool single =
          kind == Kind::kState || kind == Kind::kHttp || kind == Kind::kSecrets || kind == Kind::kAdvisor;
      const bool needed = kind == Kind::kState || kind == Kind::kHttp || kind == Kind::kOffers;
      const std::string name(to_string(kind));
      // A kind that could not be read may well be the missing one.
      if (needed && filled.empty() && !has_unknown_kind_) {
        complain(kOstKindCount, at("/plugins"), "",
                 "no plugin of kind '" + name + "'; " + (single ? "exactly" : "at least") + " one is needed");
      }
      for (size_t i = 1; single && i < filled.size(); ++i) {
        complain(kOstKindCount, filled[i].second, filled[i].first,
                 "kind '" + name + "' is already filled by '" + filled[0].first + "' at line " +
                     std::to_string(filled[0].second.line),
                 "There is room for one; remove the other");
      }
    }
  }

  Position at(const std::string& pointer) const { return find_position(positions_, pointer); }

  const std::filesystem::path& plugin_dir_;
  ManifestReading reading_;
  Positions positions_;
  std::vector<std::pair<std::string, Position>> name_at_;
  std::map<Kind, std::vector<std::pair<std::string, Position>>> kinds_;
  bool has_unknown_kind_ = false;
};

}  // namespace

std::string_view to_string(Kind kind) { return kKindNames[static_cast<size_t>(kind)]; }

const char* interface_id(Kind kind) {
  switch (kind) {
    case Kind::kSecrets:
      return OSTLER_SECRETS_1;
    case Kind::kState:
      return OSTLER_STATE_1;
    case Kind::kMetrics:
      return OSTLER_METRICS_1;
    case Kind::kOffers:
      return OSTLER_OFFERS_1;
    case Kind::kHttp:
      return OSTLER_HTTP_1;
    case Kind::kAdvisor:
      return OSTLER_ADVISOR_DRAFT_1;
  }
  return "";
}

Position PluginEntry::find(std::string_view pointer) const {
  const Position found = find_position(config_positions, pointer);
  return found.line > 0 ? found : config_at;
}

std::string Manifest::where(Position at) const {
  if (at.line <= 0) return file;
  return file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

ManifestReading parse_manifest(std::string_view text, const std::string& file,
                               const std::filesystem::path& plugin_dir) {
  return Reader(file, plugin_dir).read(text);
}

ManifestReading read_manifest(const std::string& file, const std::filesystem::path& plugin_dir) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    return Reader(file, plugin_dir).unreadable("it is a folder");
  std::ifstream in(file, std::ios::binary);
  if (!in) return Reader(file, plugin_dir).unreadable(std::strerror(errno));
  std::string text(kMaxBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return parse_manifest(text, file, plugin_dir);
}

}  // namespace ostler::plugins
