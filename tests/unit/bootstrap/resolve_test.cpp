// Waiting for names, by a clock that only this test moves.
#include "bootstrap/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ostler::bootstrap {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Resolve : public ::testing::Test {
 protected:
  Resolve() { env_["OSTLER_HOSTS_FILE"] = path_; }
  ~Resolve() override { std::filesystem::remove(path_); }

  void write(const std::string& text) { std::ofstream(path_) << text; }

  // Each pause ends at once; `on_pause` may change the hosts file.
  Wait wait(
      milliseconds timeout, std::function<void(int)> on_pause = [](int) {}) {
    Wait how;
    how.timeout = timeout;
    how.clock.now = [this] { return now_; };
    how.clock.sleep = [this, on_pause](milliseconds pause) {
      now_ += pause;
      on_pause(++pauses_);
    };
    return how;
  }

  std::string path_ =
      (std::filesystem::temp_directory_path() / ("ostler-hosts-" + std::to_string(getpid()))).string();
  Environment env_;
  milliseconds now_{1000};
  int pauses_ = 0;
};

TEST_F(Resolve, ReadsTheHostsFileAlone) {
  write(
      "127.0.0.11 zk-0.tld zk-0 # comment zk-9.tld\n# 1.2.3.4 zk-1.tld\n\n127.0.0.11 "
      "zk-0.tld\n127.0.0.12\tboth\n127.0.0.13 both\n");
  EXPECT_THAT(resolve("zk-0.tld", env_), ElementsAre("127.0.0.11"));
  EXPECT_THAT(resolve("both", env_), ElementsAre("127.0.0.12", "127.0.0.13"));
  for (const char* name : {"zk-1.tld", "zk-9.tld", "localhost", "127.0.0.11x"})
    EXPECT_THAT(resolve(name, env_), IsEmpty());
  EXPECT_THAT(resolve("10.1.2.3", env_), ElementsAre("10.1.2.3"));
  EXPECT_THAT(resolve("localhost", {}), ::testing::Contains("127.0.0.1"));
}

TEST_F(Resolve, WaitsForEveryHostASecondAtATime) {
  write("127.0.0.11 a\n");
  const auto done = wait_for_hosts({"a", "b"}, env_, wait(milliseconds(0), [this](int pause) {
                                     if (pause == 400) write("127.0.0.12 b\n");
                                   }));
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(pauses_, 400) << "no limit";
  EXPECT_EQ(now_, milliseconds(401000));
}

TEST_F(Resolve, GivesUpWhenTheTimeIsOver) {
  const auto done = wait_for_hosts({"a", "b"}, env_, wait(milliseconds(2500)));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().text(),
            "resolve: waited 2 s for an address of a, b, expected the cluster's DNS to know the name");
  EXPECT_EQ(now_, milliseconds(3500));
}

TEST_F(Resolve, WaitsForExactlyItsOwnAddress) {
  write("127.0.0.99 self\n");
  EXPECT_TRUE(wait_for_self("self", "127.0.0.11", env_,
                            wait(milliseconds(0),
                                 [this](int pause) {
                                   if (pause == 1) write("127.0.0.99 self\n127.0.0.11 self\n");
                                   if (pause == 2) write("127.0.0.11 self\n");
                                 }))
                  .ok());
  EXPECT_EQ(pauses_, 2);
  write("127.0.0.99 self\n");
  EXPECT_EQ(
      wait_for_self("self", "127.0.0.11", env_, wait(milliseconds(1000))).error().text(),
      "self-resolve: waited 1 s, found 127.0.0.99 for 'self', expected the task's own address 127.0.0.11");
}

}  // namespace
}  // namespace ostler::bootstrap
