#include "core/preview.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/advice.h"
#include "core/launch_request.h"
#include "core/names.h"
#include "core/preview_offers.h"

namespace ostler::core {
namespace {

constexpr size_t kMostSteps = 1000;            // listed; a person reads no more
constexpr size_t kMostSetAgainstOffers = 100;  // the judge's time is the core's
constexpr size_t kMostReasons = 20;
// The copies' own identifiers: nothing that the engine will hand out.
constexpr uint64_t kSeed = 0x0571e4;

std::string amount(const Need& need, int64_t milli) {
  char text[48];
  const double value = static_cast<double>(milli) / 1000;
  const bool is_megabytes =
      need.kind == Need::Kind::kMem || need.kind == Need::Kind::kDisk || need.kind == Need::Kind::kVolume;
  std::snprintf(text, sizeof text, is_megabytes ? "%.10g MB of %s" : "%.10g %s", value,
                resource_name(need.kind));
  return text;
}

std::string what(const Need& need) {
  if (need.kind == Need::Kind::kPort) {
    const std::string number = need.port->port == 0 ? "any port" : "port " + std::to_string(need.port->port);
    return number + " for '" + need.port->name + "'";
  }
  if (need.kind == Need::Kind::kVolume)
    return amount(need, need.milli) + " for volume '" + need.volume->path + "'";
  return amount(need, need.milli);
}

std::string amount_of(const Need& need, int64_t milli) {
  const std::string text = amount(need, milli);
  return text.substr(0, text.find(" of "));
}

void add(std::vector<PreviewOperation>& out, const char* type, std::vector<std::string> items) {
  if (!items.empty()) out.push_back({type, std::move(items)});
}

// What claim() would send for this request, told without an offer.
void list_operations(const Settings& settings, const LaunchRequest& request, PreviewStep& step) {
  std::vector<std::string> unreserve, reserve, create, launch;
  std::set<std::string> needed;
  for (const Need& need : needs_of(settings, request)) {
    needed.insert(need.key);
    const auto held = request.held.find(need.key);
    const bool is_held = held != request.held.end() && held->second->confirmed;
    const int64_t has = is_held ? held->second->resource.milli : 0;
    const bool is_scalar = need.kind != Need::Kind::kPort && need.kind != Need::Kind::kVolume;
    if (!is_held) {
      reserve.push_back(what(need));
      if (need.kind == Need::Kind::kVolume) create.push_back("volume '" + need.volume->path + "'");
    } else if (need.kind == Need::Kind::kPort) {
      const auto& ranges = held->second->resource.ranges;
      const uint64_t port = ranges.empty() ? 0 : ranges.front().begin;
      if (need.port->port == 0 || need.port->port == port) continue;
      unreserve.push_back("port " + std::to_string(port));
      reserve.push_back(what(need));
    } else if (is_scalar && has < need.milli) {
      reserve.push_back(amount(need, need.milli - has));
      step.grows.push_back(need.key + ": " + amount_of(need, has) + " => " + amount_of(need, need.milli));
    } else if (is_scalar && has > need.milli) {
      unreserve.push_back(amount(need, has - need.milli));
    }
  }
  for (const auto& [name_of, holding] : request.held) {
    const std::string& key = name_of;  // clang 14 captures no binding
    const bool is_volume = holding->resource.disk && !holding->resource.disk->persistence_id.empty();
    const bool is_in_scope =
        is_executor_key(key) ? !request.live_executor
                             : std::any_of(request.tasks.begin(), request.tasks.end(), [&](const auto& name) {
                                 return request.pod->task(name)->resource_set == resource_set_of_key(key);
                               });
    if (is_in_scope && !is_volume && !needed.contains(key)) unreserve.push_back(key);
  }
  for (const std::string& name : request.tasks)
    launch.push_back(task_name(request.pod->type, request.index, name));
  add(step.operations, "UNRESERVE", std::move(unreserve));
  add(step.operations, "RESERVE", std::move(reserve));
  add(step.operations, "CREATE", std::move(create));
  add(step.operations, "LAUNCH_GROUP", std::move(launch));
}

class Previewing {
 public:
  Previewing(const PreviewInput& input, StoredState stored, const std::string& target)
      : input_(input),
        stored_(std::move(stored)),
        target_(*stored_.configs.at(target)),
        ids_(kSeed),
        planner_(stored_.configs, tasks_, ids_),
        offers_(input, tasks_, target_, ids_) {
    for (const auto& [name, task] : input.tasks.all()) {
      const auto launch = stored_.tasks.find(name);
      if (launch == stored_.tasks.end() || !launch->second.launch) continue;
      tasks_.set_launch(name, launch->second.launch);
      Task copy = task;
      copy.launch = launch->second.launch;
      copy.not_before_ms = 0;  // back-offs pass
      tasks_.at(name) = std::move(copy);
    }
    planner_.set_target(target, how_far_deployed(stored_), {}, {});
  }

