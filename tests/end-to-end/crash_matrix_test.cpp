// Deployment, rolling update, replacement and uninstall, each with kill -9 of the scheduler
// at every commit and every call to Mesos. Whenever it died, the next start ends the same: the
// ensemble is healthy, no volume is lost, no task has run twice, nothing leaks.
#include "crash_matrix.h"

#include <nlohmann/json.hpp>

namespace ostler::harness {
namespace {

using Kind = Moment::Kind;
using Runs = std::map<std::string, int>;

const Runs kAllOnce{{"zookeeper-0-server", 1},  {"zookeeper-0-metrics", 1}, {"zookeeper-1-server", 1},
                    {"zookeeper-1-metrics", 1}, {"zookeeper-2-server", 1},  {"zookeeper-2-metrics", 1}};

class KilledAtEveryMoment : public CrashMatrix {};

TEST_F(KilledAtEveryMoment, DeploysAndUninstalls) {
  prepare();
  Moments deploy(
      {{Kind::kAfterCommit, 2}, {Kind::kBeforeCommit, 6}, {Kind::kBeforeCall, 5}, {Kind::kAfterCall, 9}});
  Moments uninstall(
      {{Kind::kAfterCommit, 1}, {Kind::kAfterCall, 4}, {Kind::kBeforeCall, 8}, {Kind::kBeforeCommit, 5}});
  const Operation deployment{
      [&](const auto& arm_calls) {
        service_.erase("SDK_UNINSTALL");
        start_scheduler();
        arm_calls();
      },
      [&] { return scheduler_->has_logged("the API is at http://") && scheduler_->is_complete("deploy"); }};
  const Operation removal{[&](const auto& arm_calls) {
                            service_["SDK_UNINSTALL"] = "true";
                            start_scheduler();
                            arm_calls();
                          },
                          deployment.is_done};
  while (deploy.next() || uninstall.next()) {
    const auto at_deploy = deploy.next();
    {
      SCOPED_TRACE("deploy, killed " + (at_deploy ? to_string(*at_deploy) : "never"));
      const bool reached = run(deployment, at_deploy);
      if (at_deploy) deploy.tried(reached);
      expect_healthy(true);
      EXPECT_EQ(new_runs(), kAllOnce);
      EXPECT_EQ(scheduler_->terminate(), 0);
    }
    const auto at_uninstall = uninstall.next();
    SCOPED_TRACE("uninstall, killed " + (at_uninstall ? to_string(*at_uninstall) : "never"));
    const bool reached = run(removal, at_uninstall);
    if (at_uninstall) uninstall.tried(reached);
    expect_gone();
    EXPECT_EQ(new_runs(), Runs{});
    EXPECT_EQ(scheduler_->terminate(), 0);
    if (HasFailure()) return;
  }
  report("deploy", deploy);
  report("uninstall", uninstall);
}

TEST_F(KilledAtEveryMoment, RollsAnUpdateOut) {
  prepare();
  deploy();
  expect_healthy(true);
  new_runs();
  const auto kept = volumes();
  Moments update({{Kind::kAfterCommit, 1}, {Kind::kBeforeCommit, 7}, {Kind::kAfterCall, 12}});
  for (int value = 50001; const auto moment = update.next(); ++value) {
    SCOPED_TRACE("update, killed " + to_string(*moment));
    const auto before = cluster_->live_tasks();
    const Operation rollout{[&](const auto& arm_calls) {
                              EXPECT_EQ(scheduler_->terminate(), 0);
                              service_["SERVER_SNAPCOUNT"] = std::to_string(value);
                              start_scheduler();
                              arm_calls();
                            },
                            [&] {
                              if (!scheduler_->has_logged("the API is at http://")) return false;
                              const auto now = cluster_->live_tasks();
                              for (const auto& [name, id] : before) {
                                if (!now.contains(name) || now.at(name) == id) return false;
                              }
                              return scheduler_->is_complete("deploy");
                            }};
    update.tried(run(rollout, moment));
    expect_healthy(false);
    EXPECT_EQ(new_runs(), kAllOnce);
    EXPECT_EQ(volumes(), kept);
    if (HasFailure()) return;
  }
  report("update", update);
}

TEST_F(KilledAtEveryMoment, ReplacesAPod) {
  prepare();
  deploy();
  expect_healthy(true);
  new_runs();
  Moments replace(
      {{Kind::kAfterCommit, 1}, {Kind::kBeforeCall, 2}, {Kind::kAfterCall, 4}, {Kind::kBeforeCommit, 3}});
  for (int number = 0; const auto moment = replace.next(); ++number) {
    const std::string pod = "zookeeper-" + std::to_string(number % 3), server = pod + "-server";
    SCOPED_TRACE("replace of " + pod + ", killed " + to_string(*moment));
    auto others = cluster_->live_tasks();
    const std::string before = others.at(server);
    others.erase(server);
    others.erase(pod + "-metrics");
    auto kept = volumes();
    const auto replaced = volumes_of(server);
    for (const std::string& id : replaced) kept.erase(id);

    int status = 0;
    const auto ask = [&] {
      status = http_post(scheduler_->api() + "/v1/pod/" + pod + "/replace", "").status;
    };
    const Operation replacement{[&](const auto& arm_calls) {
                                  arm_calls();
                                  ask();
                                },
                                [&] {
                                  const auto now = cluster_->live_tasks();
                                  return now.contains(server) && now.at(server) != before &&
                                         scheduler_->is_complete("recovery");
                                },
                                // Whoever heard nothing asks again, unless it must have been stored.
                                [&] {
                                  if (status != 200 && !(moment->kind == Kind::kAfterCommit)) ask();
                                }};
    replace.tried(run(replacement, moment));
    expect_healthy(false);
    EXPECT_EQ(new_runs(), (Runs{{server, 1}, {pod + "-metrics", 1}}));
    auto now = volumes();
    for (const std::string& id : replaced) EXPECT_FALSE(now.contains(id)) << "still there: " << id;
    for (const std::string& id : volumes_of(server)) now.erase(id);
    EXPECT_EQ(now, kept);
    auto left = cluster_->live_tasks();
    left.erase(server);
    left.erase(pod + "-metrics");
    EXPECT_EQ(left, others);
    if (HasFailure()) return;
  }
  report("replace", replace);
}

}  // namespace
}  // namespace ostler::harness
