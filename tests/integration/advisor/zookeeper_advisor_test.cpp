// The ZooKeeper advisor against real servers: whether one has come back, and whether one may
// go, is what a committed write says, not what the server says of itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostler/draft/advisor.h>

#include <optional>

#include "support/plugin_under_test.h"
#include "support/zookeeper_server.h"
#include "talkative_server.h"

namespace ostler::test {
namespace {

using testing::StartsWith;

constexpr const char* kLeader =
    "zk_server_state\tleader\nzk_peer_state\tleading - broadcast\nzk_synced_followers\t1\n";
constexpr const char* kFollower = "zk_server_state\tfollower\nzk_peer_state\tfollowing - broadcast\n";

uint32_t port_of(const ZookeeperServer& server) {
  return static_cast<uint32_t>(std::stoul(server.address().substr(server.address().find(':') + 1)));
}

class ZookeeperAdvisor : public testing::Test {
 protected:
  ZookeeperAdvisor() {
    if (ZookeeperServer::is_installed()) advisor_.start();
  }
  void SetUp() override {
    if (!ZookeeperServer::is_installed()) GTEST_SKIP() << "needs libzookeeper-java, libslf4j-java and a JRE";
  }

  // Asks about the first of the servers with these client ports: "go: why" or "wait: why".
  std::string ask(uint32_t question, const std::vector<uint32_t>& server_ports, uint32_t timeout_ms = 30000,
                  const std::string& port_name = "clientport") {
    std::vector<ostler_advice_port_t> ports;
    std::vector<ostler_advice_member_t> members;
    std::vector<std::string> names;
    for (size_t i = 0; i < server_ports.size(); ++i) names.push_back("zookeeper-" + std::to_string(i));
    const auto str = [](const std::string& text) { return ostler_str_t{text.data(), text.size()}; };
    const std::string type = "zookeeper", host = "127.0.0.1";
    for (size_t i = 0; i < server_ports.size(); ++i) {
      ports.push_back({str(port_name), server_ports[i], 0});
      ostler_advice_member_t member{};
      member.pod_type = str(type);
      member.pod = str(names[i]);
      member.host = str(host);
      member.ports = {static_cast<uint32_t>(i), 1};
      member.index = static_cast<int32_t>(i);
      member.flags = OSTLER_ADVICE_MEMBER_RUNS | OSTLER_ADVICE_MEMBER_LAUNCHED;
      if (i == 0) member.flags |= OSTLER_ADVICE_MEMBER_CANDIDATE;
      members.push_back(member);
    }
    ostler_advice_question_info_t info{};
    info.struct_size = sizeof info;
    info.question = question;
    info.members = {members.data(), static_cast<uint32_t>(members.size()), sizeof members[0]};
    info.ports = {ports.data(), static_cast<uint32_t>(ports.size()), sizeof ports[0]};
    std::vector<uint32_t> verdicts(members.size(), OSTLER_ADVICE_WAIT);
    Collector reasons;
    ErrorSlot error;
    const auto* table = advisor_.query<ostler_advisor_t>(OSTLER_ADVISOR_DRAFT_1);
    const Status status = error.status(
        table->advise(advisor_.self(), &info, timeout_ms, verdicts.data(), reasons.sink(), error.slot()));
    if (!status.ok()) return "failed: " + status.message;
    return (verdicts[0] == OSTLER_ADVICE_GO ? "go: " : "wait: ") + reasons.joined();
  }

