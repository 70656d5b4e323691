#include "cluster/http/api.h"

#include <nlohmann/json.hpp>

#include "cluster/http/control.h"
#include "mesos/codec.h"

namespace ostler::cluster {
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kProtobuf = "application/x-protobuf";
// How often a silent stream looks whether its subscriber is still there.
constexpr auto kStreamPoll = std::chrono::milliseconds(100);

bool accepts_json(const std::optional<std::string>& accept) {
  if (!accept) return true;
  for (const char* range : {kJson, kProtobuf, "application/*", "*/*"}) {
    if (accept->find(range) != std::string::npos) return true;
  }
  return false;
}

std::optional<HttpAnswer> invalid_head(const HttpRequest& request) {
  if (request.method != "POST") {
    auto answer = text_answer(
        405, "405 Method Not Allowed. Expecting one of { 'POST' }, but received '" + request.method + "'.");
    answer.headers.emplace_back("Allow", "POST");
    return answer;
  }
  if (!request.content_type) return text_answer(400, "Expecting 'Content-Type' to be present");
  if (*request.content_type == kProtobuf) {
    return text_answer(415, "ostler-cluster speaks JSON only: expecting 'Content-Type' of application/json");
  }
  if (*request.content_type != kJson) {
    return text_answer(415, "Expecting 'Content-Type' of application/json or application/x-protobuf");
  }
  return std::nullopt;
}

// The sending end of one subscription.
class Sender {
 public:
  Sender(std::shared_ptr<Stream> stream, MasterFacts facts)
      : stream_(std::move(stream)), facts_(std::move(facts)), next_beat_(Clock::now()) {}

  HttpAnswer::Next send(const HttpWrite& write, bool is_writable) {
    const auto popped = stream_->pop(kStreamPoll);
    if (popped.cut) return HttpAnswer::Next::kCut;
    for (const auto& event : popped.events) {
      if (!write(record(event_text(event, facts_)))) return HttpAnswer::Next::kCut;
      if (std::holds_alternative<event::Subscribed>(event) && !beat(write)) return HttpAnswer::Next::kCut;
    }
    if (popped.ended) return HttpAnswer::Next::kEnd;
    if (!is_writable) return HttpAnswer::Next::kCut;
    if (!popped.stalled && beats_ && Clock::now() >= next_beat_ && !beat(write))
      return HttpAnswer::Next::kCut;
    return HttpAnswer::Next::kMore;
  }

 private:
  using Clock = std::chrono::steady_clock;

  // The first one follows SUBSCRIBED at once.
  bool beat(const HttpWrite& write) {
    beats_ = true;
    next_beat_ = Clock::now() + std::chrono::milliseconds(static_cast<int64_t>(facts_.heartbeat_s * 1000));
    return write(record(heartbeat_text()));
  }

  const std::shared_ptr<Stream> stream_;
  const MasterFacts facts_;
  bool beats_ = false;
  Clock::time_point next_beat_;
};

}  // namespace

HttpAnswer text_answer(int status, std::string text) {
  HttpAnswer answer;
  answer.status = status;
  answer.content_type = "text/plain; charset=utf-8";
  answer.body = std::move(text);
  return answer;
}

HttpAnswer Api::handle(const HttpRequest& request) {
  if (cluster_.is_down()) return text_answer(503, "The master is down");
  if (request.path == "/api/v1/scheduler" || request.path == "/master/api/v1/scheduler")
    return scheduler(request);
  if (request.path == "/health" || request.path == "/master/health") return HttpAnswer{};
  // Mesos' own HTTP library hands everything below /api/v1 to the operator API.
  if (request.path.starts_with("/api/v1") || request.path.starts_with("/master/api/v1"))
    return operator_call(request);
  return text_answer(404, "ostler-cluster has no '" + request.path +
                              "'; there are /api/v1/scheduler, /health and /control/state");
}

