// What an operator did to one plan, and how far a run of it came that he asked for: the only
// part of a plan that is stored. Everything else follows from the tasks.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ostler::core {

struct Plan;

struct StepControl {
  uint32_t position = 0;  // in its phase, where the name fits; else the only step of that name
  std::string name;
  bool interrupted = false;
  bool forced = false;               // complete because somebody said so
  std::set<std::string> superseded;  // task ids: to be launched anew
  bool operator==(const StepControl&) const = default;
};

struct PhaseControl {
  std::string name;
  bool interrupted = false;
  bool has_canaries = false;  // they were chosen: `canaries`, positions of steps
  std::vector<uint32_t> canaries;
  std::vector<StepControl> steps;  // those of which there is something to say
  std::vector<uint32_t> done;      // positions of steps that have been COMPLETE in this run
  bool operator==(const PhaseControl&) const = default;
};

// The config_id of what was done to the plan that uninstalls.
inline constexpr const char* kUninstallConfig = "uninstall";

struct PlanControl {
  std::string config_id;  // the target it was made for; of another one it says nothing
  bool interrupted = false;
  std::map<std::string, std::string> parameters;  // variables of its steps' tasks
  std::string run;                                // Plan::run
  std::vector<PhaseControl> phases;
  bool operator==(const PlanControl&) const = default;
};

// What there is to be stored about `plan`.
PlanControl control_of(const Plan& plan, const std::string& config_id);

// Brings a freshly built plan into the state that `control` describes; what does not fit
// its shape is ignored.
void apply_control(const PlanControl& control, Plan& plan);

}  // namespace ostler::core
