// kill -9 of the scheduler at exact points of a deployment: before or after its N-th
// commit. Whatever was stored and whatever reached Mesos, the next start ends with the
// same healthy ensemble, and nothing is launched twice, lost or leaked.
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

  // Each server's process was started once. A task fetches its configuration from the
  // scheduler before that: where it was dead just then, Mesos gave that launch up.
  void expect_each_ran_once() {
    EXPECT_EQ(cluster_->runs(), (std::map<std::string, int>{{"zookeeper-0-server", 1},
                                                            {"zookeeper-0-metrics", 1},
                                                            {"zookeeper-1-server", 1},
                                                            {"zookeeper-1-metrics", 1},
                                                            {"zookeeper-2-server", 1},
                                                            {"zookeeper-2-metrics", 1}}));
  }
};

TEST_P(KilledScheduler, EndsWithTheSameEnsembleAfterItsNextStart) {
  use_store(GetParam().store);
  start_cluster();

  manifest_ = manifest(GetParam().commit, GetParam().after);
  EXPECT_EQ(start_scheduler().wait_exit(patience()), 128 + SIGKILL);

  manifest_ = manifest(0, false);
  start_scheduler().wait_deployed();

  expect_serving("after the crash");
  expect_in_order();
  expect_each_ran_once();
}

// Events that come in together share a commit, so a deployment has no fixed number of
// them; eight it has at least. With ZooKeeper the crash matrix goes through all of them.
std::vector<Moment> moments() {
  std::vector<Moment> out;
  for (const auto& [commit, after] : std::initializer_list<std::pair<int, bool>>{
           {1, false}, {1, true}, {2, true}, {3, false}, {5, true}, {8, false}}) {
    out.push_back({Store::kSqlite, commit, after});
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(At, KilledScheduler, testing::ValuesIn(moments()), [](const auto& one) {
  return (one.param.after ? "AfterCommit" : "BeforeCommit") + std::to_string(one.param.commit);
});

// Progress is made even when every start ends at its second commit: an ACCEPT has reached
// Mesos before the next one. (A start that never lives to see its first commit through
// can do nothing.)
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
  expect_each_ran_once();
}

INSTANTIATE_TEST_SUITE_P(Each, OftenKilledScheduler,
                         testing::Values(Moment{Store::kSqlite, 2, false}, Moment{Store::kSqlite, 2, true},
                                         Moment{Store::kSqlite, 3, true}, Moment{Store::kZookeeper, 3, true}),
                         [](const auto& one) {
                           return to_string(one.param.store) + std::to_string(one.param.commit) +
                                  (one.param.after ? "After" : "Before");
                         });

}  // namespace
}  // namespace ostler::harness
