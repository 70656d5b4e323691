// Reads a plugin's config and reports every problem of it at once.
//
// The host hands the manifest's node over as JSON text. Each getter names the key it
// knows; finish() then throws INVALID_ARGUMENT when anything was missing, of another
// type, out of range or unknown, with a JSON pointer to the first problem. No message
// quotes a value, since a config may hold a password.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::support {

class Config {
 public:
  // Throws INVALID_ARGUMENT when `json` is no JSON object.
  explicit Config(std::string_view json);
  Config(Config&&) noexcept;
  ~Config();

  // A non-empty string; a problem when it is missing and there is no fallback.
  std::string text(std::string_view key, std::optional<std::string> fallback = std::nullopt);

  // A whole number between `least` and `most`.
  int64_t whole(std::string_view key, int64_t fallback, int64_t least, int64_t most);

  // One string, or a non-empty list of strings; `is_list` tells which it was. A problem
  // when it is missing, unless it is optional.
  std::vector<std::string> texts(std::string_view key, bool& is_list, bool is_optional = false);

  // A nested object, or nothing. It must be gone before this object's finish(), which
  // reports its problems too.
  std::optional<Config> section(std::string_view key);

  // Adds a problem of the caller's: at "/servers/0", "expected ...".
  void problem(std::string_view key, const std::string& text);

  // Throws when there was any problem, or a key that nobody asked for.
  void finish();

 private:
  struct State;
  explicit Config(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ostler::support
