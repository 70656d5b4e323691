// Machines that run out: of file descriptors, of room on the disk of logs and answers.
#include <dirent.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "service_test.h"

namespace ostler::harness {
namespace {

class Exhaustion : public ServiceTest {
 protected:
  // No descriptor beyond `most` for a process that runs; what it has it keeps.
  static rlim_t limit_files(pid_t pid, rlim_t most) {
    rlimit before{};
    EXPECT_EQ(prlimit(pid, RLIMIT_NOFILE, nullptr, &before), 0);
    rlimit after = before;
    after.rlim_cur = most;
    EXPECT_EQ(prlimit(pid, RLIMIT_NOFILE, &after, nullptr), 0);
    return before.rlim_cur;
  }

  // Processor time of a process, in ms.
  static int64_t worked_ms(pid_t pid) {
    int64_t ns = 0, sum = 0;
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    DIR* folder = opendir(tasks.c_str());
    while (const dirent* entry = readdir(folder)) {
      std::ifstream one(tasks + "/" + entry->d_name + "/schedstat");
      if (one >> ns) sum += ns;
    }
    closedir(folder);
    return sum / 1'000'000;
  }

  static size_t count(const std::string& text, const std::string& part) {
    size_t n = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
  }
};

TEST_F(Exhaustion, WithoutDescriptorsTheSchedulerSaysSoWaitsAndGoesOn) {
  deploy();
  const auto tasks = cluster_->live_tasks();
  const pid_t pid = scheduler_->process().pid();
  constexpr rlim_t kNone = 6;  // the log and the state have these
  const rlim_t before = limit_files(pid, kNone);
  cluster_->control("streams/cut");
  const std::string problem = "Too many open files";
  wait_until("two tries", patience(), [&] { return count(scheduler_->log(), problem) >= 2; });
  const int64_t used_ms = worked_ms(pid);
  const auto since = std::chrono::steady_clock::now();
  const size_t tries = count(scheduler_->log(), problem);
  wait_until("more tries", patience(), [&] { return count(scheduler_->log(), problem) >= tries + 2; });
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
  EXPECT_LT(worked_ms(pid) - used_ms, waited.count() / 4 + 20) << "nothing spins";
  EXPECT_TRUE(scheduler_->process().is_running());

  limit_files(pid, before);
  scheduler_->wait_health(200);
  EXPECT_EQ(cluster_->live_tasks(), tasks);
  expect_serving("with descriptors again");
  expect_server_launches(1);
}

TEST_F(Exhaustion, ALogOnAFullDiskStopsNothing) {
  start_cluster();
  command_ = "exec " + at_.ostler() + " run --plugins " + at_.share() + "/plugins.yaml --plugin-dir " +
             at_.plugin_dir() + " 2>/dev/full";
  start_scheduler();
  const std::string api = "http://127.0.0.1:" + service_.at("PORT_API");
  wait_until(
      "the deployment", patience(), [&] { return http_get(api + "/v1/health").status == 200; },
      [&] { return http_get(api + "/v1/health").body; });
  expect_server_launches(1);
  EXPECT_EQ(scheduler_->terminate(), 0);
}

TEST_F(Exhaustion, AnAnswerThatCannotBeWrittenIsAFailure) {
  const std::string errors = folder_ / "errors";
  for (const char* command : {"--version", "--help", "check --help", "plan --help"}) {
    const int code = std::system((at_.ostler() + " " + command + " >/dev/full 2>" + errors).c_str());
    EXPECT_EQ(WEXITSTATUS(code), 74) << command;
    EXPECT_EQ(read_file(errors), "ostler: the standard output cannot be written: No space left on device\n")
        << command;
    EXPECT_EQ(std::system((at_.ostler() + " " + command + " >/dev/null").c_str()), 0) << command;
  }
}

}  // namespace
}  // namespace ostler::harness
