// Builds what the judge sees: the offers of a batch, the requirements and the placed
// pods, as the flat arrays of ostler/offers.h. Owns every text it makes up itself.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/claim.h"
#include "core/ports.h"
#include "core/task_table.h"
#include "mesos/offer_batch.h"

namespace ostler::core {

// Compiled placement rules, kept between rounds. The judge must outlive it.
class PlacementRules {
 public:
  explicit PlacementRules(Judge& judge) : judge_(judge) {}
  ~PlacementRules();
  PlacementRules(const PlacementRules&) = delete;
  PlacementRules& operator=(const PlacementRules&) = delete;
  // Whether a region is part of the pod's rule though its placement names none.
  static bool adds_region(const Settings& settings, const spec::PodSpec& pod);

  // 0: no rule. The error is for people.
  Result<uint64_t> handle(const Settings& settings, const spec::ServiceSpec& service,
                          const spec::PodSpec& pod);
  // By pod type: why its placement cannot be compiled.
  std::map<std::string, std::string> refusals(const Settings& settings, const spec::ServiceSpec& service);

 private:
  struct Known {
    std::vector<std::vector<std::string>> placement;
    bool is_local;  // the region is the one Mesos runs in, or the service's
    std::string region;
    uint64_t handle;
  };
  Judge& judge_;
  std::vector<Known> known_;  // few: one a pod type, as a rule
};

class Round {
 public:
  Round(const mesos::OfferBatch& batch, const TaskTable& tasks, std::string local_region);

  // Adds a requirement; `rule` comes from PlacementRules.
  void add(const Settings& settings, const LaunchRequest& request, uint64_t rule, const std::string& role);
  // A pod that was given a place in this round counts for the ones after it.
  void place(const LaunchRequest& request, const Place& place);

  // The whole round, or requirement `r` alone. Valid until the next add() or place().
  ostler_round_t view() const;
  ostler_round_t view(uint32_t r) const;
  uint32_t size() const { return static_cast<uint32_t>(requirements_.size()); }

 private:
  ostler_str_t keep(std::string text);
  // Where the pod of these tasks counts, if it does.
  void add_placed(const PodKey& key, const std::vector<const TaskTable::Entry*>& tasks);

  const mesos::OfferBatch& batch_;
  std::string local_region_;
  std::deque<std::string> texts_;
  std::vector<ostler_requirement_t> requirements_;
  std::vector<ostler_port_need_t> ports_;
  std::vector<ostler_range_t> need_ranges_;
  std::vector<ostler_volume_need_t> volumes_;
  std::vector<ostler_str_t> names_;  // the batch's executor ids first
  std::vector<ostler_placed_t> placed_;
  std::vector<ostler_attribute_t> attributes_;  // the batch's first
};

}  // namespace ostler::core
