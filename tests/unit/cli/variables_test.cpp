#include "cli/variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_folder.h"

namespace ostler::cli {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(Variables, OfTheProcessComeBeforeThoseOfTheFile) {
  const test::TempFolder folder;
  const std::string file = folder / "defaults.env";
  std::ofstream(file) << "# defaults\nNODE_COUNT=3\nNODE_MEM=4000\n";
  const spec::EnvironmentFile merged = merge_variables(file, {{"NODE_MEM", "256"}, {"HOME", "/root"}});
  EXPECT_TRUE(merged.problems.empty());
  EXPECT_THAT(merged.env,
              UnorderedElementsAre(Pair("NODE_COUNT", "3"), Pair("NODE_MEM", "256"), Pair("HOME", "/root")));
}

TEST(Variables, AreTheProcessesAloneWithoutAFile) {
  EXPECT_THAT(merge_variables("", {{"A", "1"}}).env, UnorderedElementsAre(Pair("A", "1")));
}

TEST(Variables, NameTheFileThatCannotBeRead) {
  const spec::EnvironmentFile merged = merge_variables("/nowhere/x.env", {});
  ASSERT_EQ(merged.problems.size(), 1u);
  EXPECT_THAT(merged.problems.front().text(), ::testing::StartsWith("/nowhere/x.env: "));
}

}  // namespace
}  // namespace ostler::cli
