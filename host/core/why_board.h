// Remembers what each look at offers found, so that people can be told why a step
// waits.
//
// Fed by the offer cycle with the verdicts it has anyway: a handful of operations a
// pair. Offers come in parts and declined ones stay away for an hour, so the last
// verdict of each agent is kept, and the counts are over all agents that were seen.
// Text is only made for the one nearest agent, at most once a second a step.
#pragma once

#include <ostler/offers.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/agent_index.h"
#include "core/effect.h"
#include "core/why.h"
#include "mesos/offer_batch.h"

namespace ostler::core {

class WhyBoard {
 public:
  // --- the agents

  // A batch came: whatever is told about verdicts until the next call is about it.
  void offered(const mesos::OfferBatch& batch, Now now);
  // Offers of the batch that were declined, until then nothing comes from their agents.
  void declined(uint32_t offer, int64_t until_unix_ms);
  // A revive, or a new subscription: no decline holds any more.
  void revived();
  void agent_removed(const std::string& agent_id);

  // --- the steps

  // The verdicts on the whole batch for one step; `explain` is called for the offer that is
  // nearest to fitting, followed by the others of its agent, or not at all.
  void judged(const std::string& step_id, const std::string& pod, const ostler_verdict_t* row,
              const std::function<std::string(const std::vector<uint32_t>& offers)>& explain);
  void served(const std::string& step_id, const std::string& pod, uint32_t offer);
  // Nobody asks for that step any more.
  void forget(const std::string& step_id);

  // "0 of 7 agents fit zookeeper-2: 3 short of memory, 4 already run a zookeeper pod".
  // `unique_type` is the pod's type when its placement rule says no more than that an
  // agent takes one of them; else empty, and placement is told as such.
  std::string sentence(const std::string& step_id, const std::string& pod,
                       const std::string& unique_type) const;
  // Adds what is known of that step.
  void describe(const std::string& step_id, WhyStep& out) const;
  // The totals, the outcomes, and the agents that are silent since before `now` minus
  // ten minutes.
  void describe(WhyPicture& out, Now now) const;

  // When an agent was last offered, in wall-clock time; 0: never.
  int64_t last_offered(std::string_view agent_id) const;
  // Mesos removed it, or has not offered it for ten minutes, if ever.
  bool is_silent(std::string_view agent_id, Now now) const;
  size_t agents() const { return notes_.size(); }

 private:
  struct AgentNote {
    std::string id, hostname;
    int64_t offered_unix_ms = 0;
    int64_t declined_until_unix_ms = 0;
    bool is_gone = false;
  };
  struct Cell {
    float score = 0;
    uint16_t reasons = 0;
    bool is_known = false;
  };
  struct StepNote {
    std::vector<Cell> cells;  // by agent number; empty when there are too many steps
    WhyCounts counts{};
    uint32_t agents = 0, fitting = 0;
    int64_t looked_unix_ms = 0;
    int64_t explained_mono_ms = 0;
    std::optional<WhyStep::Nearest> nearest;
    std::deque<WhyBucket> minutes, hours;
  };
  std::optional<uint32_t> find(std::string_view agent_id) const;
  bool number_agents(const mesos::OfferBatch& batch, size_t most);
  void forget_everything();
  static void put(StepNote& note, Cell& cell, uint16_t reasons, double score);
  void count_pass(StepNote& note);
  void add_outcomes(const std::string& pod, const ostler_verdict_t* row);

  AgentIndex numbers_;  // of the notes, by agent id
  std::vector<AgentNote> notes_;
  std::vector<uint64_t> refusals_;  // by agent number: written for every pair, so close together
  std::unordered_map<std::string, StepNote> steps_;
  size_t cells_ = 0;

  const mesos::OfferBatch* batch_ = nullptr;
  Now now_;
  std::vector<uint32_t> agent_of_offer_;
  std::vector<uint32_t> histogram_;  // of one pass, by mask; made with the first
  std::vector<uint16_t> seen_masks_;
  uint32_t explanations_left_ = 0;

  uint64_t accepted_ = 0, rejected_ = 0;
  std::array<uint64_t, kWhyReasons> failures_{};
  std::deque<WhyOutcome> outcomes_;
};

}  // namespace ostler::core
