// /v1/why and /v2/debug/offers: why what waits, waits.
#include <algorithm>

#include "api/json.h"
#include "api/resources.h"
#include "base/utc.h"

namespace ostler::api {
namespace {

using core::kWhyReasons;

// Null where there is no such time.
Json time_json(int64_t unix_ms) { return unix_ms == 0 ? Json() : Json(utc_text(unix_ms)); }

template <typename Counts>
Json counts_json(const Counts& counts) {
  Json out = Json::object();
  for (size_t i = 0; i < kWhyReasons; ++i) {
    if (counts[i] > 0) out[std::string(core::why_reason_name(i))] = counts[i];
  }
  return out;
}

Json history_json(const std::vector<core::WhyBucket>& buckets) {
  Json out = Json::array();
  for (const core::WhyBucket& bucket : buckets) {
    out.push_back({{"from", utc_text(bucket.from_unix_ms)},
                   {"agents", bucket.agents},
                   {"fitting", bucket.fitting},
                   {"reasons", counts_json(bucket.counts)}});
  }
  return out;
}

Json step_json(const core::WhyStep& step) {
  Json funnel = Json::array();
  for (size_t i = 0; i < kWhyReasons; ++i) {
    if (step.counts[i] == 0) continue;
    funnel.push_back(
        {{"reason", core::why_reason_name(i)},
         {"agents", step.counts[i]},
         {"text", std::to_string(step.counts[i]) + " " + std::string(core::why_reason_text(i))}});
  }
  Json nearest;
  if (step.nearest) {
    nearest = {{"agent_id", step.nearest->agent_id},
               {"hostname", step.nearest->hostname},
               {"at", utc_text(step.nearest->at_unix_ms)},
               {"reasons", parse_or_null(step.nearest->reasons_json)}};
  }
  return {{"plan", step.plan},
          {"phase", step.phase},
          {"step", step.step},
          {"pod", step.pod},
          {"status", step.status},
          {"sentence", step.sentence},
          {"blockers", step.blockers},
          {"agents", step.agents},
          {"fitting", step.fitting},
          {"looked_at", time_json(step.looked_unix_ms)},
          {"funnel", std::move(funnel)},
          {"nearest", std::move(nearest)},
          {"history", {{"minutes", history_json(step.minutes)}, {"hours", history_json(step.hours)}}}};
}

bool is_known_pod(const Snapshot& snapshot, std::string_view pod) {
  for (const core::PodInstanceView& view : snapshot.pods) {
    if (view.name == pod) return true;
  }
  return false;
}

Response why_of(const Snapshot& snapshot, std::string_view pod) {
  const core::WhyPicture nothing;
  const core::WhyPicture& why = snapshot.why ? *snapshot.why : nothing;
  Json steps = Json::array();
  for (const core::WhyStep& step : why.steps) {
    if (pod.empty() || step.pod == pod) steps.push_back(step_json(step));
  }
  if (!pod.empty() && steps.empty() && !is_known_pod(snapshot, pod)) return not_found("Pod", pod);
  Json silent = Json::array();
  for (const core::WhySilentAgent& agent : why.silent_agents) {
    const bool holds_it = std::find(agent.pods.begin(), agent.pods.end(), pod) != agent.pods.end();
    // One that holds nothing of the service could be where a pod that waits would fit.
    const bool might_fit = agent.pods.empty() && !steps.empty();
    if (!pod.empty() && !holds_it && !might_fit) continue;
    silent.push_back({{"agent_id", agent.agent_id},
                      {"hostname", agent.hostname},
                      {"last_offered", time_json(agent.offered_unix_ms)},
                      {"pods", agent.pods}});
  }
  return json_response({{"service", snapshot.service_name},
                        {"steps", std::move(steps)},
                        {"silent_agents", std::move(silent)},
                        {"declined_agents", why.declined_agents}});
}

}  // namespace

Response why_all(const Snapshot& snapshot) { return why_of(snapshot, {}); }

Response why_pod(const Snapshot& snapshot, std::string_view pod) { return why_of(snapshot, pod); }

Response debug_offers(const Snapshot& snapshot) {
  const core::WhyPicture nothing;
  const core::WhyPicture& why = snapshot.why ? *snapshot.why : nothing;
  Json offers = Json::array();
  for (auto outcome = why.outcomes.rbegin(); outcome != why.outcomes.rend(); ++outcome) {
    offers.push_back(
        {{"timestamp", outcome->unix_ms},
         {"pod-instance-name", outcome->pod},
         {"outcome", outcome->passed ? "pass" : "fail"},
         {"explanation", outcome->explanation},
         {"offer",
          {{"id", outcome->offer_id}, {"agent_id", outcome->agent_id}, {"hostname", outcome->hostname}}}});
  }
  Json agents = Json::object();
  for (const auto& [hostname, count] : why.rejected_agents) agents[hostname] = count;
  return json_response({{"acceptedCount", why.accepted},
                        {"rejectedCount", why.rejected},
                        {"failureReasons", counts_json(why.failures)},
                        {"rejectedAgents", std::move(agents)},
                        {"offers", std::move(offers)}});
}

}  // namespace ostler::api
