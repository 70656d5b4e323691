#include "harness/scheduler.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/wait.h"
#include "harness/work_folder.h"

namespace ostler::harness {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr const char* kApiLine = "the API is at http://";

}  // namespace

Scheduler::Scheduler(const Options& options)
    : options_(options), log_path_(options.folder + "/" + options.name + ".log") {
  const Installation& at = options_.installation;
  if (options_.manifest.empty()) options_.manifest = at.share() + "/plugins.yaml";
  std::error_code none;
  log_from_ = std::filesystem::exists(log_path_, none) ? std::filesystem::file_size(log_path_, none) : 0;
  ProcessOptions run;
  run.arguments = {at.ostler(),    "run",           "--plugins",    options_.manifest,
                   "--plugin-dir", at.plugin_dir(), "--log-format", "json"};
  run.arguments.insert(run.arguments.end(), options_.arguments.begin(), options_.arguments.end());
  if (!options_.command.empty()) run.arguments = {"/bin/sh", "-c", options_.command};
  run.environment = options_.service;
  run.environment.emplace("OSTLER_MASTER", options_.master);
  run.environment.emplace("OSTLER_API_HOST", "127.0.0.1");
  run.environment.emplace("OSTLER_STATE_DIR", options_.folder + "/state");
  run.environment.emplace("PORT_API", "0");
  run.stdout_path = options.folder + "/" + options.name + ".out";
  run.stderr_path = log_path_;
  process_ = std::make_unique<Process>(run);
}

int Scheduler::terminate() {
  process_->signal(SIGTERM);
  return wait_exit(patience());
}

int Scheduler::wait_exit(milliseconds timeout) {
  const auto code = process_->wait(timeout);
  if (!code) throw HarnessError("ostler run still goes on\n" + describe());
  return *code;
}

std::string Scheduler::log() const { return read_file(log_path_).substr(log_from_); }

void Scheduler::wait_logged(const std::string& text) {
  wait_for("the log to say '" + text + "'", [&] { return has_logged(text); });
}

const std::string& Scheduler::api() {
  if (!api_.empty()) return api_;
  wait_logged(kApiLine);
  const std::string all = log();
  const size_t from = all.find(kApiLine) + std::string(kApiLine).size();
  const std::string address = all.substr(from, all.find('/', from) - from);
  api_ = "http://127.0.0.1" + address.substr(address.rfind(':'));
  return api_;
}

HttpReply Scheduler::get(const std::string& path) { return http_get(api() + path); }

json Scheduler::get_json(const std::string& path) {
  const HttpReply reply = get(path);
  json body = json::parse(reply.body, nullptr, false);
  if (reply.status / 100 != 2 || body.is_discarded()) {
    throw HarnessError("GET " + path + ": " + std::to_string(reply.status) + " " + reply.error + reply.body);
  }
  return body;
}

void Scheduler::wait_for(const std::string& what, const std::function<bool()>& is_true) {
  wait_for(what, patience(), is_true);
}

void Scheduler::wait_for(const std::string& what, milliseconds timeout,
                         const std::function<bool()>& is_true) {
  wait_until(
      what, timeout,
      [&] {
        if (is_true()) return true;
        if (!process_->is_running()) {
          throw HarnessError("ostler run ended with " + std::to_string(*process_->wait(milliseconds(0))) +
                             " before " + what + "\n" + describe());
        }
        return false;
      },
      [&] { return describe(); });
}

bool Scheduler::is_complete(const std::string& plan) { return get("/v1/plans/" + plan).status == 200; }

void Scheduler::wait_deployed() {
  api();
  wait_for("the deployment to be complete", [&] { return is_complete("deploy"); });
}

void Scheduler::wait_health(int code) {
  wait_for("/v1/health to be " + std::to_string(code), [&] { return get("/v1/health").status == code; });
}

std::map<std::string, std::string> Scheduler::task_ids() {
  std::map<std::string, std::string> out;
  const json status = get_json("/v1/pod/status");
  for (const json& type : status.value("pods", json::array())) {
    for (const json& pod : type.at("instances")) {
      for (const json& task : pod.at("tasks")) out[task.at("name")] = task.at("id");
    }
  }
  return out;
}

std::vector<std::string> Scheduler::client_addresses() {
  return get_json("/v1/endpoints/clientport").at("address").get<std::vector<std::string>>();
}

std::string Scheduler::describe() {
  std::string text;
  if (!api_.empty() && process_->is_running()) {
    for (const char* name : {"deploy", "recovery"}) {
      const HttpReply reply = get(std::string("/v1/plans/") + name);
      const json plan = json::parse(reply.body, nullptr, false);
      if (plan.is_object()) text += plan_text(name, plan);
    }
    text += "/v1/health: " + get("/v1/health?verbose=true").body + "\n";
  }
  return text + "the end of " + log_path_ + ":\n" + last_lines(log_path_, 15);
}

std::string plan_text(const std::string& name, const json& plan) {
  std::string out =
      name + " (" + plan.value("strategy", "") + " strategy) (" + plan.value("status", "") + ")\n";
  const json phases = plan.value("phases", json::array());
  for (size_t i = 0; i < phases.size(); ++i) {
    const json& phase = phases[i];
    const bool last = i + 1 == phases.size();
    out += std::string(last ? "└─ " : "├─ ") + phase.value("name", "") + " (" + phase.value("strategy", "") +
           " strategy) (" + phase.value("status", "") + ")\n";
    const json steps = phase.value("steps", json::array());
    for (size_t j = 0; j < steps.size(); ++j) {
      const std::string message = steps[j].value("message", "");
      out += std::string(last ? "   " : "│  ") + (j + 1 == steps.size() ? "└─ " : "├─ ") +
             steps[j].value("name", "") + " (" + steps[j].value("status", "") + ")" +
             (message.empty() ? "" : "  " + message) + "\n";
    }
  }
  return out;
}

}  // namespace ostler::harness
