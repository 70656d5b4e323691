#include "cli/why.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/http_client.h"

namespace ostler::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kTimeout{10};
constexpr size_t kShownHistory = 12;

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& list(const Json& object, const char* key) {
  static const Json kNone = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : kNone;
}

// Only the minutes in which something changed: "12:03 MEM 3, PLACEMENT 4".
void add_history(const Json& step, std::string& out) {
  const auto history = step.find("history");
  if (history == step.end() || !history->is_object()) return;
  std::vector<std::string> lines;
  Json before;
  for (const Json& minute : list(*history, "minutes")) {
    const auto reasons = minute.find("reasons");
    if (reasons == minute.end() || !reasons->is_object() || *reasons == before) continue;
    before = *reasons;
    std::string line;
    for (const auto& [name, count] : reasons->items())
      line += (line.empty() ? "" : ", ") + name + " " + count.dump();
    const std::string from = text(minute, "from");
    lines.push_back((from.size() >= 16 ? from.substr(11, 5) : from) + " " +
                    (line.empty() ? "nothing in the way" : line));
  }
  if (lines.size() < 2) return;
  out += "  history (UTC):\n";
  for (size_t i = lines.size() - std::min(lines.size(), kShownHistory); i < lines.size(); ++i)
    out += "    " + lines[i] + "\n";
}

void add_step(const Json& step, std::string& out) {
  out += text(step, "step") + " (" + text(step, "plan") + ", " + text(step, "status") + ")\n";
  out += "  " + text(step, "sentence") + "\n";
  for (const Json& blocker : list(step, "blockers")) {
    if (blocker.is_string() && blocker != text(step, "sentence"))
      out += "  blocked: " + blocker.get<std::string>() + "\n";
  }
  const auto nearest = step.find("nearest");
  if (nearest != step.end() && nearest->is_object()) {
    out += "  nearest fit: " + text(*nearest, "hostname");
    const char* separator = ": ";
    for (const Json& reason : list(*nearest, "reasons")) {
      out += separator + text(reason, "message");
      separator = "; ";
    }
    out += "\n";
  }
  add_history(step, out);
}

}  // namespace

Result<std::string> why_text(std::string_view json, const std::string& pod) {
  const Json body = Json::parse(json, nullptr, false);
  if (!body.is_object())
    return Error{Code::kInvalidArgument, "the answer is not the JSON object of /v1/why", {}};
  std::string out;
  for (const Json& step : list(body, "steps")) {
    if (step.is_object()) add_step(step, out);
  }
  if (out.empty())
    out = (pod.empty() ? "nothing" : pod) + " waits" + (pod.empty() ? "" : " for nothing") + "\n";
  const auto declined = body.find("declined_agents");
  if (declined != body.end() && declined->is_number_unsigned() && *declined > 0) {
    const auto count = declined->get<uint64_t>();
    out += std::to_string(count) + (count == 1 ? " agent was" : " agents were") +
           " declined and will not be offered for a while, unless something new is wanted\n";
  }
  for (const Json& agent : list(body, "silent_agents")) {
    const std::string offered = text(agent, "last_offered");
    out += "agent " + text(agent, "hostname") + " was " +
           (offered.empty() ? "not offered since the scheduler started" : "last offered at " + offered);
    const char* separator = "; it holds what belongs to ";
    for (const Json& holder : list(agent, "pods")) {
      if (holder.is_string()) out += separator + holder.get<std::string>();
      separator = ", ";
    }
    out += "\n";
  }
  return out;
}

int run_why(const WhyArguments& arguments) {
  const std::string url = arguments.url + "/v1/why" + (arguments.pod.empty() ? "" : "/" + arguments.pod);
  HttpCall call;
  call.url = url;
  call.timeout = kTimeout;
  const HttpAnswer reply = call_http(call);
  if (reply.status == 0) {
    std::cerr << "ostler why: " << url << ": " << reply.error
              << "; is `ostler run` up, and is its API at --url?\n";
    return 1;
  }
  if (reply.status != 200) {
    std::cerr << "ostler why: " << url << " answers " << reply.status << ": " << reply.body << "\n";
    return 1;
  }
  const Result<std::string> words = why_text(reply.body, arguments.pod);
  if (!words.ok()) {
    std::cerr << "ostler why: " << url << ": " << words.error().text() << "\n";
    return 1;
  }
  std::cout << (arguments.output == "json" ? reply.body + "\n" : *words) << std::flush;
  const Json body = Json::parse(reply.body, nullptr, false);
  return list(body, "steps").empty() ? 0 : 2;
}

}  // namespace ostler::cli
