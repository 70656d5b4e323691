// What the agents of a round have to give, flat: the input of every verdict.
//
// One pass over the offers adds up, for each agent and each pool that some
// requirement wants to take from (allocation role and pre-reserved role), the
// scalars, which of the wanted ports are there, and lists of disks. After that a
// verdict reads 72 bytes. All buffers are kept from round to round.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "interner.h"
#include "round.h"

namespace ostler::matcher {

inline constexpr uint32_t kNone = UINT32_MAX;

// What one agent offers of one pool. A list's head is the number of its first item.
struct Pool {
  int64_t cpus = 0, mem = 0, disk = 0, gpus = 0;  // thousandths
  uint64_t ports = 0;                             // bit i: the i-th wanted port is offered (of the first 64)
  uint32_t port_count = 0;
  uint32_t mounts = kNone;
  uint32_t ranges = kNone;
  uint32_t is_offered = 0;                                      // anything at all
  float per_cpus = 0, per_mem = 0, per_disk = 0, per_gpus = 0;  // 1 / amount: verdicts do not divide
};
static_assert(sizeof(Pool) == 72);

struct Mount {
  int64_t milli;
  std::string_view profile;
  uint32_t next;
};
struct PortRange {
  uint64_t first, last;
  uint32_t next;
};
struct Reserved {
  std::string_view id;
  uint32_t next;
};

class Agents {
 public:
  // Reads the whole round; everything points into it until the next call.
  void read(const Round& round);

  uint32_t count() const { return static_cast<uint32_t>(first_offer_.size()); }
  uint32_t of_offer(uint32_t offer) const { return agent_of_[offer]; }
  // True when every agent has one offer, in the same order: numbers are the same then.
  bool is_one_to_one() const { return agent_of_.size() == first_offer_.size(); }
  // The agent with that id, or kNone.
  uint32_t find(std::string_view agent_id) const;
  const ostler_offer_t& first_offer(const Round& round, uint32_t agent) const {
    return round.offer(first_offer_[agent]);
  }

  uint32_t pool_of(uint32_t requirement) const { return pool_of_[requirement]; }
  const Pool* pools(uint32_t pool) const { return pools_.data() + size_t{pool} * count(); }

  // Fixed ports that requirements name, ascending. Those after the first 64 have their
  // bits in more_ports().
  const std::vector<uint32_t>& wanted_ports() const { return wanted_ports_; }
  bool has_port(uint32_t pool, uint32_t agent, size_t wanted) const {
    if (wanted < 64) return (pools(pool)[agent].ports >> wanted & 1) != 0;
    const size_t at = (size_t{pool} * count() + agent) * more_words_ + (wanted - 64) / 64;
    return (more_ports_[at] >> (wanted % 64) & 1) != 0;
  }

  const Mount& mount(uint32_t number) const { return mounts_[number]; }
  const PortRange& range(uint32_t number) const { return ranges_[number]; }
  uint32_t reserved_of(uint32_t agent) const { return reserved_head_[agent]; }
  const Reserved& reserved(uint32_t number) const { return reserved_[number]; }

 private:
  struct Roles {
    std::string_view allocation;  // empty: any
    std::string_view reservation;
  };
  void read_requirements(const Round& round);
  void read_offer(const Round& round, const ostler_offer_t& offer, uint32_t agent);
  void add_ports(const Round& round, const ostler_resource_t& resource, uint32_t pool, uint32_t agent);
  // The pools that a resource of these roles belongs to, into matching_.
  void match_roles(std::string_view allocation, std::string_view reservation);

  Interner ids_;
  std::vector<uint32_t> agent_of_, first_offer_;

  std::vector<Roles> roles_;       // of the pools
  std::vector<uint32_t> pool_of_;  // of the requirements
  std::vector<uint32_t> wanted_ports_;
  bool wants_mounts_ = false, wants_ranges_ = false, wants_reserved_ = false;

  std::vector<Pool> pools_;  // [pool][agent]
  std::vector<uint64_t> more_ports_;
  size_t more_words_ = 0;
  std::vector<Mount> mounts_;
  std::vector<PortRange> ranges_;
  std::vector<Reserved> reserved_;
  std::vector<uint32_t> reserved_head_;

  Roles matched_{};  // the roles that matching_ is for
  bool has_matched_ = false;
  std::vector<uint32_t> matching_;
};

}  // namespace ostler::matcher
