// Commands from other threads: answered when they are carried out, or not carried out.
#include "shell/command_port.h"

#include <gtest/gtest.h>

#include <thread>

namespace ostler::shell {
namespace {

using Outcome = core::Answer::Outcome;
using std::chrono::milliseconds;

std::shared_ptr<PendingCommand> take(Inbox& inbox) {
  auto message = inbox.take_until(std::chrono::steady_clock::now() + std::chrono::seconds(30));
  return std::get<std::shared_ptr<PendingCommand>>(std::move(*message));
}

TEST(CommandPort, GivesTheCommandToTheCoreAndItsAnswerBack) {
  Inbox inbox;
  inbox.serve();
  CommandPort port(inbox, std::chrono::seconds(30));
  std::thread core([&] {
    const auto pending = take(inbox);
    EXPECT_EQ(std::get<core::command::PlanStop>(*pending->begin()).plan, "deploy");
    pending->finish({Outcome::kDone, "Received cmd: stop", {}, {}});
  });
  EXPECT_EQ(port.submit(core::command::PlanStop{"deploy"}).message, "Received cmd: stop");
  core.join();
}

TEST(CommandPort, KeepsNobodyWaitingBeforeThereIsACore) {
  Inbox inbox;
  CommandPort port(inbox, std::chrono::hours(1));
  EXPECT_EQ(port.submit(core::command::PlanStop{"deploy"}).message,
            "the scheduler is starting and takes no commands yet; nothing was changed "
            "(/v1/health?verbose=true says what it waits for)");
  EXPECT_TRUE(inbox.is_empty());
}

TEST(CommandPort, DropsACommandThatNobodyWaitsForAnyMore) {
  Inbox inbox;
  inbox.serve();
  CommandPort port(inbox, milliseconds(1));
  const core::Answer answer = port.submit(core::command::PlanStop{"deploy"});
  EXPECT_EQ(answer.outcome, Outcome::kUnavailable);
  EXPECT_EQ(answer.message,
            "the scheduler is busy and did not take the command; nothing was changed "
            "(/v1/health?verbose=true says what it waits for)");
  EXPECT_EQ(take(inbox)->begin(), nullptr);
}

TEST(CommandPort, SaysWhenACommandWasBegunButCannotBeStored) {
  PendingCommand pending{core::command::PlanStop{"deploy"}};
  ASSERT_NE(pending.begin(), nullptr);
  EXPECT_EQ(pending.wait(milliseconds(1)).message,
            "the command was begun and cannot be stored yet; it takes effect when the state can be "
            "written again (/v1/health?verbose=true says why it cannot)");
}

TEST(CommandPort, RefusesCommandsWhenTheProcessEnds) {
  Inbox inbox;
  inbox.close();
  CommandPort port(inbox);
  EXPECT_EQ(port.submit(core::command::PlanStop{"deploy"}).message,
            "the scheduler is ending; nothing was changed");
}

TEST(CommandPort, AnswersACommandThatWaitsWhenTheProcessEnds) {
  Inbox inbox;
  const auto pending = std::make_shared<PendingCommand>(core::command::PlanStop{"deploy"});
  ASSERT_TRUE(inbox.push(pending));
  inbox.close();
  EXPECT_EQ(pending->wait(milliseconds(0)).message, "the scheduler is ending; nothing was changed");
  EXPECT_TRUE(inbox.is_empty());
}

}  // namespace
}  // namespace ostler::shell
