#include "support/plugin_under_test.h"

#include <dlfcn.h>

#include <ostream>
#include <stdexcept>

namespace ostler::test {

void PrintTo(const Status& status, std::ostream* out) {
  *out << "status " << status.code << " \"" << status.message << "\" at \"" << status.where << "\"";
}

ErrorSlot::ErrorSlot() { error_.struct_size = sizeof error_; }

Status ErrorSlot::status(ostler_status_t code) const {
  if (code == OSTLER_OK) return {};
  return {code, error_.message, error_.where};
}

FakeHost::FakeHost() {
  table_.struct_size = sizeof table_;
  table_.abi_major = OSTLER_ABI_MAJOR;
  table_.abi_minor = OSTLER_ABI_MINOR;
  table_.ctx = this;
  table_.log = [](void* ctx, int32_t severity, ostler_str_t text) {
    static const char* const kNames[] = {"DEBUG ", "INFO ", "WARNING ", "ERROR "};
    auto* host = static_cast<FakeHost*>(ctx);
    const std::lock_guard lock(host->mutex_);
    host->logs_.push_back(kNames[severity] + std::string(text.data, text.size));
  };
  table_.post = [](void*, void (*)(void*), void*) -> ostler_status_t { return OSTLER_FAILED_PRECONDITION; };
  table_.service = [](void*, const char*) -> const void* { return nullptr; };
  table_.fatal = [](void* ctx, const ostler_error_t* error) {
    auto* host = static_cast<FakeHost*>(ctx);
    const std::lock_guard lock(host->mutex_);
    host->logs_.push_back(std::string("FATAL ") + error->message);
  };
}

std::vector<std::string> FakeHost::logs() const {
  const std::lock_guard lock(mutex_);
  return logs_;
}

std::string FakeHost::all_logs() const {
  std::string all;
  for (const std::string& line : logs()) all += line + "\n";
  return all;
}

PluginUnderTest::PluginUnderTest(const std::string& library, const std::string& config) {
  const std::string path = std::string(OSTLER_PLUGIN_DIR) + "/" + library + ".so";
  // Never closed: a plugin stays mapped until the process ends.
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) throw std::runtime_error(dlerror());
  const auto entry = reinterpret_cast<ostler_library_fn>(dlsym(handle, OSTLER_ENTRY_SYMBOL));
  if (entry == nullptr || entry()->plugin_count != 1) throw std::runtime_error(path + " is not one plugin");
  plugin_ = entry()->plugins[0];
  ErrorSlot error;
  created_ = error.status(
      plugin_->create(host_.table(), ostler_str_t{config.data(), config.size()}, &instance_, error.slot()));
}

PluginUnderTest::~PluginUnderTest() {
  stop();
  if (created_.ok()) plugin_->destroy(instance_);
}

Status PluginUnderTest::start(uint32_t timeout_ms) {
  ErrorSlot error;
  const Status status = error.status(plugin_->start(instance_, timeout_ms, error.slot()));
  started_ = status.ok();
  return status;
}

void PluginUnderTest::stop() {
  if (started_) plugin_->stop(instance_, 5000);
  started_ = false;
}

Collector::Collector() {
  sink_.ctx = this;
  sink_.write = [](void* ctx, const void* data, size_t size) {
    static_cast<Collector*>(ctx)->pieces_.emplace_back(static_cast<const char*>(data), size);
  };
}

std::string Collector::joined() const {
  std::string all;
  for (const std::string& piece : pieces_) all += piece;
  return all;
}

}  // namespace ostler::test