  void run(Preview& out) {
    std::set<std::string> seen;
    for (int32_t turn = 1;;) {
      planner_.refresh(input_.now);
      bool found = false, listed = false;
      for (Step* step : planner_.working()) {
        if (!seen.insert(step->id).second) continue;
        found = true;
        if (!step->launch.empty() || !step->kill.empty()) {
          if (out.steps.size() >= kMostSteps) {
            out.has_more_steps = true;
            return;
          }
          out.steps.push_back(describe(*step, turn));
          listed = true;
        }
        finish(*step);
        if (step->kind != StepKind::kLaunch)
          step->forced = true;  // what it gives back is offered, in thought
      }
      if (!found) break;
      turn += listed;
    }
    planner_.refresh(input_.now);
    if (planner_.is_deployed()) return;
    out.then = "plan 'deploy' is then " + std::string(to_string(status_of(planner_.deploy()))) +
               " and goes on when an operator continues it";
  }

 private:
  PreviewStep describe(const Step& step, int32_t turn) {
    PreviewStep out;
    out.turn = turn;
    out.name = step.name;
    out.plan = step.kind != StepKind::kLaunch ? "decommission" : step.is_recovery ? "recovery" : "deploy";
    for (const Phase& phase : planner_.deploy().phases) {
      for (const Step& one : phase.steps) {
        if (one.id == step.id) out.phase = phase.name;
      }
    }
    out.why = reasons(step);
    add(out.operations, "KILL", step.kill);
    if (input_.settings.has_advisor && takes_down_essential(step, planner_.config_of(step), tasks_)) {
      out.advice =
          "the advisor is asked before the kill and holds the step until all other pod instances can do "
          "without it; of steps that may go in any order another may go first";
    }
    if (step.launch.empty()) return out;
    const LaunchRequest request = launch_request(stored_.configs, tasks_, planner_.config_of(step), step);
    list_operations(input_.settings, request, out);
    if (++compared_ <= kMostSetAgainstOffers) {
      offers_.compare(request, out, placed_);
    } else {
      out.offers =
          "not compared with offers: only the first " + std::to_string(kMostSetAgainstOffers) + " steps are";
    }
    return out;
  }

  std::vector<std::string> reasons(const Step& step) {
    std::vector<std::string> out;
    const auto add_reason = [&](std::string text) {
      if (out.size() < kMostReasons && std::find(out.begin(), out.end(), text) == out.end())
        out.push_back(std::move(text));
    };
    for (const std::string& name : step.launch) {
      const std::string full = task_name(step.pod_type, step.pod_index, name);
      const Task* task = tasks_.find(full);
      if (task == nullptr || !task->launched()) {
        add_reason(full + " is not launched yet");
        continue;
      }
      if (task->dead()) add_reason(full + " ended with " + std::string(mesos::to_string(task->state())));
      const auto made_from = stored_.configs.find(task->launch->config_id);
      if (task->launch->config_id == stored_.target_config || made_from == stored_.configs.end()) continue;
      auto known = differences_.find(made_from->first);
      if (known == differences_.end()) {
        known = differences_.emplace(made_from->first, spec::differences(*made_from->second, target_)).first;
      }
      for (const spec::Difference* one : restart_reasons(known->second, step.pod_type, name))
        add_reason(one->field + ": " + one->before + " => " + one->after);
    }
    return out;
  }

