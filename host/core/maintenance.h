// Agents that are to go away for maintenance: nothing new is placed there.
//
// The SDK looks at none of it and deploys onto an agent that is drained minutes later. A
// pod that has its resources on such an agent is still launched there: it has nowhere
// else to go, and moving it is an operator's decision (`pod replace`).
#pragma once

#include <ostler/offers.h>

#include <optional>
#include <string>
#include <vector>

#include "core/effect.h"
#include "mesos/offer_batch.h"

namespace ostler::core {

// A reason of the host's own; the bits below 32 are not the plugins'.
inline constexpr uint64_t kMaintenanceReason = uint64_t{1} << 31;

class Maintenance {
 public:
  // An agent counts from an hour before its maintenance until its end.
  static constexpr int64_t kSoonMs = 3'600'000;
  // How long such an agent's offers are declined for at most.
  static constexpr double kLookAgainS = 300;

  // The batch must outlive this.
  Maintenance(const mesos::OfferBatch& batch, Now now);

  // Adds the reason to the verdicts on these agents, for a pod that is placed anew.
  void refuse(std::vector<ostler_verdict_t>& row) const { refuse(row.data()); }
  void refuse(ostler_verdict_t* row) const;
  // What explain() (ostler/offers.h) said about an offer, and this reason if it has it.
  std::string explain(uint32_t offer, std::string reasons_json) const;
  // When the agent of that offer can be used again; nothing where no maintenance counts.
  std::optional<int64_t> ends_in_ms(uint32_t offer) const;

 private:
  struct Closed {
    uint32_t offer;
    int64_t begins_in_ms, ends_in_ms;
  };
  const Closed* find(uint32_t offer) const;

  std::vector<Closed> closed_;  // every offer of these agents, in their order
};

}  // namespace ostler::core
