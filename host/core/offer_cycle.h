// One look at a batch of offers: which candidate gets which agent, what is given
// back, and what is declined. Decides only; the engine records and sends.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/claim.h"
#include "core/departures.h"
#include "core/plan.h"
#include "core/ports.h"
#include "core/round.h"
#include "core/task_table.h"
#include "core/why_board.h"
#include "mesos/offer_batch.h"

namespace ostler::core {

struct Candidate {
  Step* step = nullptr;
  LaunchRequest request;
};

using PodSet = std::set<PodKey, PodOrder>;

struct CycleResult {
  struct Accept {
    std::string agent_id, role;  // of all its offers
    std::vector<std::string> offer_ids;
    std::vector<mesos::Operation> operations;
    size_t launches = 0;  // claims on this agent and role
  };
  std::vector<Accept> accepts;                           // one an agent and role
  std::vector<std::pair<size_t, Claim>> claims;          // by candidate
  std::vector<std::pair<size_t, std::string>> unserved;  // by candidate: why, in one sentence
  std::vector<uint32_t> decline_long, decline_short;     // numbers of offers
};

class OfferCycle {
 public:
  // `why` is told every verdict; all must outlive the cycle.
  OfferCycle(const ClaimContext& context, Judge& judge, PlacementRules& rules, const TaskTable& tasks,
             const Departures& departures, std::string local_region, WhyBoard& why)
      : context_(context),
        judge_(judge),
        rules_(rules),
        tasks_(tasks),
        departures_(departures),
        local_region_(std::move(local_region)),
        why_(why) {}

  // Serves the candidates in order. What the `busy` pods hold is wanted in a moment, though
  // they may be no candidates yet. The error is the judge's: nothing was decided then.
  Result<CycleResult> run(const mesos::OfferBatch& batch, const std::vector<Candidate>& candidates,
                          const PodSet& busy, Now now);

 private:
  bool is_held_by(std::string_view resource_id, const PodSet& busy) const;

  const ClaimContext& context_;
  Judge& judge_;
  PlacementRules& rules_;
  const TaskTable& tasks_;
  const Departures& departures_;
  std::string local_region_;
  WhyBoard& why_;
};

}  // namespace ostler::core
