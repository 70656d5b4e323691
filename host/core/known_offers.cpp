#include "core/known_offers.h"

#include <utility>

namespace ostler::core {

void KnownOffers::keep(mesos::OfferBatch&& batch, std::set<std::string, std::less<>> used, Now now) {
  offers_ += batch.size();
  kept_.push_front({std::move(batch), std::move(used), now.mono_ms});
  while (kept_.size() > kMostBatches || (offers_ > kMostOffers && kept_.size() > 1)) {
    offers_ -= kept_.back().batch.size();
    kept_.pop_back();
  }
}

void KnownOffers::forget_agent(const std::string& agent_id) {
  for (Kept& one : kept_) one.stale_agents.insert(agent_id);
}

}  // namespace ostler::core
