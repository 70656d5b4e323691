// A loaded plugin with a host of the test's own that offers services.
//
// Goes through dlopen and the C ABI alone, as the program does.
#pragma once

#include <dlfcn.h>
#include <ostler/ostler.h>

#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::test {

class PluginHost {
 public:
  // Loads `library` ("http-pistache") and creates its plugin. Throws when it is no plugin;
  // what create() said is in error().
  PluginHost(const std::string& library, const std::string& config,
             std::map<std::string, const void*> services = {})
      : services_(std::move(services)) {
    const std::string path = std::string(OSTLER_PLUGIN_DIR) + "/" + library + ".so";
    void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) throw std::runtime_error(dlerror());
    const auto entry = reinterpret_cast<ostler_library_fn>(dlsym(handle, OSTLER_ENTRY_SYMBOL));
    if (entry == nullptr) throw std::runtime_error(path + " has no " OSTLER_ENTRY_SYMBOL);
    plugin_ = entry()->plugins[0];

    host_.struct_size = sizeof host_;
    host_.abi_major = OSTLER_ABI_MAJOR;
    host_.abi_minor = OSTLER_ABI_MINOR;
    host_.ctx = this;
    host_.log = [](void* ctx, int32_t, ostler_str_t text) {
      auto* self = static_cast<PluginHost*>(ctx);
      const std::lock_guard lock(self->mutex_);
      self->logs_.emplace_back(text.data, text.size);
    };
    host_.post = [](void*, void (*)(void*), void*) -> ostler_status_t { return OSTLER_FAILED_PRECONDITION; };
    host_.service = [](void* ctx, const char* id) -> const void* {
      const auto& known = static_cast<PluginHost*>(ctx)->services_;
      const auto it = known.find(id);
      return it == known.end() ? nullptr : it->second;
    };
    host_.fatal = [](void*, const ostler_error_t*) {};
    error_.struct_size = sizeof error_;
    code_ = plugin_->create(&host_, {config.data(), config.size()}, &self_, &error_);
  }
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;
  ~PluginHost() {
    stop();
    if (self_ != nullptr) plugin_->destroy(self_);
  }

  bool start() {
    code_ = plugin_->start(self_, 5000, &error_);
    is_started_ = code_ == OSTLER_OK;
    return is_started_;
  }
  void stop(uint32_t timeout_ms = 2000) {
    if (is_started_) plugin_->stop(self_, timeout_ms);
    is_started_ = false;
  }

  // Of the last create() or start(): "where: message", or "" when it went well.
  std::string error() const {
    if (code_ == OSTLER_OK) return "";
    return std::string(error_.where) + ": " + error_.message;
  }
  ostler_status_t code() const { return code_; }

  const ostler_plugin_t& plugin() const { return *plugin_; }
  ostler_instance_t* self() const { return self_; }
  template <typename Table>
  const Table* query(const char* id) const {
    return static_cast<const Table*>(plugin_->query(self_, id));
  }
  std::vector<std::string> logs() const {
    const std::lock_guard lock(mutex_);
    return logs_;
  }

 private:
  std::map<std::string, const void*> services_;
  const ostler_plugin_t* plugin_ = nullptr;
  ostler_host_t host_{};
  ostler_error_t error_{};
  ostler_status_t code_ = OSTLER_OK;
  ostler_instance_t* self_ = nullptr;
  bool is_started_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> logs_;
};

// A sink that appends to a string.
inline ostler_sink_t sink_to(std::string& text) {
  return {&text, [](void* ctx, const void* data, size_t size) {
            static_cast<std::string*>(ctx)->append(static_cast<const char*>(data), size);
          }};
}

}  // namespace ostler::test
