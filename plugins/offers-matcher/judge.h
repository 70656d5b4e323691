// Verdicts: every requirement against every agent, all reasons in one pass.
#pragma once

#include <ostler/offers.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agents.h"
#include "assign.h"
#include "placement.h"
#include "rule.h"

namespace ostler::matcher {

// Keeps compiled rules and buffers. Not thread-safe: one round at a time.
class Judge {
 public:
  // Throws RuleError. Handles count up and are never used twice.
  uint64_t compile(std::string_view rule_json);
  void release(uint64_t handle);

  // Throws BadRound.
  void evaluate(const ostler_round_t& round, const ostler_out_array_t& verdicts);
  // The JSON array described in ostler/offers.h. Throws BadRound.
  std::string explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer);

 private:
  // What a requirement asks of every agent, made ready for the loop.
  struct Need {
    const ostler_requirement_t* requirement;
    int64_t cpus, mem, disk, gpus;
    double per_cpus, per_mem, per_disk, per_gpus;      // 1 / need, or 0
    double used_cpus, used_mem, used_disk, used_gpus;  // need / kinds, for the score
    int kinds;                                         // how many of the four are needed
    uint64_t ports = 0;                                // bits of the first 64 wanted ports
    uint32_t fixed_ports = 0, dynamic_ports = 0, mounts = 0;
    bool has_more_ports = false;   // fixed ones beyond the first 64
    bool has_port_ranges = false;  // dynamic ones with ranges
    bool takes_anything = false;
    double per_port = 0, per_mount = 0;
    uint32_t pool = 0;
    bool is_bound = false;
    uint32_t bound_to = kNone;
    const uint8_t* allowed = nullptr;  // by placement; null: all
    bool has_bad_rule = false;
  };
  Need read(const Round& round, uint32_t requirement);
  ostler_verdict_t judge(const Round& round, const Need& need, uint32_t agent);
  uint32_t missing_ports(const Round& round, const Need& need, uint32_t agent, const Pool& pool);
  uint32_t missing_reserved(const Round& round, const ostler_requirement_t& need, uint32_t agent) const;
  std::string ports_text(const Round& round, const Need& need, const Pool& pool) const;
  std::string mounts_text(const Round& round, const Need& need, const Pool& pool, uint32_t found) const;

  std::map<uint64_t, Rule> rules_;
  uint64_t last_handle_ = 0;
  Agents agents_;
  Placement placement_;
  Assigner assigner_;
  std::vector<ostler_verdict_t> of_agents_;
};

}  // namespace ostler::matcher
