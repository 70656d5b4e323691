// YAML to JSON, exactly: what a plugin's `config:` becomes.
//
// Plain scalars follow the YAML 1.2 core schema (so `yes` is text and 010 is ten);
// quoted ones are text. JSON cannot hold everything that YAML can: infinities,
// several documents, merge keys, foreign tags and duplicate keys are refused, each
// with its place. Every value's place is kept by JSON pointer, so that a plugin's
// complaint about "/servers/1" can be shown as plugins.yaml:10:28.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace YAML {
class Node;
}

namespace ostler::plugins {

// Counted from 1; line 0: unknown.
struct Position {
  int line = 0;
  int column = 0;
};

using Positions = std::map<std::string, Position, std::less<>>;  // by JSON pointer

// One thing that is wrong in a YAML text.
struct YamlProblem {
  Position at;
  std::string message;
};

Position position_of(const YAML::Node& node);

// The place of `pointer`, or of the nearest value above it. Text that is no pointer
// gives the place of the whole.
Position find_position(const Positions& positions, std::string_view pointer);

// Converts `node`, adding places and problems. What cannot be converted is null.
nlohmann::json yaml_to_json(const YAML::Node& node, Positions& positions, std::vector<YamlProblem>& problems);

}  // namespace ostler::plugins
