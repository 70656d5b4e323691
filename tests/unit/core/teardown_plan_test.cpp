// The plans that take pods or the service down, as they are built: the SDK's cases of
// DecommissionPlanFactoryTest and UninstallSchedulerTest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/teardown.h"
#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Names = std::vector<std::string>;

mesos::Resource reserved(const std::string& id) {
  mesos::Resource one = scalar("cpus", 1);
  one.reservations.push_back({true, "zk-role", "zk-principal", {{"resource_id", id}}});
  return one;
}

// Tasks as they are stored: name, and the reservations each lists.
class Records {
 public:
  void add(const std::string& type, int32_t index, const std::string& task, const Names& ids,
           const std::string& host = "h1", bool launched = true) {
    auto launch = std::make_shared<LaunchRecord>();
    launch->pod_type = type;
    launch->pod_index = index;
    launch->task_spec = task;
    launch->hostname = host;
    for (const std::string& id : ids) launch->holdings.push_back({"set/" + id, reserved(id), true});
    const std::string name = type + "-" + std::to_string(index) + "-" + task;
    mesos::TaskInfo info;
    info.name = name;
    if (launched) info.task_id = "svc__" + name + "__1";
    launch->task = std::move(info);
    tasks_.set_launch(name, launch);
  }
  const TaskTable& tasks() const { return tasks_; }

 private:
  TaskTable tasks_;
};

Names phases(const Plan& plan) {
  Names out;
  for (const Phase& phase : plan.phases) out.push_back(phase.name);
  return out;
}

Names steps(const Phase& phase) {
  Names out;
  for (const Step& step : phase.steps) out.push_back(step.name);
  return out;
}

spec::ServiceSpec service_of(const std::vector<std::pair<std::string, int32_t>>& pods) {
  spec::ServiceSpec service = sample_spec();
  const spec::PodSpec model = service.pods[0];
  service.pods.clear();
  for (const auto& [type, count] : pods) {
    service.pods.push_back(model);
    service.pods.back().type = type;
    service.pods.back().count = count;
  }
  return service;
}

Plan decommission(const spec::ServiceSpec& target, const Records& records) {
  SeededIds ids(1);
  return decommission_plan(target, records.tasks(), ids);
}

TEST(DecommissionPlan, IsEmptyWhereEveryPodIsWanted) {
  Records records;
  records.add("web", 0, "server", {"r1"});
  EXPECT_THAT(phases(decommission(service_of({{"web", 1}}), records)), IsEmpty());
  EXPECT_THAT(phases(decommission(service_of({{"web", 5}}), records)), IsEmpty());
}

TEST(DecommissionPlan, TakesUnknownTypesFirstThenTheLastOfTheFileAndOfThemTheHighestIndex) {
  Records records;
  for (int32_t i = 0; i < 12; ++i) records.add("web", i, "server", {});
  for (int32_t i = 0; i < 2; ++i) {
    records.add("db", i, "server", {});
    records.add("zeta", i, "server", {});
    records.add("alpha", i, "server", {});
  }
  const Plan plan = decommission(service_of({{"web", 9}, {"db", 1}}), records);
  EXPECT_THAT(phases(plan),
              ElementsAre("alpha-1", "alpha-0", "zeta-1", "zeta-0", "db-1", "web-11", "web-10", "web-9"));
  EXPECT_EQ(plan.strategy, spec::Strategy::kSerial);
  for (const Phase& phase : plan.phases) EXPECT_EQ(phase.strategy, spec::Strategy::kSerial);
}

TEST(DecommissionPlan, KillsGivesEachReservationBackOnceAndThenForgets) {
  Records records;
  records.add("web", 0, "server", {"executor", "cpus"});
  records.add("web", 0, "sidecar", {"executor", "mem"});
  const Plan plan = decommission(service_of({{"db", 1}}), records);
  ASSERT_THAT(phases(plan), ElementsAre("web-0"));
  EXPECT_THAT(steps(plan.phases[0]),
              ElementsAre("kill-web-0-server", "kill-web-0-sidecar", "unreserve-executor", "unreserve-cpus",
                          "unreserve-mem", "erase-web-0-server", "erase-web-0-sidecar"));
  EXPECT_THAT(plan.phases[0].steps[2].holders, ElementsAre("web-0-server", "web-0-sidecar"));
}

