// A state plugin that kills its own process at a chosen commit, and else does what the
// plugin behind it does: kill -9 at an exact point, for any store.
//
//   library: <folder>/crashing-state.so
//   config: {library: state-sqlite.so's path, config: {...}, kill_at: 3, after: true, moment_file: FILE}
//
// kill_at counts commits from 1; 0 never kills. With `after`, the commit is done and its
// success is never seen; without, it is never begun. A moment file says the same while the
// process runs: "LABEL 3 after" or "LABEL 3 before", counted from the first commit that sees
// that text; a file that is not there disarms it.
#include <dlfcn.h>
#include <ostler/ostler.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace {

// What the host holds as ostler_instance_t.
struct Crashing {
  const ostler_plugin_t* plugin = nullptr;
  ostler_instance_t* instance = nullptr;
  const ostler_state_t* state = nullptr;
  uint64_t commits_left = 0;  // 0: never
  bool after = false;
  std::string moment_file, moment;  // its path, and the text that was last seen there
};

// Takes over what the moment file says now.
void look_at_moment(Crashing& me) {
  if (me.moment_file.empty()) return;
  std::ifstream file(me.moment_file);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text == me.moment) return;
  std::istringstream words(text);
  std::string label, when;
  me.commits_left = 0;
  words >> label >> me.commits_left >> when;
  me.after = when == "after";
  me.moment = std::move(text);
}

Crashing* self(ostler_instance_t* instance) { return reinterpret_cast<Crashing*>(instance); }

[[noreturn]] void die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

ostler_status_t commit(ostler_instance_t* at, const ostler_array_t* ops, uint32_t timeout_ms,
                       ostler_error_t* error) {
  Crashing& me = *self(at);
  look_at_moment(me);
  const bool now = me.commits_left > 0 && --me.commits_left == 0;
  if (now && !me.after) die();
  const ostler_status_t status = me.state->commit(me.instance, ops, timeout_ms, error);
  if (now) die();
  return status;
}

const ostler_state_t kTable = {
    sizeof(ostler_state_t),
    0,
    [](ostler_instance_t* at, ostler_str_t path, uint32_t timeout_ms, const ostler_sink_t* value,
       int32_t* version, ostler_error_t* error) {
      return self(at)->state->get(self(at)->instance, path, timeout_ms, value, version, error);
    },
    [](ostler_instance_t* at, ostler_str_t path, uint32_t timeout_ms, const ostler_sink_t* names,
       ostler_error_t* error) {
      return self(at)->state->children(self(at)->instance, path, timeout_ms, names, error);
    },
    commit,
    [](ostler_instance_t* at, ostler_state_limits_t* limits) {
      self(at)->state->limits(self(at)->instance, limits);
    },
    [](ostler_instance_t* at, const ostler_state_owner_events_t* events) {
      self(at)->state->watch_owner(self(at)->instance, events);
    },
    [](ostler_instance_t* at, const ostler_array_t* paths, uint32_t timeout_ms,
       const ostler_state_answers_t* answers, ostler_error_t* error) {
      return self(at)->state->get_each(self(at)->instance, paths, timeout_ms, answers, error);
    }};

ostler_status_t create(const ostler_host_t* host, ostler_str_t config, ostler_instance_t** out,
                       ostler_error_t* error) {
  const auto wanted = nlohmann::json::parse(std::string_view(config.data, config.size), nullptr, false);
  if (!wanted.is_object()) return ostler_fail(error, OSTLER_INVALID_ARGUMENT, "", "expected an object");
  const std::string library = wanted.value("library", "");
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) return ostler_fail(error, OSTLER_INVALID_ARGUMENT, "/library", "%s", dlerror());
  const auto entry = reinterpret_cast<ostler_library_fn>(dlsym(handle, OSTLER_ENTRY_SYMBOL));
  if (entry == nullptr) return ostler_fail(error, OSTLER_INVALID_ARGUMENT, "/library", "no plugin");
  auto* made = new Crashing;
  made->plugin = entry()->plugins[0];
  made->commits_left = wanted.value("kill_at", 0U);
  made->after = wanted.value("after", false);
  made->moment_file = wanted.value("moment_file", "");
  const std::string inner = wanted.value("config", nlohmann::json::object()).dump();
  const ostler_status_t status =
      made->plugin->create(host, {inner.data(), inner.size()}, &made->instance, error);
  if (status != OSTLER_OK) {
    delete made;
    return status;
  }
  made->state = static_cast<const ostler_state_t*>(made->plugin->query(made->instance, OSTLER_STATE_1));
  *out = reinterpret_cast<ostler_instance_t*>(made);
  return OSTLER_OK;
}

const ostler_plugin_t kPlugin = {sizeof(ostler_plugin_t),
                                 0,
                                 "io.ostler.test.crashing-state",
                                 OSTLER_STATE_1,
                                 "1.0.0",
                                 "Ostler",
                                 "kills its process at a chosen commit",
                                 R"({"type": "object"})",
                                 create,
                                 [](ostler_instance_t* at, uint32_t timeout_ms, ostler_error_t* error) {
                                   return self(at)->plugin->start(self(at)->instance, timeout_ms, error);
                                 },
                                 [](ostler_instance_t* at, uint32_t timeout_ms) {
                                   self(at)->plugin->stop(self(at)->instance, timeout_ms);
                                 },
                                 [](ostler_instance_t* at) {
                                   self(at)->plugin->destroy(self(at)->instance);
                                   delete self(at);
                                 },
                                 [](ostler_instance_t* at, const char* id) -> const void* {
                                   if (std::string_view(id) == OSTLER_STATE_1) return &kTable;
                                   return self(at)->plugin->query(self(at)->instance, id);
                                 }};

const ostler_plugin_t* const kPlugins[] = {&kPlugin};
const ostler_library_t kLibrary = {
    sizeof(ostler_library_t), OSTLER_ABI_MAJOR, OSTLER_ABI_MINOR, 0, 0, 1, kPlugins};

}  // namespace

extern "C" const ostler_library_t* ostler_library_v1(void) { return &kLibrary; }
