// `packaging/demo`: deploys a ZooKeeper ensemble on this machine and shows how.
//
//   ostler-demo           live, until Ctrl-C
//   ostler-demo --check   one JSON line with the timings; exit code 0 when all went well
#include <poll.h>
#include <signal.h>

#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "harness/demo/display.h"
#include "harness/deployment.h"
#include "harness/wait.h"
#include "harness/work_folder.h"

namespace {

using namespace ostler::harness;
using nlohmann::json;

// Ctrl-C and SIGTERM are asked for, so that everything is always stopped in order.
class Interrupt {
 public:
  Interrupt() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals_, nullptr);
  }
  // True once one has come; waits up to `ms` for it.
  bool has_come(long ms) {
    const timespec time{ms / 1000, ms % 1000 * 1'000'000};
    if (!come_) come_ = sigtimedwait(&signals_, nullptr, &time) > 0;
    return come_;
  }

 private:
  sigset_t signals_;
  bool come_ = false;
};

std::string format(const char* form, double value) {
  char text[64];
  std::snprintf(text, sizeof text, form, value);
  return text;
}

int check(const Installation& installation) {
  WorkFolder folder(installation.prefix + "/work", "demo-check");
  json line = Figures().to_json();
  try {
    Interrupt interrupt;
    Deployment::Options options;
    options.installation = installation;
    options.folder = folder.path();
    options.progress = [&](const json*) { return !interrupt.has_come(0); };
    Deployment deployment(options);
    const auto note = [&] { line = deployment.figures().to_json(); };
    deployment.start_cluster();
    note();
    deployment.start_scheduler();
    deployment.wait_subscribed();
    note();
    deployment.wait_deployed();
    note();
    deployment.write_and_read();
    deployment.measure_memory();
    note();
    const auto violations = deployment.cluster().violations();
    if (!violations.empty()) throw HarnessError("the cluster counted a violation: " + violations.front());
    if (const int code = deployment.scheduler().terminate(); code != 0) {
      throw HarnessError("ostler run ended with exit code " + std::to_string(code) + ", expected 0");
    }
    line["ok"] = true;
  } catch (const std::exception& error) {
    folder.keep();
    line["ok"] = false;
    line["error"] = std::string(error.what()).substr(0, std::string(error.what()).find('\n'));
    std::fprintf(stderr, "demo --check failed: %s\nLogs and sandboxes are in %s\n", error.what(),
                 folder.path().c_str());
  }
  std::printf("%s\n", line.dump().c_str());
  return line["ok"] == true ? 0 : 1;
}

void show_result(Display& display, Deployment& deployment, const std::string& folder) {
  const Figures& figures = deployment.figures();
  display.say("");
  display.say(display.bold("A ZooKeeper ensemble of three, deployed by Ostler in " +
                           format("%.1f s", figures.deploy_s)));
  for (const ServerState& member : deployment.members()) {
    display.say("  " + member.address + "  " + (member.mode + "        ").substr(0, 8) + "  zxid " +
                member.zxid);
  }
  display.say("  a znode written through one was read through another after " +
              format("%.0f ms", figures.write_read_ms));
  display.say("");
  const std::string api = deployment.scheduler().api();
  const std::string pid = std::to_string(deployment.scheduler().process().pid());
  display.say("  API       " + api + "/v1/plans/deploy");
  display.say("  ostler    pid " + pid + ", " + format("%.1f MiB resident", figures.idle_mib) +
              ", subscribed after " + format("%.0f ms", figures.subscribed_ms));
  display.say("  Mesos     " + deployment.cluster().master() + " (a local stand-in, see tests/cluster)");
  display.say("  Logs      " + folder);
  display.say("");
  display.say(display.bold("Try next, in another terminal"));
  const std::string server = deployment.members().front().address;
  const auto tasks = deployment.cluster().live_tasks();
  const auto first = tasks.find("zookeeper-0-server");
  display.say("  curl -s " + api + "/v1/pod/status");
  display.say("  curl -s '" + api + "/v1/health?verbose=true'");
  display.say("  curl -s " + api + "/v1/metrics/prometheus");
  display.say(
      "  java -cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-nop.jar \\\n"
      "       org.apache.zookeeper.ZooKeeperMain -server " +
      server + " get /ostler-demo");
  display.say("  kill -9 " + pid + "   # the scheduler: it is started again and adopts every task");
  if (first != tasks.end()) {
    display.say("  curl -s -X POST http://" + deployment.cluster().master() + "/control/tasks/" +
                first->second + "/kill   # a server: it comes back with its data");
  }
  display.say("");
  display.say("Ctrl-C stops everything.");
}

// Shows what happens until Ctrl-C; starts the scheduler again when it ended, as Marathon
// would.
void stay(Display& display, Deployment& deployment, Interrupt& interrupt) {
  std::string recovery;
  while (!interrupt.has_come(200)) {
    Scheduler& scheduler = deployment.scheduler();
    if (!scheduler.process().is_running()) {
      const int code = *scheduler.process().wait(std::chrono::milliseconds(0));
      const auto before = deployment.cluster().live_tasks();
      display.say("");
      display.say("ostler run ended with " + std::to_string(code) + "; starting it again");
      deployment.start_scheduler();
      deployment.wait_subscribed();
      deployment.wait_deployed();
      size_t kept = 0;
      for (const auto& [name, id] : deployment.cluster().live_tasks())
        kept += before.count(name) > 0 && before.at(name) == id;
      display.say("it was subscribed after " + format("%.0f ms", deployment.figures().subscribed_ms) +
                  " and adopted " + std::to_string(kept) + " of " + std::to_string(before.size()) +
                  " tasks; its pid is " + std::to_string(deployment.scheduler().process().pid()));
      continue;
    }
    const HttpReply reply = scheduler.get("/v1/plans/recovery");
    const json plan = json::parse(reply.body, nullptr, false);
    if (!plan.is_object() || plan.value("phases", json::array()).empty()) continue;
    const std::string text = plan_text("recovery", plan);
    if (text == recovery) continue;
    if (recovery.empty()) display.say("");
    recovery = text;
    display.show("recovery", plan);
  }
}

int live(const Installation& installation) {
  WorkFolder folder(installation.prefix + "/work", "demo");
  Display display;
  Interrupt interrupt;
  try {
    Deployment::Options options;
    options.installation = installation;
    options.folder = folder.path();
    options.progress = [&](const json* plan) {
      if (plan != nullptr) display.show("deploy", *plan);
      return !interrupt.has_come(0);
    };
    Deployment deployment(options);
    display.say("Starting a local Mesos: a master and agents on 127.0.0.11, .12 and .13");
    deployment.start_cluster();
    display.say("Starting ostler run");
    deployment.start_scheduler();
    deployment.wait_subscribed();
    deployment.wait_deployed();
    display.finish();
    deployment.write_and_read();
    deployment.measure_memory();
    show_result(display, deployment, folder.path());
    stay(display, deployment, interrupt);
    display.say("\nStopping everything");
    deployment.scheduler().terminate();
    return 0;
  } catch (const std::exception& error) {
    display.finish();
    if (interrupt.has_come(0)) return 130;
    folder.keep();
    std::fprintf(stderr, "The demo failed: %s\nLogs and sandboxes are in %s\n", error.what(),
                 folder.path().c_str());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Installation installation = Installation::own();
  if (argc == 2 && std::strcmp(argv[1], "--check") == 0) return check(installation);
  if (argc == 1) return live(installation);
  std::fprintf(stderr, "usage: ostler-demo [--check]\n");
  return 64;
}