  PluginUnderTest advisor_{"advisor-zookeeper", "{}"};
};

TEST_F(ZookeeperAdvisor, AServerHasComeBackOnceAWriteWasCommittedThroughIt) {
  ZookeeperServer server;
  EXPECT_EQ(ask(OSTLER_ADVICE_HAS_COME_BACK, {port_of(server)}), "go: a write was committed through it");
  server.kill();
  EXPECT_EQ(ask(OSTLER_ADVICE_HAS_COME_BACK, {port_of(server)}),
            "wait: zookeeper-0 does not serve yet: it cannot be asked: Connection refused");
  server.start();
  server.freeze();
  EXPECT_EQ(ask(OSTLER_ADVICE_HAS_COME_BACK, {port_of(server)}, 500),
            "wait: zookeeper-0 does not serve yet: it cannot be asked: no answer in time");
  server.thaw();
  EXPECT_EQ(ask(OSTLER_ADVICE_HAS_COME_BACK, {port_of(server)}), "go: a write was committed through it");
}

TEST_F(ZookeeperAdvisor, AServerWithoutAQuorumHasNotComeBack) {
  ZookeeperServer server;
  server.start_without_quorum();
  EXPECT_EQ(
      ask(OSTLER_ADVICE_HAS_COME_BACK, {port_of(server)}),
      "wait: zookeeper-0 does not serve yet: it says \"This ZooKeeper instance is not currently serving "
      "requests\"");
}

// It answers `ruok`, `srvr` and `mntr`, and reads; only that nothing can be written. In the next moment it
// may carry the quorum that it has lost.
TEST_F(ZookeeperAdvisor, AReadOnlyServerHasNotComeBackAndMayBeElecting) {
  ZookeeperServer server(64, {"readonlymode.enabled=true"});
  server.start_without_quorum();
  EXPECT_EQ(ask(OSTLER_ADVICE_HAS_COME_BACK, {port_of(server)}),
            "wait: zookeeper-0 does not serve yet: it is read-only");
  EXPECT_EQ(ask(OSTLER_ADVICE_MAY_GO_DOWN, {port_of(server)}),
            "wait: zookeeper-0 is read-only, maybe for an election; it may go when that lasts for 30 s");
}

TEST_F(ZookeeperAdvisor, AWriteThatIsNotCommittedOutweighsWhatTheServerSaysOfItself) {
  const TalkativeServer liar(kLeader);
  EXPECT_EQ(ask(OSTLER_ADVICE_HAS_COME_BACK, {liar.port()}, 1000),
            "wait: no write was committed through 127.0.0.1:" + std::to_string(liar.port()) + " in time");
  EXPECT_GT(liar.sessions_refused(), 0);
}

TEST_F(ZookeeperAdvisor, NobodyGoesWhoseFellowsSayThatTheyServeButCommitNothing) {
  const TalkativeServer candidate(kFollower);
  const TalkativeServer liar(kLeader);
  EXPECT_EQ(ask(OSTLER_ADVICE_MAY_GO_DOWN, {candidate.port(), liar.port()}, 1000),
            "wait: zookeeper-1 stays, but no write was committed through 127.0.0.1:" +
                std::to_string(liar.port()) + " in time");
  EXPECT_EQ(candidate.sessions_refused(), 0) << "it goes, so its own writes do not count";
}

TEST_F(ZookeeperAdvisor, AFollowerGoesWhenTheLeaderCommitsAWriteWithoutIt) {
  ZookeeperServer leader;  // of an ensemble of one, so it has no followers in sync
  const TalkativeServer candidate(kFollower);
  EXPECT_EQ(ask(OSTLER_ADVICE_MAY_GO_DOWN, {candidate.port(), port_of(leader)}),
            "wait: only 0 of 1 followers are in sync with the leader zookeeper-1");
  const TalkativeServer silent("");
  EXPECT_EQ(ask(OSTLER_ADVICE_MAY_GO_DOWN, {silent.port(), port_of(leader)}),
            "go: all others serve and are in sync");
}

TEST_F(ZookeeperAdvisor, ACandidateWithoutTheNamedPortIsNotAsked) {
  EXPECT_THAT(ask(OSTLER_ADVICE_HAS_COME_BACK, {1}, 1000, "other"),
              StartsWith("wait: zookeeper-0 does not serve yet: it has no port 'clientport'"));
}

}  // namespace
}  // namespace ostler::test
