// Finding things by name. Lists are short and keep the file's order, so: a scan.
#include "spec/service_spec.h"

#include <algorithm>

namespace ostler::spec {
namespace {

template <class List, class Member>
auto* find_by(const List& list, Member member, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.*member == name; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

std::string_view strategy_name(Strategy strategy) {
  switch (strategy) {
    case Strategy::kSerial:
      return "serial";
    case Strategy::kParallel:
      return "parallel";
    case Strategy::kSerialCanary:
      return "serial-canary";
    case Strategy::kParallelCanary:
      return "parallel-canary";
    case Strategy::kDependency:
      return "dependency";
    case Strategy::kDependencyCanary:
      return "dependency-canary";
    case Strategy::kRandom:
      return "random";
  }
  return "unknown";
}

std::string_view fixed_name(Fixed fixed) {
  switch (fixed) {
    case Fixed::kNo:
      return "no";
    case Fixed::kAlways:
      return "always";
    case Fixed::kOnceSet:
      return "once-set";
  }
  return "unknown";
}

const TaskSpec* PodSpec::task(std::string_view name) const { return find_by(tasks, &TaskSpec::name, name); }

const ResourceSet* PodSpec::resource_set(std::string_view id) const {
  return find_by(resource_sets, &ResourceSet::id, id);
}

const PodSpec* ServiceSpec::pod(std::string_view type) const { return find_by(pods, &PodSpec::type, type); }

const PlanSpec* ServiceSpec::plan(std::string_view plan_name) const {
  return find_by(plans, &PlanSpec::name, plan_name);
}

const OptionRule* ServiceSpec::option_rule(std::string_view option) const {
  return find_by(option_rules, &OptionRule::option, option);
}

}  // namespace ostler::spec
