// Subscriptions: who may, take-over by a second subscriber, loss of the stream,
// failover timeout, teardown.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cluster/model/master.h"

namespace ostler::cluster {
namespace {

constexpr double kMaxDurationS = 9.2e9;  // Mesos counts nanoseconds in 64 bits.

std::optional<std::string> invalid_role(const std::string& role) {
  if (role == "*") return std::nullopt;
  if (role.empty()) return "Role name cannot be empty";
  if (role == "." || role == "..") return "Role name '" + role + "' is invalid";
  if (role.front() == '/') return "Role '" + role + "' cannot start with a slash";
  if (role.back() == '/') return "Role '" + role + "' cannot end with a slash";
  if (role.front() == '-') return "Role '" + role + "' cannot start with a dash";
  if (role.find("//") != std::string::npos) return "Role '" + role + "' cannot contain two adjacent slashes";
  for (const char c : role) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '\\') {
      return "Role '" + role + "' contains invalid characters";
    }
  }
  return std::nullopt;
}

}  // namespace

bool Framework::can(std::string_view capability) const {
  return std::find(info.capabilities.begin(), info.capabilities.end(), capability) != info.capabilities.end();
}

Framework* Master::find_framework(const std::string& framework_id) {
  const auto found = frameworks_.find(framework_id);
  return found == frameworks_.end() ? nullptr : &found->second;
}

void Master::to_framework(const std::string& framework_id, Event event) {
  const auto found = frameworks_.find(framework_id);
  if (found == frameworks_.end() || !found->second.is_connected) return;
  outputs_.push_back(output::ToFramework{framework_id, found->second.stream_id, std::move(event)});
}

std::optional<std::string> Master::invalid(const Subscribe& request) const {
  const auto& info = request.info;
  const auto& capabilities = info.capabilities;
  const bool multi_role =
      std::find(capabilities.begin(), capabilities.end(), "MULTI_ROLE") != capabilities.end();
  if (multi_role && !request.legacy_role.empty()) {
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
  }
  if (!multi_role && !info.roles.empty()) {
    return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
  }
  std::set<std::string> seen;
  std::string twice;
  for (const auto& role : info.roles) {
    if (!seen.insert(role).second) twice += (twice.empty() ? " " : ", ") + role;
  }
  if (!twice.empty()) return "'FrameworkInfo.roles' contains duplicate items: {" + twice + " }";
  for (const auto& role : info.roles) {
    if (auto error = invalid_role(role)) return "'FrameworkInfo.roles' contains invalid role: " + *error;
  }
  if (!request.legacy_role.empty()) {
    if (auto error = invalid_role(request.legacy_role))
      return "'FrameworkInfo.role' is not a valid role: " + *error;
  }
  if (!std::isfinite(info.failover_timeout_s) || std::abs(info.failover_timeout_s) > kMaxDurationS) {
    char text[80];
    std::snprintf(text, sizeof text, "The framework failover_timeout (%g) is invalid",
                  info.failover_timeout_s);
    return text;
  }
  if (removed_.contains(info.id)) return "Framework has been removed";
  const auto known = frameworks_.find(info.id);
  if (known != frameworks_.end() && known->second.info.principal != info.principal) {
    return "Changing framework's principal is not allowed.";
  }
  return std::nullopt;
}

