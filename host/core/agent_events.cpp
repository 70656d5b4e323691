// What happens to agents: the part of the Engine that hears of offers withdrawn, of
// maintenance, of agents removed, and that knows an agent again which has lost its id.
#include "core/engine.h"
#include "core/names.h"

namespace ostler::core {

using mesos::view;

void Engine::on(mesos::event::Rescinded&&, Now, Effects& out) {
  // Offers are never held, so a rescinded one was accepted or declined already; the
  // master answers an ACCEPT of it with TASK_DROPPED and OPERATION_ERROR.
  out.push_back(effect::Metric{effect::Metric::Kind::kAdd, "offers.rescinded", 1});
}

void Engine::on(mesos::event::Failure&& event, Now, Effects& out) {
  if (!event.executor_id.empty()) return;
  why_.agent_removed(event.agent_id);
  known_offers_.forget_agent(event.agent_id);
  inquiry_.removed(event.agent_id);  // for a while or for ever
  out.push_back(effect::Log{2, "Mesos removed agent " + event.agent_id, {}});
}

// For ever, with all that was reserved there. Should its host come back as another agent and
// still have some of it, that is offered with our labels and given back.
void Engine::on_agent_given_up(const Task& task, Now now, Effects& out) {
  const LaunchRecord& launch = *task.launch;
  const std::string agent_id = launch.task->agent_id;
  fail_permanently(pod_name(launch.pod_type, launch.pod_index),
                   "an operator gave up its agent " + launch.hostname, now, out);
  forget_agent(agent_id, out);
}

// An operator plans to take agents away. What holds data leaves only when its operator
// says so (`pod replace`); the offer to go is declined, and said.
void Engine::on(mesos::event::InverseOffers&& event, Now, Effects& out) {
  if (event.offer_ids.empty()) return;
  for (const std::string& agent_id : event.agent_ids) {
    std::set<std::string> pods;
    std::string hostname = agent_id;
    for (const auto& [name, task] : tasks_.all()) {
      if (!task.live() || task.launch->task->agent_id != agent_id) continue;
      hostname = task.launch->hostname;
      pods.insert(pod_name(task.launch->pod_type, task.launch->pod_index));
    }
    std::string list;
    for (const std::string& pod : pods) list += (list.empty() ? "" : ", ") + pod;
    out.push_back(effect::Log{
        2,
        pods.empty() ? "agent " + hostname + " is to go into maintenance; no pod runs there"
                     : "agent " + hostname +
                           " is to go into maintenance; move what runs there with `pod replace`: " + list,
        {}});
  }
  out.push_back(
      effect::Call{mesos::call::DeclineInverseOffers{std::move(event.offer_ids), settings_.refuse_long_s}});
}

// What is offered exists. And an agent that offers what was reserved on another is that
// agent, under a new id.
void Engine::confirm_what_is_offered(const mesos::OfferBatch& batch, Now now, Effects& out) {
  std::vector<std::string_view> ids;
  std::map<std::string, uint32_t> moved;  // task -> offer
  size_t at = 0;
  for (uint32_t o = 0; o < batch.size() && at < batch.reserved.size(); ++o) {
    const ostler_offer_t& offer = batch.offers[o];
    batch.each_reserved(offer, at, [&](uint32_t index) {
      const std::string_view id = view(batch.resources[index].reservation_id);
      const std::set<std::string>& holders = tasks_.holders(id);
      if (holders.empty()) return;
      ids.push_back(id);
      for (const std::string& name : holders) {
        if (tasks_.find(name)->launch->task->agent_id != view(offer.agent_id)) moved.emplace(name, o);
      }
    });
  }
  if (!ids.empty()) tasks_.confirm_resources(ids);
  for (const auto& [name, o] : moved) adopt_moved(name, batch, batch.offers[o], now, out);
}

// The old id is not coming back: a reservation is on one agent only. Whatever ran under
// it is dead, since Mesos' agent ends what it does not know when it starts.
void Engine::adopt_moved(const std::string& name, const mesos::OfferBatch& batch, const ostler_offer_t& offer,
                         Now now, Effects& out) {
  Task& task = *tasks_.find(name);
  auto launch = std::make_shared<LaunchRecord>(*task.launch);
  out.push_back(effect::Log{1,
                            "agent " + launch->task->agent_id + " (" + launch->hostname +
                                "), which holds resources of " + name + ", is back as " +
                                std::string(view(offer.agent_id)),
                            {}});
  launch->task.change([&](mesos::TaskInfo& info) { info.agent_id = view(offer.agent_id); });
  launch->hostname = view(offer.hostname);
  launch->region = view(offer.region);
  launch->zone = view(offer.zone);
  launch->attributes.clear();
  for (uint32_t i = 0; i < offer.attributes.count; ++i) {
    const ostler_attribute_t& attribute = batch.attributes[offer.attributes.first + i];
    launch->attributes.emplace_back(view(attribute.name), view(attribute.text));
  }
  effect::Persist persist;
  persist.changes.push_back(change::PutLaunch{name, launch});
  if (task.live()) {
    mesos::TaskStatus gone = *task.status;
    gone.state = mesos::TaskState::kGone;
    gone.source = "SOURCE_MASTER";
    gone.message = "its agent came back under another id";
    persist.changes.push_back(change::PutStatus{name, gone});
    task.status = std::move(gone);
    task.unknown = false;
    task.since_unix_ms = now.unix_ms;
    reconciler_.forget(launch->task->task_id);
    killer_.dead(launch->task->task_id);
  }
  tasks_.set_launch(name, std::move(launch));
  planner_.touch(task.launch->pod_type, task.launch->pod_index);
  out.push_back(std::move(persist));
}

}  // namespace ostler::core
