#include "core/why_builder.h"

#include <algorithm>

#include "base/utc.h"
#include "core/names.h"

namespace ostler::core {
namespace {

constexpr int64_t kSilentAgentMs = 10 * 60'000;

// What the tasks of one pod instance say about where it must run.
struct Binding {
  std::string agent_id, hostname;
  bool has_volume = false;
  int64_t unreachable_unix_ms = 0;  // 0: it is not
  std::string refusal;
};

Binding binding_of(const TaskTable& tasks, const std::string& pod) {
  Binding out;
  const size_t dash = pod.rfind('-');
  if (dash == std::string::npos) return out;
  const int32_t index = std::atoi(pod.c_str() + dash + 1);
  for (const TaskTable::Entry* entry : tasks.of_pod(std::string_view(pod).substr(0, dash), index)) {
    const Task& task = entry->second;
    if (task.launch == nullptr || task.launch->permanently_failed) continue;
    if (!task.refusal.empty()) out.refusal = task.refusal;
    if (!task.launch->is_confirmed() && !task.live()) continue;
    out.agent_id = task.launch->task->agent_id;
    out.hostname = task.launch->hostname;
    for (const Holding& holding : task.launch->holdings)
      out.has_volume |= holding.resource.disk && !holding.resource.disk->persistence_id.empty();
    if (task.launched() && task.state() == mesos::TaskState::kUnreachable)
      out.unreachable_unix_ms = task.since_unix_ms;
  }
  return out;
}

std::vector<std::string> blockers_of(const WhyInput& input, const WhyStep& step,
                                     std::vector<std::string> out) {
  if (!input.subscribed) out.push_back("the scheduler is not subscribed to Mesos, so nothing is offered");
  if (input.unreconciled > 0) {
    out.push_back("Mesos has not said yet how " + std::to_string(input.unreconciled) +
                  (input.unreconciled == 1 ? " task stands" : " tasks stand") +
                  "; offers are declined until then");
  }
  if (input.suppressed) out.push_back("offers are suppressed, because nothing could be done with them");
  const bool wants_offers = step.status == "PENDING" || step.status == "PREPARED";
  if (wants_offers && !input.revive_wait.empty()) out.push_back(input.revive_wait);
  const Binding bound = binding_of(input.tasks, step.pod);
  const std::string holds = bound.has_volume ? "its volume" : "its reserved resources";
  if (bound.unreachable_unix_ms != 0) {
    out.push_back("agent " + bound.hostname + ", which holds " + holds + ", is unreachable since " +
                  utc_text(bound.unreachable_unix_ms) + "; `pod replace " + step.pod +
                  "` gives it up and starts anew elsewhere");
  } else if (!bound.agent_id.empty() && wants_offers) {
    const int64_t offered = input.board.last_offered(bound.agent_id);
    if (input.now.unix_ms - offered >= kSilentAgentMs) {
      out.push_back("agent " + bound.hostname + ", which holds " + holds + ", was " +
                    (offered == 0 ? "not offered since this scheduler started"
                                  : "last offered at " + utc_text(offered)));
    }
  }
  if (!bound.refusal.empty()) out.push_back(bound.refusal);
  // Before its first look at an offer the plan is what it waits for, in a back-off always that.
  const bool tells_more = (step.looked_unix_ms == 0 || step.status == "DELAYED") &&
                          std::find(out.begin(), out.end(), step.sentence) == out.end();
  if (tells_more && step.sentence != "waits for an offer") out.push_back(step.sentence);
  return out;
}

void add_silent_holders(const WhyInput& input, WhyPicture& out) {
  std::map<std::string, std::pair<std::string, std::set<std::string>>> holders;  // by agent id
  for (const auto& [name, task] : input.tasks.all()) {
    // Whoever runs is no mystery: a busy agent may have nothing left to offer.
    const bool is_away = task.launched() && task.state() == mesos::TaskState::kUnreachable;
    if (task.launch == nullptr || task.launch->permanently_failed || (task.live() && !is_away)) continue;
    if (!task.launch->is_confirmed()) continue;
    auto& [hostname, pods] = holders[task.launch->task->agent_id];
    hostname = task.launch->hostname;
    pods.insert(pod_name(task.launch->pod_type, task.launch->pod_index));
  }
  for (const auto& [agent_id, holder] : holders) {
    const int64_t offered = input.board.last_offered(agent_id);
    if (input.now.unix_ms - offered < kSilentAgentMs) continue;
    auto known =
        std::find_if(out.silent_agents.begin(), out.silent_agents.end(),
                     [&id = agent_id](const WhySilentAgent& silent) { return silent.agent_id == id; });
    if (known == out.silent_agents.end())
      known = out.silent_agents.insert(known, {agent_id, holder.first, offered, {}});
    known->pods.assign(holder.second.begin(), holder.second.end());
  }
}

}  // namespace

std::vector<std::string> interruptions(const Plan& plan, const Phase& phase, const Step& step) {
  std::vector<std::string> out;
  if (plan.interrupted) out.push_back("plan '" + plan.name + "' is interrupted; continue it to go on");
  if (phase.interrupted) out.push_back("phase '" + phase.name + "' is interrupted; continue it to go on");
  if (step.interrupted) out.push_back("step is interrupted; continue it to go on");
  return out;
}

std::shared_ptr<const WhyPicture> build_why(const WhyInput& input) {
  auto out = std::make_shared<WhyPicture>();
  for (size_t p = 0; p < input.views.size(); ++p) {
    const PlanView& plan = input.views[p];
    for (size_t h = 0; h < plan.phases.size(); ++h) {
      const PhaseView& phase = plan.phases[h];
      const Phase& told = input.plans[p]->phases[h];
      for (size_t s = 0; s < phase.steps.size(); ++s) {
        const StepView& view = phase.steps[s];
        if (view.status == Status::kComplete) continue;
        WhyStep& step = out->steps.emplace_back();
        step.plan = plan.name;
        step.phase = phase.name;
        step.step = view.name;
        step.pod = view.name.substr(0, view.name.find(':'));
        step.status = view.display_status;
        step.sentence = view.message;
        input.board.describe(view.id, step);
        step.blockers = blockers_of(input, step, interruptions(*input.plans[p], told, told.steps[s]));
      }
    }
  }
  input.board.describe(*out, input.now);
  add_silent_holders(input, *out);
  return out;
}

}  // namespace ostler::core
