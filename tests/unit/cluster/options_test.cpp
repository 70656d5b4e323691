#include "cluster/options.h"

#include <gmock/gmock.h>

namespace ostler::cluster {
namespace {

Result<ClusterOptions> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "ostler-cluster");
  return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(Options, GiveThreeAgentsThatCanAllUseTheSamePorts) {
  const auto agents = make_agents(*parse({}), "/work");
  ASSERT_EQ(agents->size(), 3u);
  EXPECT_EQ((*agents)[0].address, "127.0.0.11");
  EXPECT_EQ((*agents)[2].address, "127.0.0.13");
  EXPECT_EQ(to_text((*agents)[0].resources),
            "ports:[1025-2180, 2182-3887, 3889-5049, 5052-8079, 8082-8180, 8182-32000]; cpus:4; mem:8192; "
            "disk:20480");
  EXPECT_EQ(agent_address(9999), "127.0.39.26");
}

TEST(Options, DescribeZonesAttributesAndMountDisks) {
  const auto agents = make_agents(*parse({"--agents", "3", "--zones", "a,b", "--attributes", "rack:r%n;ssd:1",
                                          "--mount-disks", "1024,2048"}),
                                  "/w");
  const auto& third = (*agents)[2];
  EXPECT_EQ(third.zone, "a");
  EXPECT_EQ(third.region, "region-1");
  EXPECT_EQ(third.attributes.at(0).text, "r3");
  EXPECT_FALSE(third.attributes.at(1).is_text);
  EXPECT_EQ(third.attributes.at(1).milli, 1000);
  EXPECT_EQ(to_text(third.resources.back()), "disk[MOUNT:/w/mounts/127.0.0.13/disk-2]:2048");
}

TEST(Options, ReportEveryProblemAtOnce) {
  const auto bad =
      parse({"--agents", "-1", "--port", "70000", "--mount-disks", "1,x", "--attributes", "nocolon"});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message,
            "--port is 70000; expected 0 to 65535\n"
            "--agents is -1; expected 0 to 50000\n"
            "--mount-disks: found 'x'; expected sizes in MB divided by ','\n"
            "--attributes: found 'nocolon'; expected name:value pairs divided by ';'");
}

TEST(Options, AreNotGuessed) {
  EXPECT_EQ(parse({"--agent", "3"}).error().message,
            "unrecognised option '--agent'; --help shows the options");
  EXPECT_FALSE(parse({"stray"}));
}

TEST(Options, HelpHasExamples) { EXPECT_THAT(parse({"--help"})->print, ::testing::HasSubstr("Examples:")); }

}  // namespace
}  // namespace ostler::cluster
