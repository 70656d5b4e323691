#include "shell/inbox.h"

#include <gtest/gtest.h>

#include <thread>

namespace ostler::shell {
namespace {

using Clock = std::chrono::steady_clock;

mesos::Event rescinded(const std::string& id) { return mesos::event::Rescinded{id}; }

std::string id_of(const std::optional<Message>& message) {
  return std::get<mesos::event::Rescinded>(std::get<mesos::Event>(*message)).offer_id;
}

TEST(Inbox, GivesEventsInTheOrderTheyCame) {
  Inbox inbox;
  inbox.push(rescinded("a"));
  inbox.push(rescinded("b"));
  EXPECT_EQ(id_of(inbox.take_until(Clock::now())), "a");
  EXPECT_EQ(id_of(inbox.take_until(Clock::now())), "b");
  EXPECT_FALSE(inbox.take_until(Clock::now()).has_value());
}

TEST(Inbox, LetsAStopGoFirst) {
  Inbox inbox;
  inbox.push(rescinded("a"));
  EXPECT_FALSE(inbox.take_stop(Clock::now()).has_value());
  inbox.push_urgent(StopRequest{0, "asked"});
  EXPECT_EQ(inbox.take_stop(Clock::now())->why, "asked");
  EXPECT_EQ(id_of(inbox.take_until(Clock::now())), "a");
}

TEST(Inbox, LetsABlockedPushGoWhenItIsClosed) {
  Inbox inbox;
  for (size_t i = 0; i < Inbox::kCapacity; ++i) ASSERT_TRUE(inbox.push(rescinded("x")));
  std::thread writer([&] { EXPECT_FALSE(inbox.push(rescinded("too many"))); });
  inbox.close();
  writer.join();
}

TEST(Inbox, DestroysTasksUnrunWhenItIsClosed) {
  Inbox inbox;
  const auto owned = std::make_shared<int>(0);
  inbox.push(std::function<void()>([owned] { FAIL() << "nobody takes it any more"; }));
  inbox.close();
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_FALSE(inbox.take_until(Clock::now()).has_value());
}

TEST(Inbox, HandsMessagesOverBetweenThreads) {
  Inbox inbox;
  constexpr int kCount = 50000;
  std::thread writer([&] {
    for (int i = 0; i < kCount; ++i) inbox.push(rescinded(std::to_string(i)));
  });
  for (int i = 0; i < kCount; ++i) {
    ASSERT_EQ(id_of(inbox.take_until(Clock::now() + std::chrono::seconds(30))), std::to_string(i));
  }
  writer.join();
}

}  // namespace
}  // namespace ostler::shell