Plan uninstall(const Records& records) {
  SeededIds ids(1);
  return uninstall_plan(records.tasks(), ids);
}

TEST(UninstallPlan, OfAServiceThatHasNothingOnlyRemovesTheFramework) {
  const Plan plan = uninstall(Records());
  EXPECT_THAT(phases(plan), ElementsAre("kill-tasks", "deregister-service"));
  EXPECT_THAT(steps(plan.phases[0]), IsEmpty());
  EXPECT_THAT(steps(plan.phases[1]), ElementsAre("deregister"));
}

TEST(UninstallPlan, KillsEachTaskAndGivesEachReservationBackOnceByAgent) {
  Records records;
  records.add("web", 0, "server", {"executor", "cpus"}, "h2");
  records.add("web", 0, "sidecar", {"executor", "mem"}, "h2");
  records.add("web", 1, "server", {"other"}, "h1");
  records.add("web", 1, "waiting", {"more"}, "h1", false);
  records.add("web", 2, "server", {"lost"}, "");
  const Plan plan = uninstall(records);
  EXPECT_EQ(plan.name, "deploy") << "existing tools look for that one";
  ASSERT_THAT(phases(plan),
              ElementsAre("kill-tasks", "unreserve-resources-UNKNOWN_AGENT", "unreserve-resources-h1",
                          "unreserve-resources-h2", "deregister-service"));
  EXPECT_THAT(steps(plan.phases[0]),
              ElementsAre("kill-task-svc__web-0-server__1", "kill-task-svc__web-0-sidecar__1",
                          "kill-task-svc__web-1-server__1", "kill-task-svc__web-2-server__1"))
      << "none of one that was never launched";
  EXPECT_THAT(steps(plan.phases[2]), ElementsAre("unreserve-other", "unreserve-more"));
  EXPECT_THAT(steps(plan.phases[3]), ElementsAre("unreserve-executor", "unreserve-cpus", "unreserve-mem"));
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(plan.phases[i].strategy, spec::Strategy::kParallel);
}

TEST(UninstallPlan, RemovesTheFrameworkOnlyAfterAllElse) {
  Records records;
  records.add("web", 0, "server", {"r1"});
  Plan plan = uninstall(records);
  const auto working = [&] {
    Names out;
    for (const Step* step : candidates(plan)) out.push_back(step->name);
    return out;
  };
  EXPECT_THAT(working(), ElementsAre("kill-task-svc__web-0-server__1", "unreserve-r1"));
  for (Phase& phase : plan.phases) {
    if (phase.comes_last) continue;
    EXPECT_THAT(working(), ::testing::Not(::testing::Contains("deregister")));
    for (Step& step : phase.steps) step.status = Status::kComplete;
  }
  EXPECT_THAT(working(), ElementsAre("deregister"));
}

TEST(TeardownSteps, FollowTheTasksAndWhatTheyHold) {
  Records records;
  records.add("web", 0, "server", {"r1"});
  Plan plan = uninstall(records);
  TaskTable tasks;
  tasks.set_launch("web-0-server", records.tasks().find("web-0-server")->launch);
  Step& kill = plan.phases[0].steps[0];
  Step& unreserve = plan.phases[1].steps[0];
  const auto look = [&](Step& step) {
    refresh_teardown_step(step, tasks);
    return std::string(to_string(step.status));
  };
  // Unlike the SDK, whose step is complete once the kill was said: it may get lost.
  EXPECT_EQ(look(kill), "STARTING");
  tasks.at("web-0-server").status.emplace().state = mesos::TaskState::kKilled;
  EXPECT_EQ(look(kill), "COMPLETE");
  EXPECT_EQ(look(unreserve), "PENDING");
  auto released = std::make_shared<LaunchRecord>(*tasks.find("web-0-server")->launch);
  released->released = true;
  tasks.set_launch("web-0-server", released);
  EXPECT_EQ(look(unreserve), "PREPARED");
  auto free = std::make_shared<LaunchRecord>(*released);
  free->holdings.clear();
  tasks.set_launch("web-0-server", free);
  EXPECT_EQ(look(unreserve), "COMPLETE");
}

}  // namespace
}  // namespace ostler::core::test
