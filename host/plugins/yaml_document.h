// One text that is one YAML document, as JSON with the place of every value.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "plugins/yaml_json.h"

namespace ostler::plugins {

struct YamlDocument {
  bool is_readable = false;  // it is UTF-8, YAML, and one document; what it holds may still be wrong
  nlohmann::json value;      // null for an empty text
  Positions positions;
  std::vector<YamlProblem> problems;
};

// Never throws; bounds nothing, so the caller limits the size of `text`.
YamlDocument read_yaml_document(std::string_view text);

}  // namespace ostler::plugins