std::string Master::subscribe(int64_t now_ms, Subscribe request) {
  const auto stream = ids_.uuid();
  if (auto error = invalid(request)) {
    outputs_.push_back(output::ToFramework{request.info.id, stream, event::Error{std::move(*error)}});
    outputs_.push_back(output::EndStream{stream, false});
    return stream;
  }
  auto& info = request.info;
  if (info.roles.empty()) info.roles = {request.legacy_role.empty() ? "*" : request.legacy_role};
  if (info.id.empty()) {
    char number[24];
    std::snprintf(number, sizeof number, "-%04llu", static_cast<unsigned long long>(next_framework_++));
    info.id = id_ + number;
  }
  const auto framework_id = info.id;
  auto [at, is_new] = frameworks_.try_emplace(framework_id);
  auto& framework = at->second;
  if (framework.is_connected) {
    to_framework(framework_id, event::Error{"Framework failed over"});
    outputs_.push_back(output::EndStream{framework.stream_id, false});
  }
  drop_offers(framework_id);
  framework.info = std::move(info);
  framework.is_connected = true;
  framework.stream_id = stream;
  ++framework.epoch;
  framework.filters.clear();
  settled_until_ms_ = 0;
  framework.suppressed = {request.suppressed_roles.begin(), request.suppressed_roles.end()};
  if (is_new) {
    for (const auto& agent : agents_) {
      // One that is away for a moment stays known with its tasks.
      if (agent->standing != Standing::kRegistered && agent->standing != Standing::kDisconnected) continue;
      for (const auto& [key, task] : agent->tasks) {
        if (key.first == framework_id) framework.tasks[key.second] = agent.get();
      }
    }
  }
  to_framework(framework_id, event::Subscribed{framework_id, id_});
  allocate(now_ms);
  return stream;
}

Result<void> Master::update_framework(int64_t now_ms, const std::string& framework_id, Subscribe request) {
  request.info.id = framework_id;
  if (auto error = invalid(request)) {
    return Error{Code::kInvalidArgument, "FrameworkInfo update is not valid: " + *error, {}};
  }
  auto& framework = frameworks_.at(framework_id);
  if (request.info.roles.empty()) request.info.roles = framework.info.roles;
  settled_until_ms_ = 0;
  framework.info = std::move(request.info);
  framework.suppressed = {request.suppressed_roles.begin(), request.suppressed_roles.end()};
  allocate(now_ms);
  return {};
}

void Master::stream_closed(int64_t now_ms, const std::string& stream_id) {
  for (auto& [framework_id, framework] : frameworks_) {
    if (framework.stream_id != stream_id || !framework.is_connected) continue;
    framework.is_connected = false;
    drop_offers(framework_id);
    const auto wait_ms = static_cast<int64_t>(std::max(0.0, framework.info.failover_timeout_s) * 1000);
    schedule(now_ms + wait_ms, [this, id = framework_id, epoch = framework.epoch, master = id_](int64_t now) {
      const auto found = frameworks_.find(id);
      // Another master counts its subscriptions anew.
      if (id_ == master && found != frameworks_.end() && found->second.epoch == epoch)
        remove_framework(now, id);
    });
    return;
  }
}

std::optional<Master::Refusal> Master::refusal(const std::string& framework_id,
                                               const std::optional<std::string>& stream_id) const {
  const auto found = frameworks_.find(framework_id);
  if (found == frameworks_.end()) return Refusal{400, "Framework cannot be found"};
  if (!found->second.is_connected) return Refusal{403, "Framework is not subscribed"};
  if (!stream_id) return Refusal{400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header"};
  if (*stream_id != found->second.stream_id) {
    return Refusal{400, "The stream ID '" + *stream_id +
                            "' included in this request didn't match the stream ID " +
                            "currently associated with framework ID " + framework_id};
  }
  return std::nullopt;
}

void Master::remove_framework(int64_t now_ms, const std::string& framework_id) {
  drop_offers(framework_id);
  frameworks_.erase(framework_id);
  removed_.insert(framework_id);
  for (const auto& agent : agents_) {
    if (agent->standing == Standing::kGone) continue;
    std::vector<std::string> ended;
    for (auto& [key, task] : agent->tasks) {
      if (key.first != framework_id) continue;
      if (!task.live()) {
        ended.push_back(key.second);
      } else if (agent->is_linked) {
        kill_task(now_ms, *agent, framework_id, task, std::nullopt);
      }
    }
    for (const auto& task_id : ended) erase_task(*agent, framework_id, task_id);
    std::erase_if(agent->operations, [&](auto& operation) { return operation.framework_id == framework_id; });
  }
}

}  // namespace ostler::cluster
