// The recordings of a real master, where they exist: in OSTLER_SHARED_DIR, the
// environment variable or the compiled-in folder.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ostler::cluster {

// Empty when there are no recordings here; the test should then skip.
inline std::vector<nlohmann::json> read_recording(const std::string& name) {
  const char* elsewhere = std::getenv("OSTLER_SHARED_DIR");
  const std::string folder = elsewhere != nullptr ? elsewhere : OSTLER_SHARED_DIR;
  std::ifstream file(folder + "/reference/mesos-wire/" + name + ".jsonl");
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

inline std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; !from.empty() && (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// What a document is made of, without its values: one "/a/b[]:string" per place.
inline void shape(const nlohmann::json& value, const std::string& path, std::set<std::string>& found) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) shape(inner, path + "/" + key, found);
  } else if (value.is_array()) {
    for (const auto& inner : value) shape(inner, path + "[]", found);
  } else {
    found.insert(path + ":" + (value.is_number() ? "number" : value.type_name()));
  }
}

}  // namespace ostler::cluster
