// Why a step waits, as values for the snapshot: what the looks at offers found, and
// what stands in the way above placement.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::core {

// The reasons of ostler/offers.h in the order they are told, and one for all that
// plugins add of their own.
inline constexpr size_t kWhyReasons = 13;
using WhyCounts = std::array<uint32_t, kWhyReasons>;

// Its bits among OSTLER_REASON_*.
uint64_t why_reason_bits(size_t reason);
// "MEM", as in explain() of ostler/offers.h; and "short of memory".
std::string_view why_reason_name(size_t reason);
std::string_view why_reason_text(size_t reason);

// How it stood at the end of a minute, or of an hour, in which offers were looked at.
struct WhyBucket {
  int64_t from_unix_ms = 0;
  uint32_t agents = 0;   // judged so far
  uint32_t fitting = 0;  // of those, at the time
  WhyCounts counts{};    // by reason; an agent counts for each of its reasons
};

struct WhyStep {
  std::string plan, phase, step, pod, status;
  std::string sentence;               // the whole story in one
  std::vector<std::string> blockers;  // what must end first, before any agent can fit
  // Agents as they were last seen, and how many lack what. Zero agents: none was offered.
  uint32_t agents = 0, fitting = 0;
  WhyCounts counts{};
  int64_t looked_unix_ms = 0;  // the last look; 0: never
  struct Nearest {
    std::string agent_id, hostname;
    std::string reasons_json;  // explain() of ostler/offers.h
    int64_t at_unix_ms = 0;
  };
  std::optional<Nearest> nearest;
  std::vector<WhyBucket> minutes, hours;  // oldest first
};

// An agent that holds something of ours, or was offered once, and has not been offered
// for ten minutes, though no decline of ours keeps it away.
struct WhySilentAgent {
  std::string agent_id, hostname;
  int64_t offered_unix_ms = 0;    // last; 0: not since this process began
  std::vector<std::string> pods;  // that hold something there
};

// One look of one step at one agent, for /v2/debug/offers.
struct WhyOutcome {
  int64_t unix_ms = 0;
  std::string pod, offer_id, agent_id, hostname;
  bool passed = false;
  std::string explanation;
};

struct WhyPicture {
  std::vector<WhyStep> steps;                       // that are not complete, in the coordinator's order
  std::vector<WhySilentAgent> silent_agents;        // at most 100, and those that hold something
  uint32_t declined_agents = 0;                     // that our own declines keep away now
  uint64_t accepted = 0, rejected = 0;              // pairs of a step and an agent
  std::array<uint64_t, kWhyReasons> failures{};     // by reason
  std::map<std::string, uint64_t> rejected_agents;  // by host name: the 100 with the most
  std::vector<WhyOutcome> outcomes;                 // the last ones, oldest first
};

}  // namespace ostler::core
