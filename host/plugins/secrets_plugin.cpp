#include "plugins/secrets_plugin.h"

#include <strings.h>

#include <cstring>

#include "plugins/sinks.h"

namespace ostler::plugins {
namespace {

constexpr size_t kMaxSecret = 1 << 20;  // DC/OS' own limit

struct SecretSink {
  SecretBytes* value;
  bool is_over = false;
};

}  // namespace

SecretBytes::SecretBytes(SecretBytes&& other) noexcept : data_(std::move(other.data_)) {
  other.data_.clear();
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  data_ = std::move(other.data_);
  other.data_.clear();
  return *this;
}

SecretBytes::~SecretBytes() { wipe(); }

void SecretBytes::append(std::string_view more) {
  if (data_.size() + more.size() > data_.capacity()) {
    std::vector<char> larger;
    larger.reserve((data_.size() + more.size()) * 2);
    larger.assign(data_.begin(), data_.end());
    wipe();
    data_ = std::move(larger);
  }
  data_.insert(data_.end(), more.begin(), more.end());
}

void SecretBytes::wipe() {
  if (!data_.empty()) ::explicit_bzero(data_.data(), data_.size());
  data_.clear();
}

SecretsPlugin::SecretsPlugin(Instance& instance, std::string owner)
    : instance_(instance), owner_(std::move(owner)) {}

Result<Secret> SecretsPlugin::resolve(std::string_view reference, std::chrono::milliseconds timeout) {
  const std::lock_guard lock(mutex_);
  Secret secret;
  SecretSink target{&secret.value};
  const ostler_sink_t sink = {&target, [](void* ctx, const void* data, size_t size) {
                                auto& to = *static_cast<SecretSink*>(ctx);
                                if (size > kMaxSecret - to.value->view().size()) to.is_over = true;
                                if (to.is_over) return;
                                try {
                                  to.value->append({static_cast<const char*>(data), size});
                                } catch (...) {
                                  to.is_over = true;
                                }
                              }};
  ostler_secret_info_t info{};
  info.struct_size = sizeof info;
  const Result<void> done = instance_.call("resolve", timeout, [&](ostler_error_t* error) {
    return instance_.table<ostler_secrets_t>().resolve(instance_.self(), str(reference), str(owner_),
                                                       static_cast<uint32_t>(timeout.count()), &sink, &info,
                                                       error);
  });
  if (!done.ok()) return done.error();
  if (target.is_over) {
    return Error{
        Code::kResourceExhausted,
        "plugin '" + instance_.name() + "': the secret '" + std::string(reference) + "' is larger than 1 MiB",
        {}};
  }
  secret.expires_ms = info.expires_ms;
  return secret;
}

}  // namespace ostler::plugins
