// Identifiers, handed to whoever needs one so that tests can repeat them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace ostler {

// Where random identifiers come from. Not thread-safe; one owner.
class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual uint64_t next_u64() = 0;

  // A version 4 UUID in lower case.
  std::string uuid();
};

// From the operating system's random numbers.
class RandomIds final : public IdSource {
 public:
  uint64_t next_u64() override;

 private:
  std::random_device device_;
};

// The same identifiers for the same seed.
class SeededIds final : public IdSource {
 public:
  explicit SeededIds(uint64_t seed) : generator_(seed) {}
  uint64_t next_u64() override { return generator_(); }

 private:
  std::mt19937_64 generator_;
};

// True for text of the form 8-4-4-4-12 in hexadecimal digits.
bool is_uuid(std::string_view text);

}  // namespace ostler
