// kill -9 of the scheduler at exact points of a deployment: before or after its N-th
// commit. Whatever was stored and whatever reached Mesos, the next start ends with the
// same healthy ensemble, and nothing is launched twice, lost or leaked.
#include <sstream>

#include "service_test.h"

namespace ostler::harness {
namespace {

struct Moment {
  Store store;
  int commit;
  bool after;
};

class KilledScheduler : public ServiceTest, public testing::WithParamInterface<Moment> {
 protected:
  // The product's manifest with the crashing plugin in front of the store's.
  std::string manifest(int commit, bool after) {
    const bool is_sqlite = GetParam().store == Store::kSqlite;
    const std::string library = at_.plugin_dir() + (is_sqlite ? "/state-sqlite.so" : "/state-zookeeper.so");
    const std::string config = is_sqlite ? "{path: '" + (folder_ / "state.db") + "'}"
                                         : "{servers: ['" + zookeeper_->address() +
                                               "'], root: /ostler-test, session_timeout_ms: 5000}";
    const std::string own = read_file(at_.share() + "/plugins.yaml");
    const size_t from = own.find("    library: state-sqlite.so");
    const size_t to = own.find("  - name: matcher");
    return make_manifest(own.substr(0, from) +
                             "    library: " OSTLER_END_TO_END_DIR
                             "/crashing-state.so\n    config: {library: '" +
                             library + "', config: " + config + ", kill_at: " + std::to_string(commit) +
                             ", after: " + (after ? "true" : "false") + "}\n" + own.substr(to),
                         "crashing-" + std::to_string(commit) + ".yaml");
  }

  static std::string server_of(const std::string& task) {
    return task.substr(0, task.rfind('-')) + "-server";
  }

  // How often Mesos gave the task up because it fetches its configuration from the
  // scheduler, which was dead then. Such a task has to be launched again.
  int fetch_failures(const std::string& server) {
    int count = 0;
    std::istringstream log(read_file(folder_ / "scheduler.log"));
    for (std::string line; std::getline(log, line);) {
      // While the scheduler is dead nobody serves the config templates. The next start may
      // learn of it by reconciliation, which does not say why.
      count += line.find(server + " is TASK_FAILED: Failed to launch container: Failed to fetch") !=
                   std::string::npos ||
               line.find(server + " is TASK_FAILED: Reconciliation") != std::string::npos;
    }
    return count;
  }

  // Each server once, and once more for each launch that Mesos gave up.
  void expect_launched_once() {
    auto launches = cluster_->launches();
    for (const std::string& server : kServers)
      EXPECT_EQ(launches[server], 1 + fetch_failures(server)) << server;
  }
};

TEST_P(KilledScheduler, EndsWithTheSameEnsembleAfterItsNextStart) {
  use_store(GetParam().store);
  start_cluster();

  manifest_ = manifest(GetParam().commit, GetParam().after);
  EXPECT_EQ(start_scheduler().wait_exit(patience()), 128 + SIGKILL);
  const auto survivors = cluster_->live_tasks();

  manifest_ = manifest(0, false);
  start_scheduler().wait_deployed();

  expect_serving("after the crash");
  expect_in_order();
  expect_launched_once();
  const auto now = cluster_->live_tasks();
  for (const auto& [name, id] : survivors) {
    if (fetch_failures(server_of(name)) > 0) continue;
    EXPECT_EQ(now.at(name), id) << name;
  }
}

std::vector<Moment> moments() {
  std::vector<Moment> out;
  for (const Store store : {Store::kSqlite, Store::kZookeeper}) {
    for (const auto& [commit, after] : std::initializer_list<std::pair<int, bool>>{{1, false},
                                                                                   {1, true},
                                                                                   {2, false},
                                                                                   {2, true},
                                                                                   {3, false},
                                                                                   {3, true},
                                                                                   {4, true},
                                                                                   {5, true},
                                                                                   {8, true},
                                                                                   {12, false}}) {
      out.push_back({store, commit, after});
    }
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(At, KilledScheduler, testing::ValuesIn(moments()), [](const auto& one) {
  return to_string(one.param.store) + (one.param.after ? "AfterCommit" : "BeforeCommit") +
         std::to_string(one.param.commit);
});

// Progress is made even when every start ends after a few commits: one for the framework's
// id, one for each of three launches, and then at least one for what became of them.
class OftenKilledScheduler : public KilledScheduler {};

TEST_P(OftenKilledScheduler, GetsThereInSmallSteps) {
  use_store(GetParam().store);
  start_cluster();
  int kills = 0;
  for (bool complete = false; !complete;) {
    ASSERT_LT(kills, 40) << "no end in sight";
    manifest_ = manifest(GetParam().commit, GetParam().after);
    Scheduler& scheduler = start_scheduler();
    wait_until(
        "the deployment or the kill", patience(),
        [&] {
          if (!scheduler.process().is_running()) return true;
          complete = scheduler.has_logged("the API is at http://") && scheduler.is_complete("deploy");
          return complete;
        },
        [&] { return scheduler.describe(); });
    if (!complete) ++kills;
  }
  EXPECT_GT(kills, 2);

  manifest_ = manifest(0, false);
  start_scheduler().wait_deployed();
  expect_serving("after many crashes");
  expect_in_order();
}

INSTANTIATE_TEST_SUITE_P(Each, OftenKilledScheduler,
                         testing::Values(Moment{Store::kSqlite, 6, true}, Moment{Store::kSqlite, 7, false},
                                         Moment{Store::kZookeeper, 6, true}),
                         [](const auto& one) {
                           return to_string(one.param.store) + std::to_string(one.param.commit) +
                                  (one.param.after ? "After" : "Before");
                         });

}  // namespace
}  // namespace ostler::harness
