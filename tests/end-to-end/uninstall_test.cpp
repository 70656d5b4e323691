// The service goes, and nothing of it stays on the cluster or in the store.
#include <nlohmann/json.hpp>

#include "service_test.h"

namespace ostler::harness {
namespace {

using nlohmann::json;

class Uninstall : public ServiceTest {
 protected:
  void start_uninstall() {
    service_["SDK_UNINSTALL"] = "true";
    start_scheduler();
  }
  void wait_uninstalled() {
    scheduler_->wait_for("the uninstall to be complete", [&] { return scheduler_->is_complete("deploy"); });
  }
  void expect_nothing_left() {
    const json state = cluster_->state();
    EXPECT_EQ(state.at("violations").dump(), "[]");
    for (const json& agent : state.at("agents")) {
      EXPECT_EQ(agent.at("reservations").dump(), "[]");
      EXPECT_EQ(agent.at("volumes").dump(), "[]");
      EXPECT_EQ(agent.at("executors").dump(), "[]");
    }
    EXPECT_TRUE(cluster_->live_tasks().empty());
    EXPECT_GE(cluster_->calls()["TEARDOWN"], 1);
    EXPECT_EQ(scheduler_->get("/v1/health").status, 200);
    EXPECT_EQ(scheduler_->get_json("/v1/uninstall").at("complete"), true);
    EXPECT_EQ(scheduler_->get("/v1/state/frameworkId").status, 404);
  }
};

TEST_F(Uninstall, LeavesNothingBehind) {
  deploy();
  EXPECT_EQ(scheduler_->terminate(), 0);
  start_uninstall();
  wait_uninstalled();
  expect_nothing_left();

  // Started once more it does not register anew.
  const int subscribed = cluster_->calls()["SUBSCRIBE"];
  EXPECT_EQ(scheduler_->terminate(), 0);
  start_scheduler();
  wait_uninstalled();
  EXPECT_EQ(cluster_->calls()["SUBSCRIBE"], subscribed);
}

TEST_F(Uninstall, FinishesAfterItWasKilledInTheMiddleAndCannotBeTakenBack) {
  deploy();
  EXPECT_EQ(scheduler_->terminate(), 0);
  start_uninstall();
  scheduler_->wait_for("the first task to be killed", [&] { return cluster_->live_tasks().size() < 6; });
  scheduler_->process().signal(SIGKILL);
  scheduler_->wait_exit(patience());

  service_.erase("SDK_UNINSTALL");
  EXPECT_EQ(start_scheduler().wait_exit(patience()), 11);

  start_uninstall();
  wait_uninstalled();
  expect_nothing_left();
}

}  // namespace
}  // namespace ostler::harness