HttpAnswer Api::scheduler(const HttpRequest& request) {
  if (auto wrong = invalid_head(request)) return *wrong;
  auto parsed = parse_call(request.body);
  if (auto* text = std::get_if<std::string>(&parsed)) return text_answer(400, *text);
  auto& call_ = std::get<ParsedCall>(parsed);
  control_.count_call(call_.type);
  if (control_.kills_before_call()) return text_answer(503, "its sender was killed by /control/kill");
  HttpAnswer answer = carry_out(request, std::move(call_));
  control_.kill_after_call();
  return answer;
}

HttpAnswer Api::carry_out(const HttpRequest& request, ParsedCall call_) {
  if (auto* wanted = std::get_if<Master::Subscribe>(&call_.call)) {
    if (!accepts_json(request.accept)) {
      return text_answer(406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'");
    }
    if (request.stream_id) {
      return text_answer(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
    }
    if (auto status = control_.dropped_call(call_.type))
      return text_answer(*status, "dropped by /control/drop");
    return subscribe(std::move(*wanted));
  }
  return call(request, std::move(call_));
}

HttpAnswer Api::subscribe(Master::Subscribe request) {
  const auto made = cluster_.subscribe(std::move(request));
  HttpAnswer answer;
  answer.content_type = kJson;
  answer.headers.emplace_back("Mesos-Stream-Id", made.stream_id);
  auto sender = std::make_shared<Sender>(made.stream, cluster_.facts());
  answer.stream = [sender](const HttpWrite& write, bool is_writable) {
    return sender->send(write, is_writable);
  };
  answer.stream_closed = [this, id = made.stream_id] { cluster_.stream_closed(id); };
  return answer;
}

HttpAnswer Api::call(const HttpRequest& request, ParsedCall parsed) {
  return cluster_.with([&](Master& master, int64_t now) {
    const auto& id = parsed.framework_id;
    if (auto refused = master.refusal(id, request.stream_id))
      return text_answer(refused->status, refused->text);
    HttpAnswer answer;
    answer.status = 202;
    if (auto status = control_.dropped_call(parsed.type)) {
      answer.status = *status;
      return answer;
    }
    if (const auto* plain = std::get_if<mesos::Call>(&parsed.call)) {
      master.handle(now, id, *plain);
    } else if (const auto* kill = std::get_if<extra_call::KillWithGrace>(&parsed.call)) {
      master.kill(now, id, kill->kill, kill->grace_ms);
    } else if (const auto* shutdown = std::get_if<extra_call::Shutdown>(&parsed.call)) {
      master.shutdown_executor(id, shutdown->agent_id, shutdown->executor_id, now);
    } else if (const auto* update = std::get_if<extra_call::UpdateFramework>(&parsed.call)) {
      const auto done = master.update_framework(now, id, update->request);
      if (!done) return text_answer(400, done.error().message);
      answer.status = 200;
    }
    return answer;
  });
}

HttpAnswer Api::operator_call(const HttpRequest& request) {
  if (auto wrong = invalid_head(request)) return *wrong;
  const auto document = mesos::parse_json(request.body);
  if (!document || !document->is_object()) {
    return text_answer(400, "Failed to parse body into JSON: syntax error at line 1 near: ");
  }
  const auto type = document->find("type");
  if (type != document->end() && *type == "MARK_AGENT_GONE") {
    const auto at = nlohmann::json::json_pointer("/mark_agent_gone/agent_id/value");
    if (!document->contains(at) || !(*document)[at].is_string()) {
      return text_answer(400, "Failed to validate master::Call: Expecting 'mark_agent_gone' to be present");
    }
    const std::string agent_id = (*document)[at];
    const bool found = cluster_.with([&](Master& master, int64_t now) {
      return master.agent(agent_id) && (master.mark_agent_gone(now, agent_id), true);
    });
    return found ? HttpAnswer{} : text_answer(404, "Agent not found");
  }
  if (type != document->end() && *type == "GET_HEALTH") {
    HttpAnswer answer;
    answer.content_type = kJson;
    answer.body = R"({"type":"GET_HEALTH","get_health":{"healthy":true}})";
    return answer;
  }
  return text_answer(400, "Failed to validate master::Call: Expecting 'type' to be present");
}

}  // namespace ostler::cluster
