// The secrets plugin, and a secret that leaves nothing behind.
#pragma once

#include <ostler/secrets.h>

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/instance.h"

namespace ostler::plugins {

// The bytes of a secret: moved, never copied, and wiped when they are dropped.
class SecretBytes {
 public:
  SecretBytes() = default;
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes();

  std::string_view view() const { return {data_.data(), data_.size()}; }
  // Wipes the old buffer when it has to grow.
  void append(std::string_view more);
  void wipe();

 private:
  std::vector<char> data_;
};

struct Secret {
  SecretBytes value;
  int64_t expires_ms = 0;  // Unix time to ask again by; 0: never
};

// [any-thread]; calls wait for each other, because the ABI allows one at a time.
class SecretsPlugin {
 public:
  // `owner` is the service's path ("/team/zookeeper").
  SecretsPlugin(Instance& instance, std::string owner);

  // A message never holds any part of the value.
  Result<Secret> resolve(std::string_view reference, std::chrono::milliseconds timeout);

 private:
  Instance& instance_;
  const std::string owner_;
  std::mutex mutex_;
};

}  // namespace ostler::plugins
