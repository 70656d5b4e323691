// Who of an ensemble may go down, and what a server's own words mean.
#include "advisor-zookeeper/quorum.h"

#include <gtest/gtest.h>

#include <random>

#include "advisor-zookeeper/elections.h"

namespace ostler::advisor {
namespace {

using Role = ServerView::Role;

ServerView leader(int synced) { return {Role::kLeader, synced, ""}; }
ServerView follower() { return {Role::kFollower, 0, ""}; }
ServerView down() { return {Role::kNone, 0, "cannot be asked: Connection refused"}; }
ServerView silent() { return {Role::kNone, 0, "cannot be asked: no answer in time", true}; }

ServerView electing() { return read_mntr("This ZooKeeper instance is not currently serving requests\n"); }

std::vector<Node> ensemble(std::vector<ServerView> views, bool all_are_candidates = true) {
  std::vector<Node> out;
  for (ServerView& view : views)
    out.push_back({"zookeeper-" + std::to_string(out.size()), all_are_candidates, std::move(view)});
  return out;
}

TEST(Quorum, AFollowerMayGoWhenAllOthersAreInSync) {
  const auto nodes = ensemble({follower(), leader(2), follower()});
  EXPECT_TRUE(may_go_down(nodes, 0).go);
  EXPECT_TRUE(may_go_down(nodes, 2).go);
  const Ruling ruling = may_go_down(nodes, 1);
  EXPECT_FALSE(ruling.go);
  EXPECT_EQ(ruling.reason, "zookeeper-1 leads the ensemble, so it goes last, after zookeeper-0, zookeeper-2");
}

TEST(Quorum, TheLeaderMayGoWhenNoOtherWaits) {
  auto nodes = ensemble({follower(), leader(2), follower()}, false);
  nodes[1].is_candidate = true;
  EXPECT_TRUE(may_go_down(nodes, 1).go);
}

TEST(Quorum, NobodyGoesWhileAnotherIsDown) {
  const auto nodes = ensemble({follower(), leader(1), down()});
  const Ruling ruling = may_go_down(nodes, 0);
  EXPECT_FALSE(ruling.go);
  EXPECT_EQ(
      ruling.reason,
      "the ensemble cannot do without zookeeper-0 now: zookeeper-2 cannot be asked: Connection refused");
  EXPECT_TRUE(may_go_down(nodes, 2).go) << "it serves nobody";
}

// It may be paused for a moment, and carry the quorum again in the next.
TEST(Quorum, WhoDoesNotSayWhetherItServesGoesOnlyWhenTheOthersCanDoWithoutIt) {
  EXPECT_TRUE(may_go_down(ensemble({silent(), leader(1), follower()}), 0).go);
  EXPECT_EQ(may_go_down(ensemble({silent(), leader(0), follower()}), 0).reason,
            "only 0 of 1 followers are in sync with the leader zookeeper-1");
  EXPECT_FALSE(may_go_down(ensemble({silent(), follower(), follower()}), 0).go) << "it may be the leader";
  EXPECT_FALSE(may_go_down(ensemble({silent(), leader(1), down()}), 0).go);
  EXPECT_FALSE(may_go_down(ensemble({follower(), leader(2), silent()}), 0).go);
}

TEST(Quorum, WhoMayBeElectingGoesOnceThatLastsForTooLongOrAnotherLeads) {
  auto nodes = ensemble({electing(), electing(), down()});
  EXPECT_EQ(may_go_down(nodes, 0).reason,
            "zookeeper-0 says \"This ZooKeeper instance is not currently serving requests\", maybe for an "
            "election; it may go when that lasts for 30 s");
  nodes[0].electing_for = kLongestElection;
  EXPECT_FALSE(may_go_down(nodes, 0).go);
  nodes[0].electing_for = kLongestElection + std::chrono::milliseconds(1);
  EXPECT_TRUE(may_go_down(nodes, 0).go) << "the ensemble is down for good";
  EXPECT_FALSE(may_go_down(nodes, 1).go) << "it says so only now";
  EXPECT_TRUE(may_go_down(ensemble({electing(), leader(1), follower()}), 0).go) << "there is no election";
  EXPECT_FALSE(may_go_down(ensemble({read_mntr("zk_server_state\tread-only\n"), electing(), down()}), 0).go)
      << "it lost its quorum, and may get it back";
}

TEST(Elections, LastAsLongAsAServerSaysSoAtEveryLook) {
  using std::chrono::seconds;
  Elections elections;
  const Elections::Time begin{};
  EXPECT_EQ(elections.note("a", true, begin), seconds(0));
  EXPECT_EQ(elections.note("a", true, begin + seconds(100)), seconds(100));
  EXPECT_EQ(elections.note("b", true, begin + seconds(100)), seconds(0));
  elections.note("a", false, begin + seconds(110));
  EXPECT_EQ(elections.note("a", true, begin + seconds(120)), seconds(0)) << "it served in between";
  EXPECT_EQ(elections.note("a", true, begin + seconds(300)), seconds(0)) << "nobody looked for long";
}

TEST(Quorum, NobodyGoesWhileAFollowerIsBehind) {
  const auto nodes = ensemble({follower(), leader(1), follower()});
  EXPECT_EQ(may_go_down(nodes, 0).reason, "only 1 of 2 followers are in sync with the leader zookeeper-1");
  EXPECT_FALSE(may_go_down(nodes, 0).go);
}

TEST(Quorum, WithoutALeaderOnlyWhatIsDownGoes) {
  const auto nodes = ensemble({follower(), follower(), down()});
  EXPECT_FALSE(may_go_down(ensemble({follower(), follower(), follower()}), 0).go);
  EXPECT_TRUE(may_go_down(nodes, 2).go);
}

TEST(Quorum, ASingleServerMayGo) { EXPECT_TRUE(may_go_down(ensemble({leader(0)}), 0).go); }

// Whatever the servers say: nobody goes whose absence could leave less than a majority.
TEST(Quorum, NeverGivesTheMajorityAway) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 20000; ++round) {
    const size_t size = 1 + random() % 7;
    std::vector<ServerView> views;
    for (size_t i = 0; i < size; ++i) {
      const unsigned kind = random() % 5;
      views.push_back(kind == 0   ? down()
                      : kind == 4 ? silent()
                      : kind == 1 ? leader(static_cast<int>(random() % size))
                                  : follower());
    }
    const auto nodes = ensemble(views, random() % 2 == 0);
    size_t serving = 0;
    for (const Node& node : nodes) serving += node.view.serves();
    for (size_t i = 0; i < size; ++i) {
      const ServerView& view = nodes[i].view;
      if ((!view.serves() && !view.may_serve) || !may_go_down(nodes, i).go) continue;
      EXPECT_EQ(serving - view.serves(), size - 1) << "all others serve";
    }
  }
}

