// Sets the steps of a preview against the offers that were seen last.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "core/agent_pool.h"
#include "core/claim.h"
#include "core/preview.h"
#include "core/round.h"

namespace ostler::core {

class PreviewOffers {
 public:
  // All must outlive this.
  PreviewOffers(const PreviewInput& input, const TaskTable& tasks, const spec::ServiceSpec& target,
                IdSource& ids)
      : input_(input), tasks_(tasks), target_(target), ids_(ids), rules_(input.judge) {}

  // Fills `step.fits` and `step.offers`; `place` is where a new pod would go. What it takes
  // there is gone for the steps after it.
  void compare(const LaunchRequest& request, PreviewStep& step, std::optional<Place>& place);

 private:
  void compare_new(const LaunchRequest& request, uint64_t rule, PreviewStep& step,
                   std::optional<Place>& place);
  void compare_growth(const LaunchRequest& request, PreviewStep& step);
  // What the agent offered to that role; nullptr: nothing.
  AgentPool* pool(const KnownOffers::Kept& kept, const std::string& agent_id, const std::string& role);

  const PreviewInput& input_;
  const TaskTable& tasks_;
  const spec::ServiceSpec& target_;
  IdSource& ids_;
  PlacementRules rules_;
  std::map<std::tuple<const KnownOffers::Kept*, std::string, std::string>, std::unique_ptr<AgentPool>> pools_;
};

// "no offer is known: ...", or of how many agents, and how old.
std::string describe_known(const KnownOffers& offers, Now now);

}  // namespace ostler::core
