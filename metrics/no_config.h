// For exporters that have nothing to configure: `{}` is all they take.
#pragma once

#include <nlohmann/json.hpp>
#include <ostler/plugin.hpp>
#include <string>
#include <string_view>

namespace ostler::metrics {

// Throws plugin::Error for anything but an empty JSON object.
inline void require_empty(std::string_view config) {
  const auto json = nlohmann::json::parse(config, nullptr, false);
  if (!json.is_object())
    throw plugin::Error(OSTLER_INVALID_ARGUMENT, "the configuration is not a JSON object");
  std::string keys;
  for (const auto& [key, value] : json.items()) keys += (keys.empty() ? "'" : ", '") + key + "'";
  if (json.empty()) return;
  throw plugin::Error(OSTLER_INVALID_ARGUMENT,
                      "unknown configuration key " + keys + "; this exporter has none",
                      "/" + json.begin().key());
}

inline constexpr char kNoConfigSchema[] = R"({"type": "object", "additionalProperties": false})";

}  // namespace ostler::metrics