  // As if the step had done its work.
  void finish(const Step& step) {
    const StepConfig config = planner_.config_of(step);
    const std::string config_id(config.id);  // longer than the record it is read from
    const auto set_state = [&](const std::string& name, mesos::TaskState state) {
      Task& task = tasks_.at(name);
      mesos::TaskStatus status;
      status.task_id = task.launch->task->task_id;
      status.state = state;
      status.agent_id = task.launch->task->agent_id;
      status.has_check = true;
      status.check_exit_code = 0;
      task.status = status;
      task.unknown = false;
    };
    for (const std::string& name : step.kill) set_state(name, mesos::TaskState::kKilled);
    for (const std::string& name : step.tasks) {
      const spec::TaskSpec* spec = config.pod == nullptr ? nullptr : config.pod->task(name);
      if (spec == nullptr) continue;
      const std::string full = task_name(step.pod_type, step.pod_index, name);
      const Task* known = tasks_.find(full);
      const bool is_launched = std::find(step.launch.begin(), step.launch.end(), name) != step.launch.end();
      if (!is_launched && (known == nullptr || !known->live())) continue;
      if (is_launched) relaunch(step, config_id, *spec, full);
      set_state(full, spec->goal == spec::Goal::kRunning ? mesos::TaskState::kRunning
                                                         : mesos::TaskState::kFinished);
    }
    placed_.reset();
    planner_.touch(step.pod_type, step.pod_index);
  }

  void relaunch(const Step& step, const std::string& config_id, const spec::TaskSpec& spec,
                const std::string& name) {
    const Task* known = tasks_.find(name);
    auto record = std::make_shared<LaunchRecord>();
    mesos::TaskInfo info;
    if (known != nullptr && known->launch) {
      const LaunchRecord& was = *known->launch;
      info = was.task;
      record->executor = was.executor;
      record->holdings = was.holdings;
      record->hostname = was.hostname;
      record->region = was.region;
      record->zone = was.zone;
      record->attributes = was.attributes;
    } else if (placed_) {
      info.agent_id = placed_->agent_id;
      record->hostname = placed_->hostname;
      record->region = placed_->region;
      record->zone = placed_->zone;
      record->attributes = placed_->attributes;
    }
    record->pod_type = step.pod_type;
    record->pod_index = step.pod_index;
    record->task_spec = spec.name;
    record->config_id = config_id;
    info.name = name;
    info.task_id = name + "__" + ids_.uuid();
    record->task = std::move(info);
    tasks_.set_launch(name, std::move(record));
  }

  const PreviewInput& input_;
  StoredState stored_;
  const spec::ServiceSpec& target_;
  SeededIds ids_;
  TaskTable tasks_;
  Planner planner_;
  PreviewOffers offers_;
  size_t compared_ = 0;
  std::optional<Place> placed_;  // where the step that was described last would go
  std::map<std::string, std::vector<spec::Difference>> differences_;  // by configuration
};

}  // namespace

Preview preview(const PreviewInput& input, std::shared_ptr<const spec::ServiceSpec> changed) {
  Preview out;
  StoredState copy = input.stored;
  for (const auto& [name, task] : input.tasks.all()) {
    if (!task.launch) continue;
    copy.tasks[name].launch = task.launch;
    copy.tasks[name].status = task.status;
  }
  out.target = copy.target_config;
  SeededIds ids(kSeed + 1);
  ConfigCandidate candidate(std::move(changed));
  candidate.placement_refusals = PlacementRules(input.judge).refusals(input.settings, *candidate.spec);
  ConfigUpdate update = update_config(copy, std::move(candidate), input.settings, ids);
  out.is_change = update.changed;
  out.objections = std::move(update.objections);
  out.differences = std::move(update.differences);
  out.offers = describe_known(input.offers, input.now);
  if (!out.objections.empty()) return out;
  Previewing(input, std::move(copy), update.target).run(out);
  return out;
}

}  // namespace ostler::core
