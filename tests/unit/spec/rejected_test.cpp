// Each data/rejected/X.yml gives exactly the problems listed in X.expected: the
// texts that users read, all of them at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "spec/load.h"

namespace fs = std::filesystem;

namespace ostler::spec {
namespace {

std::vector<fs::path> rejected_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(OSTLER_SPEC_DATA "/rejected")) {
    if (entry.path().extension() == ".yml") files.push_back(entry.path());
  }
  return files;
}

class Rejected : public ::testing::TestWithParam<fs::path> {};

TEST_P(Rejected, IsRefusedWithEveryProblemAndItsPlace) {
  LoadOptions options;
  options.path = GetParam().string();
  options.env = {{"NAME", "n"}, {"COUNT", "many"}, {"GOAL", "SLEEPING"}, {"CMD", "x"}, {"CPUS", "none"}};
  const LoadResult result = load_service(options);
  EXPECT_FALSE(result.spec);

  std::vector<std::string> found, expected;
  for (const Problem& problem : result.problems) found.push_back(problem.text());
  fs::path list = GetParam();
  std::ifstream file(list.replace_extension(".expected"));
  ASSERT_TRUE(file) << list;
  for (std::string line; std::getline(file, line);) expected.push_back(line);
  EXPECT_THAT(found, ::testing::ContainerEq(expected));
}

INSTANTIATE_TEST_SUITE_P(Files, Rejected, ::testing::ValuesIn(rejected_files()), [](const auto& test_info) {
  std::string name = test_info.param.stem().string();
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace ostler::spec
