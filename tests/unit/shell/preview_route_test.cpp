// A preview waits for the core's thread, but not for a core that does not come.
#include "shell/preview_route.h"

#include <gtest/gtest.h>

#include <thread>

#include "api/preview.h"
#include "spec/spec_json.h"
#include "unit/core/engine_driver.h"

namespace ostler::shell {
namespace {

class PreviewRouteTest : public testing::Test {
 protected:
  PreviewRouteTest() { EXPECT_TRUE(route_.add_to(api_).ok()); }

  api::Response ask() {
    const std::string body = spec::to_json(core::test::sample_spec(), 2);
    api::Request request;
    request.method = "POST";
    request.path = api::kPreviewPath;
    request.body = body;
    return api_.handle(request);
  }
  // Returns once a question is in the inbox, leaving it there.
  void wait_for_a_question() {
    while (inbox_.is_empty()) std::this_thread::yield();
  }

  Inbox inbox_;
  MetricsRegistry metrics_;
  api::Api api_{{[](const spec::ServiceSpec& s) { return spec::to_json(s, 2); }}, metrics_};
  PreviewRoute route_{inbox_};
};

TEST_F(PreviewRouteTest, IsAnsweredByTheCore) {
  inbox_.serve();
  route_.answer_with([](auto) { return core::Preview{}; });
  std::thread core([&] {
    auto message = inbox_.take_until(std::chrono::steady_clock::now() + std::chrono::seconds(30));
    std::get<std::function<void()>> (*message)();
  });
  EXPECT_EQ(ask().status, 200U);
  core.join();
}

TEST_F(PreviewRouteTest, IsToldAtOnceThatTheProcessEnds) {
  inbox_.serve();
  api::Response response;
  std::thread asker([&] { response = ask(); });
  wait_for_a_question();
  inbox_.close();
  asker.join();
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.body, "no preview now: the scheduler is ending");
}

TEST_F(PreviewRouteTest, KeepsNobodyWaitingBeforeThereIsACore) {
  EXPECT_EQ(ask().body,
            "no preview now: the scheduler waits for its state; /v1/health?verbose=true says what for");
  EXPECT_TRUE(inbox_.is_empty());
}

TEST_F(PreviewRouteTest, LeavesAThreadOfTheServerForOthers) {
  inbox_.serve();
  std::thread asker([&] { ask(); });
  wait_for_a_question();
  EXPECT_EQ(ask().body, "no preview now: another is asked for already");
  inbox_.close();
  asker.join();
}

}  // namespace
}  // namespace ostler::shell
