#include "api/preview.h"

#include "api/json.h"
#include "spec/spec_check.h"
#include "spec/spec_json.h"

namespace ostler::api {
namespace {

Json objection_json(const core::Objection& one) {
  Json out = {{"validator", one.validator}, {"field", one.field}};
  if (one.is_change) out["before"] = one.before;
  out["after"] = one.after;
  out["message"] = one.message;
  return out;
}

Json difference_json(const spec::Difference& one) {
  Json out = {{"field", one.field},
              {"before", one.before},
              {"after", one.after},
              {"impact", std::string(spec::impact_name(one.impact))}};
  if (!one.pod.empty()) out["pod"] = one.pod;
  if (!one.tasks.empty()) out["tasks"] = one.tasks;
  return out;
}

Json step_json(const core::PreviewStep& one) {
  Json operations = Json::array();
  for (const core::PreviewOperation& operation : one.operations)
    operations.push_back({{"type", operation.type}, {"what", operation.what}});
  Json out = {{"turn", one.turn}, {"plan", one.plan}};
  if (!one.phase.empty()) out["phase"] = one.phase;
  out["step"] = one.name;
  out["why"] = one.why;
  out["operations"] = std::move(operations);
  if (!one.advice.empty()) out["advice"] = one.advice;
  out["grows"] = one.grows;
  out["fits"] = one.fits ? Json(*one.fits) : Json();
  out["offers"] = one.offers;
  return out;
}

}  // namespace

Result<std::shared_ptr<const spec::ServiceSpec>> candidate_of(std::string_view body) {
  Result<spec::ServiceSpec> spec = spec::from_json(body);
  if (!spec.ok()) {
    const Error& error = spec.error();
    std::string text = error.message;
    const std::string_view stored = "a stored configuration cannot be read: ";
    if (text.starts_with(stored)) text = text.substr(stored.size());
    return Error{Code::kInvalidArgument,
                 (error.where.empty() ? "the body: " : error.where + ": ") + text +
                     "; expected a specification as `ostler check -o json SVC.YML` prints it",
                 {}};
  }
  const std::vector<std::string> broken = spec::broken_references(*spec);
  if (!broken.empty()) {
    std::string text;
    for (const std::string& one : broken) text += (text.empty() ? "" : "\n") + one;
    return Error{Code::kInvalidArgument, std::move(text), {}};
  }
  return std::make_shared<const spec::ServiceSpec>(std::move(*spec));
}

Response preview_response(const core::Preview& preview) {
  Json objections = Json::array(), differences = Json::array(), steps = Json::array();
  for (const core::Objection& one : preview.objections) objections.push_back(objection_json(one));
  for (const spec::Difference& one : preview.differences) differences.push_back(difference_json(one));
  for (const core::PreviewStep& one : preview.steps) steps.push_back(step_json(one));
  Json body = {{"accepted", preview.objections.empty()},
               {"target", preview.target},
               {"isChange", preview.is_change},
               {"objections", std::move(objections)},
               {"differences", std::move(differences)},
               {"steps", std::move(steps)},
               {"hasMoreSteps", preview.has_more_steps},
               {"then", preview.then},
               {"offers", preview.offers}};
  return json_response(body);
}

}  // namespace ostler::api
