#include "harness/cluster.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/http.h"
#include "harness/wait.h"
#include "harness/work_folder.h"

namespace ostler::harness {

using nlohmann::json;

Cluster::Cluster(const Options& options) : folder_(options.folder) {
  const std::string ready = folder_ + "/cluster.ready";
  write_file(ready, "");
  ProcessOptions run;
  run.arguments = {options.installation.cluster(),
                   "--port",
                   std::to_string(options.port),
                   "--work-dir",
                   folder_ + "/cluster",
                   "--log-file",
                   log_file()};
  run.arguments.insert(run.arguments.end(), options.arguments.begin(), options.arguments.end());
  run.stdout_path = ready;
  run.stderr_path = log_file();
  process_ = std::make_unique<Process>(run);
  const auto log = [&] { return "the end of its log:\n" + last_lines(log_file(), 20); };
  json answer;
  wait_until(
      "ostler-cluster to be ready", patience(),
      [&] {
        const std::string line = read_file(ready);
        if (line.ends_with('\n')) answer = json::parse(line, nullptr, false);
        if (answer.is_null() && !process_->is_running()) throw HarnessError("ostler-cluster ended; " + log());
        return answer.is_object();
      },
      log);
  master_ = answer.at("master");
  hosts_file_ = answer.at("hosts_file");
}

Cluster::~Cluster() {
  process_->signal(SIGTERM);
  process_->wait(std::chrono::seconds(20));
}

json Cluster::state() const {
  const HttpReply reply = http_get("http://" + master_ + "/control/state");
  if (reply.status != 200) throw HarnessError("/control/state: " + reply.error + reply.body);
  return json::parse(reply.body);
}

void Cluster::control(const std::string& path, const std::string& body) const {
  const HttpReply reply = http_post("http://" + master_ + "/control/" + path, body);
  if (reply.status != 200) throw HarnessError("/control/" + path + ": " + reply.error + reply.body);
}

std::vector<Cluster::Task> Cluster::tasks() const {
  std::vector<Task> out;
  const json all = state();
  for (const json& one : all.at("tasks")) {
    Task task;
    task.name = one.at("name");
    task.id = one.at("task_id");
    task.agent = one.at("agent");
    task.state = one.at("state");
    task.live = one.at("live");
    task.pid = one.value("pid", 0);
    task.sandbox = one.value("sandbox", "");
    task.volumes = one.at("volumes").get<std::vector<std::string>>();
    out.push_back(std::move(task));
  }
  return out;
}

Cluster::Task Cluster::task(const std::string& name) const {
  std::vector<Task> found;
  for (Task& task : tasks()) {
    if (task.live && task.name == name) found.push_back(std::move(task));
  }
  if (found.size() != 1) {
    throw HarnessError("there are " + std::to_string(found.size()) + " live tasks '" + name +
                       "', expected one");
  }
  return found.front();
}

std::string Cluster::last_words() const {
  namespace fs = std::filesystem;
  std::map<std::string, fs::path> last;  // by what stands before the id's UUID
  std::error_code ignored;
  for (fs::recursive_directory_iterator at(folder_ + "/cluster/agents", ignored), end; at != end;
       at.increment(ignored)) {
    if (at->path().filename() != "stderr" || fs::file_size(at->path(), ignored) == 0) continue;
    const std::string id = at->path().parent_path().filename();
    fs::path& newest = last[id.substr(0, id.rfind("__"))];
    if (newest.empty() || fs::last_write_time(newest, ignored) < fs::last_write_time(at->path(), ignored))
      newest = at->path();
  }
  std::string out;
  for (const auto& [task, path] : last) {
    out += "the end of what " + task + " wrote to stderr:\n" + last_lines(path, 10);
    if (!out.ends_with('\n')) out += '\n';
  }
  return out;
}

std::map<std::string, std::string> Cluster::live_tasks() const {
  std::map<std::string, std::string> out;
  for (const Task& task : tasks()) {
    if (task.live) out[task.name] = task.id;
  }
  return out;
}

std::map<std::string, int> Cluster::launches() const { return counts("launches"); }
std::map<std::string, int> Cluster::runs() const { return counts("runs"); }

std::map<std::string, int> Cluster::counts(const char* what) const {
  std::map<std::string, int> out;
  const json all = state();
  for (const auto& [key, count] : all.at(what).items()) {
    out[key.substr(key.find('/') + 1)] += count.get<int>();
  }
  return out;
}

std::map<std::string, int> Cluster::calls() const {
  return state().at("calls").get<std::map<std::string, int>>();
}

int64_t Cluster::last_call_unix_ms(const std::string& type) const {
  return state().at("last_call_unix_ms").at(type).get<int64_t>();
}

std::vector<std::string> Cluster::violations() const {
  return state().at("violations").get<std::vector<std::string>>();
}

}  // namespace ostler::harness
