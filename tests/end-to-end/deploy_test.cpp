// A service is deployed, left, taken up again and contended for; with either store, by
// changing one line of the manifest.
#include "service_test.h"

namespace ostler::harness {
namespace {

class Deployment : public ServiceTest, public testing::WithParamInterface<Store> {
 protected:
  void SetUp() override { use_store(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(With, Deployment, testing::Values(Store::kSqlite, Store::kZookeeper),
                         [](const auto& one) { return to_string(one.param); });

TEST_P(Deployment, GivesAnEnsembleThatServes) {
  Scheduler& scheduler = deploy();

  expect_serving("first words");
  expect_in_order();
  expect_server_launches(1);
  // It wants no more offers once there is nothing to do.
  scheduler.wait_for("the scheduler to suppress offers", [&] { return cluster_->calls()["SUPPRESS"] > 0; });
}

TEST_P(Deployment, GoesOnWhenTheSchedulerIsStoppedAndIsAdoptedByTheNext) {
  deploy();
  const auto before = cluster_->live_tasks();
  ASSERT_EQ(before.size(), 6U);

  EXPECT_EQ(scheduler_->terminate(), 0);
  EXPECT_EQ(cluster_->live_tasks(), before);
  start_scheduler().wait_subscribed();
  scheduler_->wait_deployed();

  EXPECT_EQ(cluster_->live_tasks(), before);
  EXPECT_EQ(scheduler_->task_ids(), before);
  EXPECT_EQ(cluster_->calls()["KILL"], 0);
  expect_in_order();
  expect_server_launches(1);
}

TEST_P(Deployment, IsLeftAloneByASecondScheduler) {
  deploy();
  // The first one is done: it makes no call unless something happens.
  scheduler_->wait_for("the scheduler to suppress offers", [&] { return cluster_->calls()["SUPPRESS"] > 0; });
  const auto calls = cluster_->calls();
  const auto tasks = cluster_->live_tasks();

  const auto second = start_second({"--lock-timeout", "1"});
  EXPECT_EQ(second->wait_exit(patience()), 8) << second->log();

  EXPECT_EQ(cluster_->calls(), calls);
  EXPECT_EQ(cluster_->live_tasks(), tasks);
  EXPECT_TRUE(scheduler_->process().is_running());
  EXPECT_TRUE(scheduler_->is_complete("deploy"));
}

}  // namespace
}  // namespace ostler::harness
