#include "cluster/http/control.h"

#include <signal.h>

#include <nlohmann/json.hpp>

#include "cluster/http/api.h"
#include "mesos/codec.h"

namespace ostler::cluster {
namespace {

using nlohmann::json;

HttpAnswer json_answer(int status, const json& value) {
  HttpAnswer answer;
  answer.status = status;
  answer.content_type = "application/json";
  answer.body = mesos::json_text(value) + "\n";
  return answer;
}

HttpAnswer done(bool ok, const std::string& missing) {
  return ok ? json_answer(200, {{"ok", true}}) : json_answer(404, {{"error", missing}});
}

int64_t number(const json& body, const char* name, int64_t otherwise) {
  const auto found = body.find(name);
  return found != body.end() && found->is_number_integer() ? found->get<int64_t>() : otherwise;
}

std::string text(const json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  size_t from = 0;
  while (from < path.size()) {
    const auto to = std::min(path.find('/', from), path.size());
    if (to > from) parts.push_back(path.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

}  // namespace

std::optional<int> Control::dropped_call(const std::string& type) {
  const std::lock_guard lock(mutex_);
  const auto found = drops_.find(type);
  if (found == drops_.end()) return std::nullopt;
  const int status = found->second.status;
  if (--found->second.count == 0) drops_.erase(found);
  return status;
}

void Control::count_call(const std::string& type) {
  const std::lock_guard lock(mutex_);
  ++calls_[type];
  last_call_ms_[type] = std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
}

bool Control::kills_before_call() {
  const std::lock_guard lock(mutex_);
  if (kill_.calls_left == 0 || kill_.after || --kill_.calls_left > 0) return false;
  ::kill(kill_.pid, SIGKILL);
  return true;
}

void Control::kill_after_call() {
  const std::lock_guard lock(mutex_);
  if (kill_.calls_left == 0 || !kill_.after || --kill_.calls_left > 0) return;
  ::kill(kill_.pid, SIGKILL);
}

HttpAnswer Control::handle(const HttpRequest& request) {
  const auto parts = split(request.path);
  if (request.method == "GET") {
    if (parts.size() == 2 && parts[1] == "state") {
      json state = state_json(cluster_);
      const std::lock_guard lock(mutex_);
      state["calls"] = calls_;
      state["last_call_unix_ms"] = last_call_ms_;
      return json_answer(200, state);
    }
    return json_answer(404, {{"error", "the only thing to GET is /control/state"}});
  }
  if (request.method != "POST") return json_answer(405, {{"error", "expected GET or POST"}});
  json body = json::object();
  if (!request.body.empty()) {
    auto parsed = mesos::parse_json(request.body);
    if (!parsed) return json_answer(400, {{"error", "the body is not JSON: " + parsed.error().text()}});
    if (!parsed->is_object()) return json_answer(400, {{"error", "the body must be a JSON object"}});
    body = std::move(*parsed);
  }
  const auto part = [&](size_t i) { return i < parts.size() ? parts[i] : std::string(); };
  return post(part(1), part(2), part(3), body);
}

HttpAnswer Control::post(const std::string& what, const std::string& name, const std::string& verb,
                         const json& body) {
  if (what == "agents") return agent(name, verb, body);
  if (what == "rescind") {
    const auto count = static_cast<uint64_t>(std::max<int64_t>(0, number(body, "count", 1)));
    cluster_.with([&](Master& master, int64_t) { master.rescind_accepted(count); });
    return done(true, "");
  }
  if (what == "tasks" && verb == "kill") {
    const auto signal_number = static_cast<int>(number(body, "signal", SIGKILL));
    return done(cluster_.signal_task(name, signal_number), "no live task '" + name + "'");
  }
  if (what == "executors" && verb == "kill") {
    return done(cluster_.kill_executor(name), "no executor '" + name + "'");
  }
  if (what == "master") return master(name, body);
  if (what == "streams" && name == "cut") {
    cluster_.cut_streams();
    return done(true, "");
  }
  if (what == "streams" && name == "stall") {
    cluster_.stall_streams();
    return done(true, "");
  }
  if (what == "drop") return drop(body);
  if (what == "kill") return kill(body);
  if (what == "updates") return updates(body);
  if (what == "refuse") return refuse(body);
  if (what == "shutdown") {
    shutdown_ = true;
    return done(true, "");
  }
  return json_answer(
      404, {{"error",
             "unknown control call; there are agents/ID/VERB, tasks/ID/kill, executors/ID/kill, "
             "master/restart, streams/cut, streams/stall, drop, kill, updates, refuse, rescind, shutdown"}});
}

HttpAnswer Control::agent(const std::string& name, const std::string& verb, const json& body) {
  // By id, by address, or by number.
  const auto agent_id = cluster_.with([&](Master& master, int64_t) {
    for (const auto& one : master.agents()) {
      if (one->id == name || one->spec->address == name || std::to_string(one->index) == name) return one->id;
    }
    return std::string();
  });
  if (agent_id.empty()) return done(false, "no agent '" + name + "'; give its id, address or number from 0");
  const auto call = [&](auto method) {
    const bool changed =
        cluster_.with([&](Master& master, int64_t now) { return (master.*method)(now, agent_id); });
    return json_answer(200, {{"ok", true}, {"agent_id", agent_id}, {"changed", changed}});
  };
  if (verb == "disconnect") return call(&Master::disconnect_agent);
  if (verb == "reconnect") return call(&Master::reconnect_agent);
  if (verb == "gone") return call(&Master::mark_agent_gone);
  if (verb == "add") {
    auto resource = mesos::resource_from_json(body);
    if (!resource) return json_answer(400, {{"error", "no resource: " + resource.error().text()}});
    return done(cluster_.with([&](Master& master, int64_t now) {
      return master.add_resource(now, agent_id, std::move(*resource));
    }),
                "no agent '" + name + "'");
  }
  if (verb == "maintenance") {
    const int64_t now_unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::system_clock::now().time_since_epoch())
                                    .count();
    const auto duration_ms = number(body, "duration_ms", 3'600'000);
    std::optional<Maintenance> when;
    if (duration_ms > 0) when = Maintenance{now_unix_ms + number(body, "in_ms", 0), duration_ms};
    return done(cluster_.with(
                    [&](Master& master, int64_t now) { return master.set_maintenance(now, agent_id, when); }),
                "no agent '" + name + "'");
  }
  if (verb == "replace") {
    const auto fresh =
        cluster_.with([&](Master& master, int64_t now) { return master.replace_agent(now, agent_id); });
    return json_answer(200, {{"ok", true}, {"agent_id", fresh}, {"changed", !fresh.empty()}});
  }
  if (verb == "kill-host") return done(cluster_.kill_host(agent_id), "no agent '" + name + "'");
  return json_answer(
      404, {{"error", "unknown verb '" + verb +
                          "'; there are disconnect, reconnect, gone, replace, maintenance, add, kill-host"}});
}

HttpAnswer Control::master(const std::string& verb, const json& body) {
  if (verb != "restart") return json_answer(404, {{"error", "the only verb for the master is restart"}});
  const auto registry = text(body, "registry");
  if (!registry.empty() && registry != "memory" && registry != "replicated") {
    return json_answer(
        400, {{"error", "\"registry\" is '" + registry + "'; expected \"memory\" or \"replicated\""}});
  }
  if (const auto down_ms = number(body, "down_ms", 0); down_ms > 0) cluster_.set_down_for(down_ms);
  cluster_.with([&](Master& master, int64_t now) {
    master.restart(now, registry == "replicated", number(body, "agents_after_ms", -1));
  });
  return done(true, "");
}

HttpAnswer Control::drop(const json& body) {
  const auto call = text(body, "call");
  const auto count = number(body, "count", 1);
  const auto status = number(body, "status", 202);
  if (call.empty() || count < 0 || status < 200 || status > 599) {
    return json_answer(400, {{"error", "expected {\"call\": \"ACCEPT\", \"count\": 1, \"status\": 202}"}});
  }
  const std::lock_guard lock(mutex_);
  if (count == 0) {
    drops_.erase(call);
  } else {
    drops_[call] = {static_cast<uint64_t>(count), static_cast<int>(status)};
  }
  return done(true, "");
}

HttpAnswer Control::kill(const json& body) {
  const auto pid = number(body, "pid", 0);
  const auto at = number(body, "call", 1);
  const auto after = body.value("after", json(false));
  if (pid <= 1 || at < 0 || !after.is_boolean()) {
    return json_answer(400, {{"error", "expected {\"pid\": 4711, \"call\": 1, \"after\": false}"}});
  }
  const std::lock_guard lock(mutex_);
  kill_ = {static_cast<pid_t>(pid), static_cast<uint64_t>(at), after.get<bool>()};
  return done(true, "");
}

HttpAnswer Control::refuse(const json& body) {
  using Type = mesos::Operation::Type;
  const auto name = text(body, "operation");
  const auto count = number(body, "count", 1);
  for (const Type type : {Type::kReserve, Type::kUnreserve, Type::kCreate, Type::kDestroy}) {
    if (name != mesos::to_string(type) || count < 0) continue;
    auto message = text(body, "message");
    if (message.empty()) message = "refused by /control/refuse";
    cluster_.with([&](Master& master, int64_t) {
      master.refuse_operations(type, static_cast<uint64_t>(count), std::move(message));
    });
    return done(true, "");
  }
  return json_answer(400, {{"error",
                            "expected {\"operation\": \"RESERVE\"|\"UNRESERVE\"|\"CREATE\"|\"DESTROY\", "
                            "\"count\": 1, \"message\": \"no quota\"}"}});
}

HttpAnswer Control::updates(const json& body) {
  const auto mode = text(body, "mode");
  const auto count = number(body, "count", 1);
  using Fault = Master::UpdateFault;
  const auto fault = mode == "drop" ? Fault::kDrop : mode == "delay" ? Fault::kDelay : Fault::kNone;
  if ((fault == Fault::kNone && mode != "pass") || count < 0) {
    return json_answer(
        400,
        {{"error", "expected {\"mode\": \"drop\"|\"delay\"|\"pass\", \"count\": 1, \"delay_ms\": 1000}"}});
  }
  cluster_.with([&](Master& master, int64_t) {
    master.set_update_fault(fault, static_cast<uint64_t>(count), number(body, "delay_ms", 1000));
  });
  return done(true, "");
}

}  // namespace ostler::cluster
