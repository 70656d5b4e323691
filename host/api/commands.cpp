// POST: what an operator asks for becomes a core::Command, its Answer a reply
// (java-sdk-spec-api-state.md, 7.1 and 7.2). The 208 text and codes are the SDK's.
#include "api/api.h"
#include "api/json.h"

namespace ostler::api {
namespace {

namespace command = core::command;
using Outcome = core::Answer::Outcome;

// Texts repeat names from the request.
std::string clean(std::string text) {
  constexpr size_t kShown = 1000;
  if (text.size() > kShown) text.replace(kShown, std::string::npos, "...");
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = '?';
  }
  return text;
}

Response refusal(const core::Answer& answer) {
  uint32_t code = 503;
  if (answer.outcome == Outcome::kAlready) code = 208;
  if (answer.outcome == Outcome::kNotFound) code = 404;
  if (answer.outcome == Outcome::kInvalid) code = 400;
  Response response = text_response(code, clean(answer.message));
  if (code == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response reply(const core::Answer& answer) {
  if (!answer.ok()) return refusal(answer);
  if (answer.pod.empty()) return json_response(Json{{"message", answer.message}});
  return json_response(Json{{"pod", answer.pod}, {"tasks", answer.tasks}});
}

// An empty parameter is an absent one.
std::optional<std::string> part(const Request& request, const char* name) {
  std::optional<std::string> value = request.parameter(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

constexpr const char* kWrongForce = "force: expected true or false";

// False where it is absent; nothing where it says something else than true and false.
std::optional<bool> flag(const Request& request, const char* name) {
  const std::string value = part(request, name).value_or("false");
  if (value != "true" && value != "false") return std::nullopt;
  return value == "true";
}

command::Target target(const Request& request, std::string plan) {
  return {std::move(plan), part(request, "phase"), part(request, "step")};
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// The body of start: an object of texts; nothing at all counts as none.
std::optional<std::map<std::string, std::string>> parameters(std::string_view body) {
  std::map<std::string, std::string> out;
  if (is_blank(body)) return out;
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) return std::nullopt;
    out[name] = value.get<std::string>();
  }
  return out;
}

// The body of pause and resume: a list of tasks' names; nothing at all means all.
std::optional<std::vector<std::string>> names(std::string_view body) {
  if (is_blank(body)) return std::vector<std::string>();
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_array()) return std::nullopt;
  std::vector<std::string> out;
  for (const Json& name : json) {
    if (!name.is_string()) return std::nullopt;
    out.push_back(name.get<std::string>());
  }
  return out;
}

}  // namespace

void Api::add_command(std::string pattern, const char* about, CommandReader reader) {
  add_own({"POST", std::move(pattern), about},
          [this, reader = std::move(reader)](const Request& request, const PathValues& values) {
            if (snapshot() == nullptr || !options_.submit) {
              return refusal({Outcome::kUnavailable, "the scheduler is starting", {}, {}});
            }
            std::variant<core::Command, Response> read = reader(request, values);
            if (auto* wrong = std::get_if<Response>(&read)) return std::move(*wrong);
            return reply(options_.submit(std::get<core::Command>(std::move(read))));
          });
}

void Api::add_commands() {
  using Read = std::variant<core::Command, Response>;
  const auto plan_command = [this](const std::string& action, const char* about, auto make) {
    add_command("/v1/plans/:plan/" + action, about,
                [make](const Request& request, const PathValues& v) -> Read {
                  return core::Command(make(target(request, std::string(v[0]))));
                });
    // The deprecated form of the same, on "deploy".
    add_command("/v1/plan/" + action, "The same of `deploy`. Deprecated.",
                [make](const Request& request, const PathValues&) -> Read {
                  return core::Command(make(target(request, "deploy")));
                });
  };
  plan_command("continue",
               "Takes an interrupt back, or lets the next canary step go; of the plan, or of the `phase`.",
               [](command::Target t) { return command::PlanContinue{std::move(t)}; });
  plan_command("interrupt", "Begins no further step of the plan, or of the `phase`; what runs goes on.",
               [](command::Target t) { return command::PlanInterrupt{std::move(t)}; });
  plan_command("forceComplete",
               "Takes the plan, the `phase` or the `step` for complete, whatever its tasks do.",
               [](command::Target t) { return command::PlanForceComplete{std::move(t)}; });
  plan_command("restart",
               "Does the plan, the `phase` or the `step` again: its tasks are killed and launched anew.",
               [](command::Target t) { return command::PlanRestart{std::move(t)}; });
  add_command("/v1/plans/:plan/stop", "Interrupts the plan and sets its steps back to the beginning.",
              [](const Request&, const PathValues& v) -> Read {
                return core::Command(command::PlanStop{std::string(v[0])});
              });
  add_command("/v1/plans/:plan/start",
              "Begins the plan, or goes on with it. Body: its variables, `{\"NAME\": \"value\"}`.",
              [](const Request& request, const PathValues& v) -> Read {
                auto values = parameters(request.body);
                if (!values)
                  return text_response(
                      400,
                      "Couldn't parse parameters: expected a JSON object of texts, {\"NAME\": \"value\"}");
                return core::Command(command::PlanStart{std::string(v[0]), std::move(*values)});
              });
  add_command(
      "/v1/pod/:instance/restart",
      "Restarts the pod where it is, but for tasks that run once; with `force=true` now, whatever an advisor "
      "says.",
      [](const Request& request, const PathValues& v) -> Read {
        const auto force = flag(request, "force");
        if (!force) return text_response(400, kWrongForce);
        return core::Command(command::PodRestart{std::string(v[0]), *force});
      });
  add_command("/v1/pod/:instance/replace",
              "Gives the pod up, with its volumes, and launches it anew, elsewhere if it must be; with "
              "`force=true` now, whatever an advisor says.",
              [](const Request& request, const PathValues& v) -> Read {
                const auto force = flag(request, "force");
                if (!force) return text_response(400, kWrongForce);
                return core::Command(command::PodReplace{std::string(v[0]), *force});
              });
  add_command("/v1/uninstall/abandon", "Gives up what an uninstall waits for, on all agents or on `agent`.",
              [](const Request& request, const PathValues&) -> Read {
                return core::Command(command::UninstallAbandon{part(request, "agent").value_or("")});
              });
  const auto pod_command = [this](const std::string& action, const char* about, auto make) {
    add_command("/v1/pod/:instance/" + action, about,
                [make](const Request& request, const PathValues& v) -> Read {
                  auto tasks = names(request.body);
                  if (!tasks)
                    return text_response(400, R"(expected a JSON list of tasks' names, ["server"])");
                  return core::Command(make(std::string(v[0]), std::move(*tasks)));
                });
  };
  using Names = std::vector<std::string>;
  pod_command("pause",
              "Launches the pod anew, idle, for a look around in it. Body: the tasks meant, `[\"server\"]`; "
              "none: all.",
              [](std::string pod, Names tasks) {
                return command::PodPause{std::move(pod), std::move(tasks)};
              });
  pod_command("resume", "Takes a pause back. Body: as of pause.", [](std::string pod, Names tasks) {
    return command::PodResume{std::move(pod), std::move(tasks)};
  });
}

}  // namespace ostler::api
