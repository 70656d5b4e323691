#include "cli/preview.h"

#include <gtest/gtest.h>

namespace ostler::cli {
namespace {

TEST(PreviewText, ShowsStepsInOrderWithReasonsOperationsAndRoom) {
  EXPECT_EQ(preview_text(R"({"accepted": true, "target": "t", "isChange": true, "objections": [],
      "differences": [{"field": "pod-specs[zk].count", "before": "3", "after": "4", "impact": "scale", "pod": "zk"}],
      "steps": [{"turn": 1, "plan": "deploy", "phase": "nodes", "step": "zk-3:[server]",
                 "why": ["zk-3-server is not launched yet"],
                 "operations": [{"type": "RESERVE", "what": ["1 cpus", "64 MB of mem"]},
                                {"type": "LAUNCH_GROUP", "what": ["zk-3-server"]}],
                 "grows": [], "fits": true, "offers": "agent a had room for it 1 s ago"},
                {"turn": 2, "plan": "recovery", "step": "zk-0:[server]", "why": [], "operations": [],
                 "grows": ["set/mem: 1 MB => 2 MB"], "fits": null, "offers": "not known"}],
      "hasMoreSteps": false, "then": "", "offers": "no offers are held"})"),
            "would be accepted: 1 field changes, 2 steps\n"
            "changes:\n"
            "  pod-specs[zk].count: '3' => '4' (scale)\n"
            "steps, in this order; those with the same number go side by side:\n"
            "  1. deploy nodes zk-3:[server]\n"
            "       because zk-3-server is not launched yet\n"
            "       RESERVE 1 cpus, 64 MB of mem\n"
            "       LAUNCH_GROUP zk-3-server\n"
            "       fits: yes: agent a had room for it 1 s ago\n"
            "  2. recovery zk-0:[server]\n"
            "       grows set/mem: 1 MB => 2 MB\n"
            "       fits: unknown: not known\n"
            "offers: no offers are held\n");
}

TEST(PreviewText, ShowsWhoObjectsAndThatNothingWouldChange) {
  EXPECT_EQ(preview_text(R"({"accepted": false, "target": "t", "isChange": false,
      "objections": [{"validator": "UserCannotChange", "field": "user", "before": "root", "after": "nobody",
                      "message": "revert"}],
      "differences": [], "steps": [], "hasMoreSteps": false, "then": "", "offers": ""})"),
            "would be refused, and nothing would change:\n"
            "  user: 'root' => 'nobody': revert (UserCannotChange)\n");
  EXPECT_EQ(preview_text(R"({"accepted": true, "target": "t", "isChange": false, "objections": [],
      "differences": [], "steps": [], "hasMoreSteps": false, "then": "", "offers": ""})"),
            "nothing would change: this configuration is in force\n");
}

TEST(Preview, SaysThatTheSchedulerCannotBeReached) {
  PreviewArguments arguments;
  arguments.service_file = OSTLER_SOURCE_DIR "/tests/unit/spec/data/accepted/every-key.yml";
  arguments.url = "http://127.0.0.1:1";
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_preview(arguments, {}), 2);
  EXPECT_TRUE(testing::internal::GetCapturedStderr().starts_with(
      "ostler preview: http://127.0.0.1:1/v1/configurations/preview: "));
}

}  // namespace
}  // namespace ostler::cli
