// The offers that were seen last, kept after they were declined.
//
// Offers are never held: what is here is what agents had to give a while ago, good for
// telling people whether a change would fit, never for a launch. Batches are moved in,
// so the offer cycle pays nothing for it.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>

#include "core/effect.h"
#include "mesos/offer_batch.h"

namespace ostler::core {

class KnownOffers {
 public:
  struct Kept {
    mesos::OfferBatch batch;
    std::set<std::string, std::less<>> stale_agents;  // of which the offers were used, or that are gone
    int64_t mono_ms = 0;
  };

  // `used` are the agents of which something was accepted.
  void keep(mesos::OfferBatch&& batch, std::set<std::string, std::less<>> used, Now now);
  void forget_agent(const std::string& agent_id);
  void forget_all() { kept_.clear(), offers_ = 0; }

  // The newest first.
  const std::deque<Kept>& batches() const { return kept_; }

 private:
  static constexpr size_t kMostOffers = 10000;  // some 20 MB of JSON at most
  static constexpr size_t kMostBatches = 32;

  std::deque<Kept> kept_;
  size_t offers_ = 0;
};

}  // namespace ostler::core
