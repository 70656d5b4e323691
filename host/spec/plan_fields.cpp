// The keys of plans, phases and steps.
#include "spec/raw_spec.h"
#include "spec/text_rules.h"

namespace ostler::spec {
namespace {

// [[taskA, taskB], [taskC]]: each inner list is launched as one step.
bool read_launches(const Scope& scope, const yaml::Node& value, RawStep& step) {
  if (value.type != yaml::Node::Type::kList) return false;
  for (const yaml::Node& launch : value.items) {
    if (launch.type != yaml::Node::Type::kList) return false;
    std::vector<std::string> tasks;
    for (const yaml::Node& task : launch.items) {
      if (task.type != yaml::Node::Type::kScalar) return false;
      tasks.push_back(task.scalar);
    }
    if (tasks.empty())
      scope.error(launch.mark, "an empty list", "the names of the tasks that the step launches");
    step.launches.push_back(std::move(tasks));
  }
  return true;
}

Outcome read_steps(const Scope& scope, const yaml::Node& node, RawPhase& into) {
  if (node.type != yaml::Node::Type::kList) return Outcome::kRefused;
  if (node.items.empty()) return Outcome::kAbsent;
  auto& steps = into.steps.emplace();
  for (size_t i = 0; i < node.items.size(); ++i) {
    const yaml::Node& item = node.items[i];
    const Scope inner = scope.inside(std::to_string(i), item.mark);
    if (item.type != yaml::Node::Type::kMap || item.entries.size() != 1) {
      inner.error(item.mark,
                  item.type == yaml::Node::Type::kMap ? std::to_string(item.entries.size()) + " entries"
                                                      : item.found(),
                  "a map with one entry, such as 'default: [[server]]'");
      continue;
    }
    const yaml::Entry& entry = item.entries.front();
    RawStep step;
    step.mark = entry.mark;
    if (entry.key != "default") {
      yaml::Node key;
      key.type = yaml::Node::Type::kScalar;
      key.scalar = entry.key;
      key.mark = entry.mark;
      const auto index = as_whole(inner, key, 0, INT32_MAX);
      if (!index) {
        inner.error(entry.mark, in_quotes(entry.key), "the number of a pod instance, or 'default'");
        continue;
      }
      step.pod_index = static_cast<int32_t>(*index);
    }
    if (!read_launches(inner, entry.value, step)) {
      inner.error(entry.mark, entry.value.found(),
                  "a list of lists of task names, such as [[server, metrics]]");
      continue;
    }
    steps.push_back(std::move(step));
  }
  return Outcome::kDone;
}

Outcome read_phase_strategy(const Scope&, const yaml::Node& value, RawPhase& into) {
  if (value.scalar == "serial") {
    into.strategy = Strategy::kSerial;
  } else if (value.scalar == "parallel") {
    into.strategy = Strategy::kParallel;
  } else if (value.scalar == "serial-canary" || value.scalar == "canary") {
    into.strategy = Strategy::kSerialCanary;
  } else if (value.scalar == "parallel-canary") {
    into.strategy = Strategy::kParallelCanary;
  } else if (value.scalar == "random") {
    into.strategy = Strategy::kRandom;
  } else {
    return Outcome::kRefused;
  }
  return Outcome::kDone;
}

constexpr Field<RawPhase> kPhaseFields[] = {
    {{"pod", Need::kRequired, "the name of a pod", "", "Which pod the phase deploys."}, text<&RawPhase::pod>},
    {{"strategy", Need::kOptional, "serial, parallel, random, serial-canary, canary or parallel-canary",
      "serial",
      "In which order steps run; `random`: one after the other, in an order of chance that stays. A canary "
      "waits "
      "after each of the first steps."},
     read_phase_strategy},
    {{"steps", Need::kOptional, "a list of maps of an instance to lists of tasks",
      "one step per instance, all tasks", "Which tasks of which instance are launched together."},
     read_steps},
};

Outcome read_plan_strategy(const Scope&, const yaml::Node& value, RawPlan& into) {
  if (value.scalar == "serial") {
    into.strategy = Strategy::kSerial;
  } else if (value.scalar == "parallel") {
    into.strategy = Strategy::kParallel;
  } else if (value.scalar == "random") {
    into.strategy = Strategy::kRandom;
  } else {
    return Outcome::kRefused;
  }
  return Outcome::kDone;
}

Outcome read_phases(const Scope& scope, const yaml::Node& node, RawPlan& into) {
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string& name) {
    if (!is_not_blank(name)) inner.error(inner.mark, in_quotes(name), "a name");
    RawPhase phase;
    phase.name = name;
    read_object(inner, value, UnknownKeys::kRefuse, Fill{kPhaseFields, phase});
    into.phases.push_back(std::move(phase));
  });
}

constexpr Field<RawPlan> kPlanFields[] = {
    {{"strategy", Need::kOptional, "serial, parallel or random", "serial",
      "In which order phases run; `random`: as of a phase."},
     read_plan_strategy},
    {{"phases", Need::kRequired, "a map of names to phases", "", "The phases, in order."}, read_phases},
};

}  // namespace

void read_plan(const Scope& scope, const yaml::Node& node, RawPlan& into) {
  read_object(scope, node, UnknownKeys::kRefuse, Fill{kPlanFields, into});
}

std::vector<Level> describe_plan_levels() {
  return {describe("plan", kPlanFields), describe("phase", kPhaseFields)};
}

}  // namespace ostler::spec
