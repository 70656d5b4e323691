// The program as its users see it: started as a process, driven over HTTP, running real
// tasks, ended in order or by kill -9.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <httplib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

namespace {

using nlohmann::json;
using std::chrono::seconds;

bool is(const json& event, std::string_view type) {
  return event["type"].get_ref<const std::string&>() == type;
}

// ostler-cluster on a free port; gone with the object.
class ClusterProcess {
 public:
  explicit ClusterProcess(std::vector<std::string> options) {
    options.insert(options.begin(), {OSTLER_BUILD_DIR "/bin/ostler-cluster", "--port", "0"});
    int out[2];
    EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // Also gone when a test aborts.
      ::dup2(out[1], STDOUT_FILENO);
      std::vector<char*> argv;
      for (auto& option : options) argv.push_back(option.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(out[1]);
    std::string line;
    for (char c; ::read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    ::close(out[0]);
    facts = json::parse(line);
  }
  ~ClusterProcess() {
    if (pid_ > 0) end(SIGTERM);
  }
  int end(int signal_number) {
    ::kill(pid_, signal_number);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return status;
  }
  std::string url() const { return "http://" + facts["master"].get<std::string>(); }
  json state() const {
    httplib::Client client(url());
    const auto answer = client.Get("/control/state");
    return answer ? json::parse(answer->body) : json();
  }
  int control(const std::string& path, const json& body = json::object()) const {
    httplib::Client client(url());
    const auto answer = client.Post("/control/" + path, body.dump(), "application/json");
    return answer ? answer->status : 0;
  }
  json facts;

 private:
  pid_t pid_ = 0;
};

// A scheduler in a few lines: acknowledges everything, keeps every event.
class Scheduler {
 public:
  explicit Scheduler(const std::string& url, const std::string& framework_id = "") : url_(url), client_(url) {
    json info{
        {"user", "root"},
        {"name", "svc"},
        {"roles", {"role"}},
        {"principal", "p"},
        {"failover_timeout", 600.0},
        {"capabilities",
         {{{"type", "MULTI_ROLE"}}, {{"type", "RESERVATION_REFINEMENT"}}, {{"type", "PARTITION_AWARE"}}}}};
    json call{{"type", "SUBSCRIBE"}, {"subscribe", {{"framework_info", info}}}};
    if (!framework_id.empty()) {
      call["framework_id"] = {{"value", framework_id}};
      call["subscribe"]["framework_info"]["id"] = {{"value", framework_id}};
    }
    thread_ = std::thread([this, body = call.dump()] { listen(body); });
    id = await(
        [](const json& event) { return is(event, "SUBSCRIBED"); })["subscribed"]["framework_id"]["value"];
  }
  ~Scheduler() {
    client_.stop();
    thread_.join();
  }
  int call(json body) {
    body["framework_id"] = {{"value", id}};
    httplib::Client client(url_);
    const auto answer =
        client.Post("/api/v1/scheduler", {{"Mesos-Stream-Id", stream_}}, body.dump(), "application/json");
    return answer ? answer->status : 0;
  }
  // The first event since the last call that `wanted` likes.
  template <typename Wanted>
  json await(Wanted wanted) {
    std::unique_lock lock(mutex_);
    json found;
    std::string seen;
    const auto there = [&] {
      while (!events_.empty()) {
        found = std::move(events_.front());
        events_.pop_front();
        seen += found.dump().substr(0, 300) + "\n";
        if (wanted(found)) return true;
      }
      return false;
    };
    if (changed_.wait_for(lock, seconds(30), there)) return found;
    ADD_FAILURE() << "no such event among\n" << seen;
    std::abort();
  }
  json await_state(const std::string& state, const std::string& reason = "") {
    while (true) {
      const auto event = await([](const json& e) { return is(e, "UPDATE"); });
      const auto status = event["update"]["status"];
      if (status.contains("uuid")) {
        call(
            {{"type", "ACKNOWLEDGE"},
             {"acknowledge",
              {{"agent_id", status["agent_id"]}, {"task_id", status["task_id"]}, {"uuid", status["uuid"]}}}});
      }
      if (status["state"].get_ref<const std::string&>() == state &&
          (reason.empty() || status.value("reason", "") == reason)) {
        return status;
      }
    }
  }
  void decline_all() {
    json ids;
    {
      const std::lock_guard lock(mutex_);
      ids = std::exchange(offer_ids_, json::array());
      events_.clear();
    }
    call({{"type", "DECLINE"}, {"decline", {{"offer_ids", ids}, {"filters", {{"refuse_seconds", 0.0}}}}}});
  }
  json await_offer() {
    return await([](const json& e) { return is(e, "OFFERS"); })["offers"]["offers"][0];
  }
  void await_end() {
    await([](const json& e) { return is(e, "END"); });
  }
  std::string id;

 private:
  void listen(const std::string& body) {
    client_.set_read_timeout(60);
    httplib::Request request;
    request.method = "POST";
    request.path = "/api/v1/scheduler";
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.body = body;
    request.response_handler = [this](const httplib::Response& response) {
      const std::lock_guard lock(mutex_);
      stream_ = response.get_header_value("Mesos-Stream-Id");
      return true;
    };
    std::string bytes;
    request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
      bytes.append(data, size);
      for (size_t newline; (newline = bytes.find('\n')) != std::string::npos;) {
        const auto length = std::stoul(bytes.substr(0, newline));
        if (bytes.size() < newline + 1 + length) break;
        push(json::parse(bytes.substr(newline + 1, length)));
        bytes.erase(0, newline + 1 + length);
      }
      return true;
    };
    client_.send(request);
    push({{"type", "END"}});
  }
  void push(json event) {
    const std::lock_guard lock(mutex_);
    if (is(event, "OFFERS")) {
      for (const auto& offer : event["offers"]["offers"]) offer_ids_.push_back(offer["id"]);
    }
    events_.push_back(std::move(event));
    changed_.notify_all();
  }

  const std::string url_;
  httplib::Client client_;  // of the stream
  std::string stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<json> events_;
  json offer_ids_ = json::array();
  std::thread thread_;
};

json reserved(const std::string& name, double value) {
  return {{"name", name},
          {"type", "SCALAR"},
          {"scalar", {{"value", value}}},
          {"reservations",
           {{{"type", "DYNAMIC"},
             {"role", "role"},
             {"principal", "p"},
             {"labels", {{"labels", {{{"key", "resource_id"}, {"value", "x"}}}}}}}}}};
}

json volume() {
  auto made = reserved("disk", 64);
  made["disk"] = {{"persistence", {{"id", "v1"}, {"principal", "p"}}},
                  {"volume", {{"container_path", "data"}, {"mode", "RW"}}}};
  return made;
}

json launch(const Scheduler& scheduler, const json& offer, const std::string& task_id,
            const std::string& command) {
  json task{{"name", "server"},
            {"task_id", {{"value", task_id}}},
            {"agent_id", offer["agent_id"]},
            {"resources", {reserved("cpus", 0.5), reserved("mem", 64), volume()}},
            {"command", {{"value", command}}},
            {"check",
             {{"type", "COMMAND"},
              {"delay_seconds", 0.0},
              {"interval_seconds", 0.1},
              {"command", {{"command", {{"value", "test -f ready"}}}}}}}};
  return {{"type", "LAUNCH_GROUP"},
          {"launch_group",
           {{"executor",
             {{"type", "DEFAULT"},
              {"executor_id", {{"value", "e-" + task_id}}},
              {"framework_id", {{"value", scheduler.id}}},
              {"resources", {reserved("cpus", 0.1), reserved("mem", 32)}}}},
            {"task_group", {{"tasks", {task}}}}}}};
}

json accept(const json& offer, const json& operations) {
  return {
      {"type", "ACCEPT"},
      {"accept",
       {{"offer_ids", {offer["id"]}}, {"operations", operations}, {"filters", {{"refuse_seconds", 0.0}}}}}};
}

// Reserves, creates the volume and launches a task there; returns its process id.
pid_t deploy(ClusterProcess& cluster, Scheduler& scheduler, const std::string& command) {
  const auto offer = scheduler.await_offer();
  const json reserve{
      {"type", "RESERVE"},
      {"reserve", {{"resources", {reserved("cpus", 0.6), reserved("mem", 96), reserved("disk", 64)}}}}};
  const json create{{"type", "CREATE"}, {"create", {{"volumes", {volume()}}}}};
  EXPECT_EQ(scheduler.call(accept(offer, {reserve, create, launch(scheduler, offer, "server__1", command)})),
            202);
  scheduler.await_state("TASK_RUNNING");
  return cluster.state()["tasks"][0]["pid"];
}

bool is_alive(pid_t pid) { return ::kill(pid, 0) == 0; }

std::vector<std::string> quick(std::vector<std::string> more = {}) {
  more.insert(more.end(), {"--agents", "1", "--allocation-interval-ms", "50", "--log-file", "/dev/null"});
  return more;
}

TEST(ClusterProcess, DeploysARealTaskAndKeepsItsVolume) {
  ClusterProcess cluster(quick());
  Scheduler scheduler(cluster.url());
  deploy(cluster, scheduler, "echo once >> data/log; touch ready; sleep 1000");
  json ready;
  do {
    ready = scheduler.await_state("TASK_RUNNING");
  } while (!ready["check_status"]["command"].contains("exit_code") ||
           ready["check_status"]["command"]["exit_code"] != 0);
  EXPECT_EQ(ready["reason"], "REASON_TASK_CHECK_STATUS_UPDATED");
  EXPECT_EQ(ready["container_status"]["network_infos"][0]["ip_addresses"][0]["ip_address"], "127.0.0.11");

  const auto state = cluster.state();
  const auto log = state["agents"][0]["volumes"][0]["path"].get<std::string>() + "/log";
  std::string line;
  std::getline(std::ifstream(log) >> std::ws, line);
  EXPECT_EQ(line, "once");
  EXPECT_EQ(state["violation_count"], 0);

  std::string hosts;
  std::getline(std::ifstream(cluster.facts["hosts_file"].get<std::string>()), hosts, '\0');
  EXPECT_THAT(hosts, ::testing::HasSubstr("127.0.0.11 server.svc.autoip.dcos.thisdcos.directory\n"));

  scheduler.call({{"type", "KILL"}, {"kill", {{"task_id", {{"value", "server__1"}}}}}});
  EXPECT_EQ(scheduler.await_state("TASK_KILLED")["message"], "Command terminated with signal Terminated");
  scheduler.await([](const json& e) { return is(e, "FAILURE"); });
  // The task's part and the executor's part may have been offered one by one.
  scheduler.decline_all();
  const auto offer = scheduler.await([](const json& e) {
    return is(e, "OFFERS") && e.dump().find("\"v1\"") != std::string::npos;
  })["offers"]["offers"][0];
  EXPECT_EQ(scheduler.call(
                accept(offer, json::array({launch(scheduler, offer, "server__2", "cat data/log; exit 7")}))),
            202);
  EXPECT_EQ(scheduler.await_state("TASK_FAILED")["message"], "Command exited with status 7");
}

TEST(ClusterProcess, EndsInOrderWithEverythingItStarted) {
  ClusterProcess cluster(quick());
  const auto work_dir = cluster.facts["work_dir"].get<std::string>();
  pid_t task = 0;
  {
    Scheduler scheduler(cluster.url());
    task = deploy(cluster, scheduler, "sleep 1000");
    EXPECT_TRUE(is_alive(task));
    EXPECT_EQ(cluster.end(SIGTERM), 0);
    scheduler.await_end();
  }
  EXPECT_FALSE(is_alive(task));
  EXPECT_FALSE(std::filesystem::exists(work_dir));
}

TEST(ClusterProcess, NoTaskSurvivesAKill9) {
  ClusterProcess cluster(quick());
  Scheduler scheduler(cluster.url());
  const auto task = deploy(cluster, scheduler, "sleep 1000 & sleep 1000");
  cluster.end(SIGKILL);
  while (is_alive(task))
    std::this_thread::yield();  // The helper notices at once; the test's timeout is the limit.
  std::filesystem::remove_all(cluster.facts["work_dir"].get<std::string>());
}

TEST(ClusterProcess, ARestartOfTheMasterBreaksTheStreamAndKeepsTheTask) {
  ClusterProcess cluster(quick());
  std::string id;
  pid_t task = 0;
  {
    Scheduler scheduler(cluster.url());
    id = scheduler.id;
    task = deploy(cluster, scheduler, "sleep 1000");
    EXPECT_EQ(cluster.control("master/restart", {{"agents_after_ms", 0}}), 200);
    scheduler.await_end();
  }
  Scheduler again(cluster.url(), id);
  EXPECT_EQ(again.id, id);
  again.await_offer();  // The agent is back.
  again.call({{"type", "RECONCILE"}, {"reconcile", {{"tasks", json::array()}}}});
  again.await_state("TASK_RUNNING", "REASON_RECONCILIATION");
  EXPECT_TRUE(is_alive(task));
}

TEST(ClusterProcess, FaultsComeOverTheControlApi) {
  ClusterProcess cluster(quick({"--agent-timeout-ms", "100"}));
  Scheduler scheduler(cluster.url());
  const auto task = deploy(cluster, scheduler, "sleep 1000");
  EXPECT_EQ(cluster.control("agents/127.0.0.11/disconnect"), 200);
  scheduler.await_state("TASK_UNREACHABLE");
  EXPECT_TRUE(is_alive(task));
  EXPECT_EQ(cluster.control("agents/127.0.0.11/reconnect"), 200);
  scheduler.await_state("TASK_RUNNING", "REASON_AGENT_REREGISTERED");
  EXPECT_EQ(cluster.control("executors/e-server__1/kill"), 200);
  EXPECT_EQ(scheduler.await_state("TASK_FAILED")["reason"], "REASON_EXECUTOR_TERMINATED");
  EXPECT_FALSE(is_alive(task));
}

TEST(ClusterProcess, AFollowerRedirectsToTheLeader) {
  ClusterProcess cluster(quick({"--follower-port", "0"}));
  httplib::Client client("http://" + cluster.facts["follower"].get<std::string>());
  const auto answer = client.Post("/api/v1/scheduler", "{}", "application/json");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 307);
  EXPECT_EQ(answer->get_header_value("Location"),
            "//" + cluster.facts["master"].get<std::string>() + "/api/v1/scheduler");
}

TEST(ClusterProcess, SimulatesTasksByTheThousand) {
  ClusterProcess cluster(
      {"--agents", "2000", "--simulate", "--allocation-interval-ms", "100", "--log-file", "/dev/null"});
  Scheduler scheduler(cluster.url());
  const auto offers = scheduler.await([](const json& e) { return is(e, "OFFERS"); })["offers"]["offers"];
  EXPECT_EQ(offers.size(), 2000u);
  const json reserve{
      {"type", "RESERVE"},
      {"reserve", {{"resources", {reserved("cpus", 0.6), reserved("mem", 96), reserved("disk", 64)}}}}};
  const json create{{"type", "CREATE"}, {"create", {{"volumes", {volume()}}}}};
  scheduler.call(accept(offers[1999], {reserve, create, launch(scheduler, offers[1999], "server__1", "x")}));
  scheduler.await_state("TASK_RUNNING");
  EXPECT_EQ(cluster.control("tasks/server__1/kill"), 200);
  EXPECT_EQ(scheduler.await_state("TASK_FAILED")["message"], "Command terminated with signal Killed");
}

TEST(ClusterProcess, ATakenPortIsSaidSo) {
  ClusterProcess first(quick());
  const auto port = first.facts["master"].get<std::string>().substr(10);
  const auto command = std::string(OSTLER_BUILD_DIR "/bin/ostler-cluster --port ") + port + " 2>&1";
  FILE* out = ::popen(command.c_str(), "r");
  char text[300] = "";
  EXPECT_NE(std::fgets(text, sizeof text, out), nullptr);
  EXPECT_EQ(WEXITSTATUS(::pclose(out)), 69);
  EXPECT_EQ(std::string(text), "ostler-cluster: cannot listen on 127.0.0.1:" + port +
                                   "; is the port in use? --port 0 takes any\n");
}

}  // namespace
