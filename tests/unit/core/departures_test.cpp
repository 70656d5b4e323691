// When a reservation that is to be given back counts as gone: by the word of its agent,
// also to the next process, and else because it is offered no more.
#include "core/departures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Type = mesos::Operation::Type;

FakeOffer free_offer(const std::string& id) {
  FakeOffer offer = big_offer(1);
  offer.id = id;
  return offer;
}

// Uninstalling a service of one pod, up to the UNRESERVEs that gave its agent's
// resources back. All of them were sent.
EngineDriver giving_back() {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.settings.uninstall = true;
  driver.restart();
  driver.subscribe();
  FakeOffer offer = free_offer("O-held");
  for (const mesos::Resource& resource : driver.resources_of("zookeeper-0"))
    offer.resources.push_back(resource);
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.offer({offer});
  return driver;
}

std::vector<std::string> unreserve_ids(const EngineDriver& driver) {
  std::vector<std::string> ids;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& operation : accept.operations) {
      if (operation.type == Type::kUnreserve) ids.push_back(operation.id);
    }
  }
  return ids;
}

void finished(EngineDriver& driver, const std::string& operation) {
  driver.event(mesos::event::OperationUpdate{{operation, "OPERATION_FINISHED", "", "dXVpZA==", "S1"}});
}

size_t held(const EngineDriver& driver) {
  size_t count = 0;
  for (const auto& [name, task] : driver.stored.tasks) count += task.launch->holdings.size();
  return count;
}

size_t teardowns_of(const EngineDriver& driver) { return driver.calls_of<mesos::call::Teardown>().size(); }

TEST(Departures, TheIdOfAnUnreserveNamesTheReservation) {
  const std::string resource = "3b21081c-5c91-4899-97fa-6b33106c1934";
  EXPECT_EQ(resource_of_unreserve_id(unreserve_id(resource, "process-7")), resource);
  EXPECT_EQ(resource_of_unreserve_id(unreserve_id("with_line", "process-7")), "with_line");
  EXPECT_EQ(unreserve_id("what/Mesos/refuses", "process-7"), "process-7");
  EXPECT_EQ(unreserve_id(std::string(200, 'x'), "process-7"), "process-7");
  EXPECT_EQ(resource_of_unreserve_id("process-7"), "");
  EXPECT_EQ(resource_of_unreserve_id("unreserve_"), "");
}

// What it was to use is held by its offer until that is declined.
TEST(Departures, AnAcceptThatFailedMakesAbsenceNoProof) {
  EngineDriver driver = giving_back();
  driver.advance(34'000);
  const auto accepts = driver.calls_of<mesos::call::Accept>();
  ASSERT_THAT(accepts, SizeIs(1));
  driver.event(mesos::event::CallRejected{accepts.front(), 0, "timed out"});
  driver.advance(34'000);
  driver.offer({free_offer("O-without-it")});
  EXPECT_EQ(teardowns_of(driver), 0U);
  driver.advance(1'000);
  driver.offer({free_offer("O-later")});
  EXPECT_EQ(teardowns_of(driver), 1U);
}

TEST(Departures, TheWordOfAnUnreserveCountsAlsoForTheNextProcess) {
  EngineDriver driver = giving_back();
  const std::vector<std::string> sent = unreserve_ids(driver);
  ASSERT_THAT(sent, ::testing::Not(IsEmpty()));
  driver.restart();
  driver.subscribe();
  for (const std::string& id : sent) {
    EXPECT_EQ(teardowns_of(driver), 0U);
    finished(driver, id);
  }
  EXPECT_EQ(held(driver), 0U);
  EXPECT_EQ(teardowns_of(driver), 1U);
  EXPECT_THAT(driver.calls_of<mesos::call::AcknowledgeOperation>(), SizeIs(sent.size()));
}

TEST(Departures, AWordIsAcknowledgedOnlyOnceItIsStored) {
  EngineDriver driver = giving_back();
  const std::vector<std::string> sent = unreserve_ids(driver);
  const size_t before = held(driver);
  driver.crash_after_effects = 1;
  finished(driver, sent.front());
  EXPECT_LT(held(driver), before);
  EXPECT_THAT(driver.calls_of<mesos::call::AcknowledgeOperation>(), IsEmpty());
}

TEST(Departures, WithoutAnyWordAbsenceFromALaterOfferTells) {
  EngineDriver driver = giving_back();
  driver.restart();
  driver.subscribe();
  driver.advance(34000);
  driver.offer({free_offer("O-early")});
  EXPECT_EQ(teardowns_of(driver), 0U) << "an executor may still be ending";
  driver.advance(1000);
  driver.offer({[] {
    FakeOffer other = big_offer(2);
    other.id = "O-other";
    return other;
  }()});
  EXPECT_EQ(teardowns_of(driver), 0U) << "another agent's offer";
  driver.offer({free_offer("O-late")});
  EXPECT_EQ(held(driver), 0U);
  EXPECT_EQ(teardowns_of(driver), 1U);
}

// A state takes only so much at once, and the tasks may be ten thousand.
TEST(Departures, RecordsAreStoredOneByOne) {
  EngineDriver driver = giving_back();
  const size_t all = held(driver);
  driver.restart();
  driver.subscribe();
  driver.advance(35'000);
  driver.crash_after_effects = 1;
  driver.offer({free_offer("O-late")});
  EXPECT_LT(held(driver), all);
  EXPECT_GT(held(driver), 0U) << "the other task's record";
}

// After a fail-over the master knows neither the agent nor its tasks, which go on. The
// agent's first offers lack what they use.
TEST(Departures, WhatATaskStillUsesIsNotGoneBecauseItIsNotOffered) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  const size_t all = held(driver);
  driver.settings.uninstall = true;
  driver.settings.sweep_soon_ms = driver.settings.sweep_period_ms;
  driver.restart();
  driver.subscribe();
  for (const char* task : {"zookeeper-0-server", "zookeeper-0-metrics"})
    driver.update(task, TaskState::kUnknown, {}, "SOURCE_MASTER");
  driver.advance(36'000);
  driver.offer({free_offer("O-registered")});
  EXPECT_EQ(held(driver), all);
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.offer({free_offer("O-executor-ends")});
  EXPECT_EQ(held(driver), all);
  EXPECT_EQ(teardowns_of(driver), 0U);
  driver.advance(35'000);
  driver.calls.clear();
  driver.offer({free_offer("O-late")});
  EXPECT_EQ(held(driver), 0U);
  driver.advance(0);
  ASSERT_THAT(driver.calls_of<mesos::call::Reconcile>(), SizeIs(1))
      << "a task may use it that nobody remembers";
  EXPECT_THAT(driver.calls_of<mesos::call::Reconcile>()[0].tasks, IsEmpty());
}

// The sweep brings the offer that tells, since nothing else is asked of the agent.
TEST(Departures, OffersAreAskedForThatTell) {
  EngineDriver driver = giving_back();
  driver.restart();
  driver.subscribe();
  driver.offer({free_offer("O-first")});
  driver.calls.clear();
  driver.advance(driver.settings.sweep_soon_ms);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1));
}

}  // namespace
}  // namespace ostler::core::test
