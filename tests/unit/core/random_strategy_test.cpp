// The strategy `random` and processes that end: the order is anybody's, but the next process
// goes on with the step that is half done, and not with another one beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int32_t kPods = 6;

std::string pod(int32_t index) { return "zookeeper-" + std::to_string(index); }

std::vector<FakeOffer> free_agents() {
  std::vector<FakeOffer> out;
  for (int i = 1; i <= kPods; ++i) out.push_back(big_offer(i));
  return out;
}

// A new process, which is told what runs.
void come_back(EngineDriver& driver) {
  driver.restart();
  driver.subscribe();
  for (int32_t i = 0; i < kPods; ++i) {
    const auto task = driver.stored.tasks.find(pod(i) + "-server");
    if (task == driver.stored.tasks.end() || task->second.status->state != TaskState::kRunning) continue;
    driver.ready(pod(i));
  }
  driver.advance(driver.settings.reconcile_first_ms);
}

int complete(const EngineDriver& driver) {
  int count = 0;
  for (const std::string& status : driver.step_statuses()) count += status == "COMPLETE";
  return count;
}

std::set<std::string> pods_of(const std::vector<std::string>& tasks) {
  std::set<std::string> out;
  for (const std::string& task : tasks) out.insert(task.substr(0, task.rfind('-')));
  return out;
}

TEST(RandomStrategy, DeploysOneStepAfterTheOtherAcrossRestarts) {
  EngineDriver driver(sample_spec(spec::Strategy::kRandom, kPods));
  driver.subscribe();
  for (int done = 0; done < kPods; ++done) {
    driver.calls.clear();
    driver.offer(free_agents());
    const std::set<std::string> launched = pods_of(driver.launched());
    ASSERT_THAT(launched, SizeIs(1));
    for (int i = 0; i < 4; ++i) {
      come_back(driver);
      EXPECT_EQ(complete(driver), done) << "what was complete stays so";
      driver.offer(free_agents());
      EXPECT_THAT(driver.launched(), IsEmpty()) << "one is half done";
    }
    driver.ready(*launched.begin());
    EXPECT_EQ(complete(driver), done + 1);
    come_back(driver);
    EXPECT_EQ(complete(driver), done + 1);
  }
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->status, Status::kComplete);
}

// Two members of an ensemble that are down at once can be its quorum.
TEST(RandomStrategy, RollsOneStepAfterTheOtherAcrossRestarts) {
  EngineDriver driver(sample_spec(spec::Strategy::kParallel, kPods));
  driver.subscribe();
  driver.offer(free_agents());
  for (int32_t i = 0; i < kPods; ++i) driver.ready(pod(i));
  spec::ServiceSpec next = sample_spec(spec::Strategy::kRandom, kPods);
  next.pods[0].tasks[0].cmd = "run another";
  driver.restart_with(next);
  driver.subscribe();
  for (int32_t i = 0; i < kPods; ++i) driver.ready(pod(i));
  for (int done = 0; done < kPods; ++done) {
    const auto killed = driver.killed();
    ASSERT_FALSE(killed.empty());
    std::set<std::string> down;
    for (const std::string& id : killed) down.insert(std::string(task_name_of_id(id)));
    const std::string one = *pods_of({down.begin(), down.end()}).begin();
    ASSERT_THAT(pods_of({down.begin(), down.end()}), SizeIs(1));
    die(driver, one);
    for (int i = 0; i < 4; ++i) {
      come_back(driver);
      EXPECT_EQ(complete(driver), done);
      EXPECT_THAT(driver.killed(), IsEmpty()) << one << " is down";
    }
    driver.relaunch(one);
    driver.calls.clear();
    driver.ready(one);
    EXPECT_EQ(complete(driver), done + 1);
  }
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->status, Status::kComplete);
}

TEST(RandomStrategy, AnotherConfigurationHasAnotherOrder) {
  std::set<std::string> first;
  EngineDriver driver(sample_spec(spec::Strategy::kRandom, kPods));
  for (int i = 0; i < 8; ++i) {
    driver.stored = StoredState{};
    driver.restart();
    driver.subscribe();
    driver.offer(free_agents());
    for (const std::string& one : pods_of(driver.launched())) first.insert(one);
  }
  EXPECT_GT(first.size(), 1U);
}

}  // namespace
}  // namespace ostler::core::test
