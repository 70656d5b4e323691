// What people write as the address of Mesos, and when which master is tried.
#include <gtest/gtest.h>

#include "mesos/mesos_url.h"
#include "mesos/reconnect.h"

namespace ostler::mesos {
namespace {

using Hosts = std::vector<std::string>;
using std::chrono::milliseconds;

std::string complaint(std::string_view text) {
  const auto url = parse_master_url(text);
  return url ? "accepted" : url.error().text();
}

TEST(MasterUrl, ReadsListsAndUrls) {
  EXPECT_EQ(parse_master_url("h1:5050")->hosts, Hosts{"http://h1:5050"});
  EXPECT_EQ(parse_master_url("h1, h2:6060 ,[::1]:7")->hosts,
            (Hosts{"http://h1:5050", "http://h2:6060", "http://[::1]:7"}));
  EXPECT_EQ(parse_master_url("http://leader.mesos:5050/")->hosts, Hosts{"http://leader.mesos:5050"});
  EXPECT_EQ(parse_master_url("https://m")->hosts, Hosts{"https://m:5050"});
}

TEST(MasterUrl, RecognisesZooKeeperAndSaysWhatToWriteInstead) {
  const auto url = parse_master_url("zk://h1:2181,h2/mesos");
  ASSERT_TRUE(url) << url.error().text();
  EXPECT_EQ(url->kind, MasterUrl::Kind::kZooKeeper);
  EXPECT_EQ(url->hosts, (Hosts{"h1:2181", "h2:2181"}));
  EXPECT_EQ(url->path, "/mesos");
  EXPECT_EQ(
      master_list("zk://h1:2181/mesos").error().text(),
      "finding the leading master through ZooKeeper (\"zk://h1:2181/mesos\") is not supported yet; list the "
      "masters instead, \"host:5050,host:5050\": any of them leads to the leader");
}

TEST(MasterUrl, RefusesWhatIsNone) {
  const std::string forms =
      "expected \"host:port,host:port\", \"http://host:port\" or \"zk://host:port,host:port/path\"";
  EXPECT_EQ(complaint(""), "\"\" is no host and port; " + forms);
  EXPECT_EQ(complaint("h1,,h2"), "\"\" is no host and port; " + forms);
  EXPECT_EQ(complaint("h 1:5050"), "\"h 1:5050\" is no host and port; " + forms);
  EXPECT_EQ(complaint("http://h1:5050/api"),
            "\"h1:5050/api\" has the port \"5050/api\", expected a number from 1 to 65535");
  EXPECT_EQ(complaint("h1:0"), "\"h1:0\" has the port \"0\", expected a number from 1 to 65535");
  EXPECT_EQ(complaint("h1:99999"), "\"h1:99999\" has the port \"99999\", expected a number from 1 to 65535");
  EXPECT_EQ(complaint("[::1"), "\"[::1\" has a \"[\" without a \"]\"");
  EXPECT_EQ(complaint("ftp://h1"), "\"ftp://h1\" has an unknown scheme; " + forms);
}

TEST(MasterUrl, NeverRepeatsCredentials) {
  for (const char* text : {"zk://user:hunter2@h1:2181/mesos", "http://user:hunter2@h1:5050"}) {
    EXPECT_EQ(
        complaint(text),
        "the address of Mesos must not hold a user or password; give the principal and its secret apart");
  }
  EXPECT_EQ(master_label("http://user:hunter2@h1:5050/api/v1/scheduler"), "h1:5050");
}

TEST(Reconnect, TriesEachMasterAtOnceAndThenWaitsLongerEachTime) {
  Reconnect reconnect({"a", "b"}, milliseconds(100), milliseconds(300), [] { return 0.0; });
  Hosts masters;
  std::vector<int> waits;
  for (int i = 0; i < 8; ++i) {
    masters.push_back(reconnect.master());
    waits.push_back(static_cast<int>(reconnect.after_failure().count()));
  }
  EXPECT_EQ(masters, (Hosts{"a", "b", "a", "b", "a", "b", "a", "b"}));
  EXPECT_EQ(waits, (std::vector<int>{0, 50, 0, 100, 0, 150, 0, 150}));
}

TEST(Reconnect, ASubscriptionStartsTheWaitsAnew) {
  double chance = 0;
  Reconnect reconnect({"a", "b"}, milliseconds(100), milliseconds(300), [&] { return chance; });
  EXPECT_EQ(reconnect.after_loss(), milliseconds(50));
  EXPECT_EQ(reconnect.after_loss(), milliseconds(100));
  EXPECT_EQ(reconnect.master(), "a");
  reconnect.succeeded();
  chance = 0.5;
  EXPECT_EQ(reconnect.after_loss(), milliseconds(75));
}

}  // namespace
}  // namespace ostler::mesos
