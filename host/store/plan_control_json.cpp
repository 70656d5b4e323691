#include "store/plan_control_json.h"

#include <nlohmann/json.hpp>

#include "mesos/codec.h"

namespace ostler::store {
namespace {

using Json = nlohmann::json;

Json step_json(const core::StepControl& step) {
  return {{"position", step.position},
          {"name", step.name},
          {"interrupted", step.interrupted},
          {"forced", step.forced},
          {"superseded", step.superseded}};
}

Json phase_json(const core::PhaseControl& phase) {
  Json steps = Json::array();
  for (const core::StepControl& step : phase.steps) steps.push_back(step_json(step));
  Json out = {{"name", phase.name}, {"interrupted", phase.interrupted}, {"steps", std::move(steps)}};
  if (phase.has_canaries) out["canaries"] = phase.canaries;
  if (!phase.done.empty()) out["done"] = phase.done;
  return out;
}

}  // namespace

std::string plan_control_text(const core::PlanControl& control) {
  Json phases = Json::array();
  for (const core::PhaseControl& phase : control.phases) phases.push_back(phase_json(phase));
  Json out = {{"config-id", control.config_id},
              {"interrupted", control.interrupted},
              {"parameters", control.parameters},
              {"phases", std::move(phases)}};
  if (!control.run.empty()) out["run"] = control.run;
  return mesos::json_text(out);
}

// Written by this program alone, so one sentence for any damage is enough: the library's
// says which key and type it was.
Result<core::PlanControl> plan_control_from_text(std::string_view text) {
  Result<Json> parsed = mesos::parse_json(text);
  if (!parsed.ok()) return parsed.error();
  core::PlanControl out;
  try {
    const Json& json = *parsed;
    out.config_id = json.at("config-id").get<std::string>();
    out.interrupted = json.at("interrupted").get<bool>();
    out.parameters = json.at("parameters").get<std::map<std::string, std::string>>();
    out.run = json.value("run", "");
    for (const Json& one : json.at("phases")) {
      core::PhaseControl& phase = out.phases.emplace_back();
      phase.name = one.at("name").get<std::string>();
      phase.interrupted = one.at("interrupted").get<bool>();
      phase.has_canaries = one.contains("canaries");
      if (phase.has_canaries) phase.canaries = one.at("canaries").get<std::vector<uint32_t>>();
      if (one.contains("done")) phase.done = one.at("done").get<std::vector<uint32_t>>();
      for (const Json& from : one.at("steps")) {
        core::StepControl& step = phase.steps.emplace_back();
        step.position = from.at("position").get<uint32_t>();
        step.name = from.at("name").get<std::string>();
        step.interrupted = from.at("interrupted").get<bool>();
        step.forced = from.at("forced").get<bool>();
        step.superseded = from.at("superseded").get<std::set<std::string>>();
      }
    }
  } catch (const Json::exception& e) {
    return Error{Code::kDataLoss, std::string("expected what an operator did to a plan: ") + e.what(), ""};
  }
  return out;
}

}  // namespace ostler::store
