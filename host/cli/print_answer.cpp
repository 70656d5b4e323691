// What the scheduler answered, as the DC/OS command line shows it.
#include <nlohmann/json.hpp>

#include "cli/operate.h"

namespace ostler::cli {
namespace {

using Json = nlohmann::ordered_json;
using Show = Operation::Show;

// From another machine: nothing of it may steer a terminal.
std::string clean(std::string text) {
  for (char& c : text) {
    if ((static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') || c == 0x7F) c = '?';
  }
  return text;
}

std::string field(const Json& json, const char* key) {
  const auto value = json.find(key);
  return value != json.end() && value->is_string() ? value->get<std::string>() : "<UNKNOWN>";
}

const Json& list(const Json& json, const char* key) {
  static const Json kNone = Json::array();
  const auto value = json.find(key);
  return value != json.end() && value->is_array() ? *value : kNone;
}

std::string plan_tree(const std::string& name, const Json& plan) {
  std::string out = name + " (" + field(plan, "strategy") + " strategy) (" + field(plan, "status") + ")\n";
  const Json& phases = list(plan, "phases");
  for (size_t p = 0; p < phases.size(); ++p) {
    const bool is_last = p + 1 == phases.size();
    out += (is_last ? "└─ " : "├─ ") + field(phases[p], "name") + " (" + field(phases[p], "strategy") +
           " strategy) (" + field(phases[p], "status") + ")\n";
    const Json& steps = list(phases[p], "steps");
    for (size_t s = 0; s < steps.size(); ++s) {
      out += std::string(is_last ? "   " : "│  ") + (s + 1 == steps.size() ? "└─ " : "├─ ") +
             field(steps[s], "name") + " (" + field(steps[s], "status") + ")";
      // What the SDK cannot say.
      const std::string message = field(steps[s], "message");
      if (field(steps[s], "status") != "COMPLETE" && !message.empty() && message != "<UNKNOWN>")
        out += ": " + message;
      out += "\n";
    }
  }
  const Json& errors = list(plan, "errors");
  if (!errors.empty()) out += "\nErrors:\n";
  for (const Json& error : errors)
    out += "- " + (error.is_string() ? error.get<std::string>() : error.dump()) + "\n";
  return out;
}

std::string instance_tree(const Json& instance, const std::string& indent) {
  std::string out;
  const Json& tasks = list(instance, "tasks");
  for (size_t t = 0; t < tasks.size(); ++t) {
    out += indent + (t + 1 == tasks.size() ? "└─ " : "├─ ") + field(tasks[t], "name") + " (" +
           field(tasks[t], "status") + ")\n";
  }
  return out;
}

std::string pod_tree(const Json& json) {
  if (!json.contains("service")) return field(json, "name") + "\n" + instance_tree(json, "");
  std::string out = field(json, "service") + "\n";
  const Json& pods = list(json, "pods");
  for (size_t p = 0; p < pods.size(); ++p) {
    const bool last_pod = p + 1 == pods.size();
    out += (last_pod ? "└─ " : "├─ ") + field(pods[p], "name") + "\n";
    const Json& instances = list(pods[p], "instances");
    for (size_t i = 0; i < instances.size(); ++i) {
      const std::string indent = last_pod ? "   " : "│  ";
      const bool last = i + 1 == instances.size();
      out += indent + (last ? "└─ " : "├─ ") + field(instances[i], "name") + "\n";
      out += instance_tree(instances[i], indent + (last ? "   " : "│  "));
    }
  }
  return out;
}

std::string shown(const Operation& operation, const Json& json) {
  switch (operation.show) {
    case Show::kPlan:
      return plan_tree(operation.subject, json);
    case Show::kPods:
      return pod_tree(json);
    case Show::kNames: {
      std::string out;
      for (const Json& name : json) out += (name.is_string() ? name.get<std::string>() : name.dump()) + "\n";
      return out;
    }
    case Show::kMessage:
      return field(json, "message") + "\n";
    case Show::kJson:
      break;
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Printed print_answer(const Operation& operation, const HttpAnswer& answer) {
  const std::string& url = operation.call.url;
  if (answer.status == 0)
    return {kExitUnreachable, "", "no scheduler answers at " + url + ": " + answer.error + "\n"};
  if (answer.status == 208 && operation.call.method == "POST") {
    return {kExitNothingToDo, "",
            "nothing to be done: the command was already given, or what it is about is complete\n"};
  }
  const bool is_health = url.find("/v1/health") != std::string::npos;
  const bool has_plan = operation.show == Show::kPlan && answer.status == 417;
  const bool is_fine = (answer.status >= 200 && answer.status < 300) || has_plan || is_health;
  if (!is_fine) {
    const int code = answer.status >= 500 ? kExitUnreachable : kExitRefused;
    return {
        code, "",
        clean(answer.body.empty() ? "the scheduler answered " + std::to_string(answer.status) : answer.body) +
            "\n"};
  }
  const int code = has_plan ? kExitRefused : 0;
  // 204 and 205 are answers of /v1/health that cannot carry a body.
  if (is_health && answer.body.empty())
    return {0, "{\n  \"value\": " + std::to_string(answer.status) + "\n}\n", ""};
  const Json json = Json::parse(answer.body, nullptr, false);
  if (operation.as_json || json.is_discarded()) return {code, clean(answer.body) + "\n", ""};
  return {code, clean(shown(operation, json)), ""};
}

}  // namespace ostler::cli