TEST(ServerView, ReadsMntr) {
  EXPECT_EQ(read_mntr("zk_version\t3.8.0\nzk_server_state\tleader\nzk_peer_state\tleading - broadcast\n"
                      "zk_synced_followers\t2\n")
                .synced_followers,
            2);
  EXPECT_EQ(read_mntr("zk_server_state\tleader\nzk_synced_followers\t1.0\n").synced_followers, 1);
  EXPECT_EQ(read_mntr("zk_server_state\tfollower\nzk_peer_state\tfollowing - broadcast\n").role,
            Role::kFollower);
  EXPECT_EQ(read_mntr("zk_server_state\tobserver\n").role, Role::kObserver);
}

TEST(ServerView, SaysWhyAServerServesNobody) {
  EXPECT_EQ(read_mntr("This ZooKeeper instance is not currently serving requests\n").problem,
            "says \"This ZooKeeper instance is not currently serving requests\"");
  EXPECT_EQ(read_mntr("").problem, "answered nothing");
  EXPECT_EQ(read_mntr("zk_server_state\tleader\nzk_peer_state\tleading - synchronization\n").problem,
            "is leading - synchronization, not yet in broadcast");
  const ServerView forbidden = read_mntr("mntr is not executed because it is not in the whitelist.\n");
  EXPECT_FALSE(forbidden.serves());
  EXPECT_TRUE(forbidden.may_serve);
  EXPECT_FALSE(electing().may_serve);
}

TEST(ServerView, ASilentPortIsAProblemNotAFailure) {
  const ServerView view =
      ask_server("127.0.0.1", 1, std::chrono::steady_clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(view.problem, "cannot be asked: Connection refused");
  EXPECT_FALSE(view.may_serve) << "nobody listens there";
}

}  // namespace
}  // namespace ostler::advisor
