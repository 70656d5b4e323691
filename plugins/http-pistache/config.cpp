#include "config.h"

#include <arpa/inet.h>

#include <nlohmann/json.hpp>
#include <ostler/plugin.hpp>

namespace ostler::http {
namespace {

using nlohmann::json;

struct Number {
  const char* key;
  uint32_t least;
  uint32_t most;
  uint32_t Config::*field;
};

// The upper bounds keep one manifest line from using up the machine.
const Number kNumbers[] = {
    {"threads", 1, 64, &Config::threads},
    {"max_request_bytes", 1024, 4 * 1024 * 1024, &Config::max_request_bytes},
    {"max_connections", 1, 100'000, &Config::max_connections},
    {"request_timeout_ms", 100, 600'000, &Config::request_timeout_ms},
    {"idle_timeout_ms", 100, 3'600'000, &Config::idle_timeout_ms},
    {"write_timeout_ms", 100, 600'000, &Config::write_timeout_ms},
};

[[noreturn]] void refuse(const std::string& key, const std::string& message) {
  throw plugin::Error(OSTLER_INVALID_ARGUMENT, message, key.empty() ? "" : "/" + key);
}

uint32_t read_number(const std::string& key, const json& value, uint32_t least, uint32_t most) {
  const bool is_in_range = value.is_number_integer() && value >= least && value <= most;
  if (!is_in_range) {
    refuse(key, "'" + key + "' is " + value.dump() + ", expected a whole number from " +
                    std::to_string(least) + " to " + std::to_string(most));
  }
  return value.get<uint32_t>();
}

std::string read_address(const json& value) {
  unsigned char parsed[sizeof(in6_addr)];
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (inet_pton(AF_INET, text.c_str(), parsed) != 1 && inet_pton(AF_INET6, text.c_str(), parsed) != 1) {
    refuse("address",
           "'address' is " + value.dump() + ", expected a numeric address such as \"0.0.0.0\" or \"::1\"");
  }
  return text;
}

}  // namespace

const char kConfigSchema[] = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "port": {"type": "integer", "minimum": 0, "maximum": 65535, "default": 0},
    "address": {"type": "string", "default": "0.0.0.0"},
    "threads": {"type": "integer", "minimum": 1, "maximum": 64, "default": 2},
    "max_request_bytes": {"type": "integer", "minimum": 1024, "maximum": 4194304, "default": 1048576},
    "max_connections": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 512},
    "request_timeout_ms": {"type": "integer", "minimum": 100, "maximum": 600000, "default": 10000},
    "idle_timeout_ms": {"type": "integer", "minimum": 100, "maximum": 3600000, "default": 60000},
    "write_timeout_ms": {"type": "integer", "minimum": 100, "maximum": 600000, "default": 10000}
  }
})";

Config Config::parse(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) refuse("", "the configuration is not a JSON object");
  Config config;
  std::string unknown, first_unknown;
  for (const auto& [key, value] : object.items()) {
    if (key == "port") {
      config.port = static_cast<uint16_t>(read_number(key, value, 0, 65535));
      continue;
    }
    if (key == "address") {
      config.address = read_address(value);
      continue;
    }
    const Number* known = nullptr;
    for (const Number& number : kNumbers) known = key == number.key ? &number : known;
    if (known != nullptr) {
      config.*known->field = read_number(key, value, known->least, known->most);
    } else {
      if (unknown.empty()) first_unknown = key;
      unknown += (unknown.empty() ? "'" : ", '") + key + "'";
    }
  }
  if (!unknown.empty()) {
    refuse(first_unknown, "unknown configuration key " + unknown +
                              "; known are port, address, threads, max_request_bytes, max_connections, "
                              "request_timeout_ms, idle_timeout_ms and write_timeout_ms");
  }
  return config;
}

}  // namespace ostler::http
