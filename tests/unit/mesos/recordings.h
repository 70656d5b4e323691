// The recordings of a real Mesos master, for tests that compare with it.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ostler::mesos::testing {

// One line of a recording: {"kind": "request" | "response" | "event" ..., ...}.
inline std::vector<nlohmann::json> recording(const std::string& name) {
  std::vector<nlohmann::json> lines;
  std::ifstream file(std::string(OSTLER_SHARED_DIR) + "/reference/mesos-wire/" + name + ".jsonl");
  for (std::string line; std::getline(file, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

inline std::vector<nlohmann::json> all_recordings() {
  std::vector<nlohmann::json> all;
  for (const char* name : {"lifecycle", "errors", "subscribe_ids", "ops", "opfeedback", "multirole",
                           "filters", "agentloss", "agentloss_replicated_log", "agentrestart"}) {
    for (nlohmann::json& line : recording(name)) all.push_back(std::move(line));
  }
  return all;
}

}  // namespace ostler::mesos::testing

// Leaves a test where the recordings are not at hand.
#define OSTLER_NEED_RECORDINGS(lines) \
  if ((lines).empty()) GTEST_SKIP() << "no recordings in " OSTLER_SHARED_DIR
