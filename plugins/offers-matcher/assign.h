// Giving each need its own thing: dynamic ports and MOUNT disks.
//
// Both are the same question, a largest matching between a few needs and what could
// satisfy each. "First one that fits" would call some pods unplaceable that are not.
#pragma once

#include <cstdint>
#include <vector>

#include "agents.h"

namespace ostler::matcher {

class Assigner {
 public:
  // How many of the MOUNT volumes of `need` find a disk of their own in `pool`.
  uint32_t count_mounts(const Round& round, const Agents& agents, const ostler_requirement_t& need,
                        const Pool& pool);

  // How many of the dynamic ports of `need` find a port of their own in `pool`, beside
  // its fixed ones.
  uint32_t count_dynamic_ports(const Round& round, const Agents& agents, const ostler_requirement_t& need,
                               const Pool& pool);

 private:
  // The size of a largest matching; options_ holds what each need could take.
  uint32_t largest_matching(size_t needs);
  bool improve(uint32_t need);
  std::vector<uint64_t>& options_of(size_t need);

  std::vector<std::vector<uint64_t>> options_;        // [need], things by number
  std::vector<std::pair<uint64_t, uint32_t>> taken_;  // thing -> need
  std::vector<uint64_t> visited_;
  std::vector<uint64_t> fixed_;
};

}  // namespace ostler::matcher
