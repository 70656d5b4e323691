// Each data/accepted/X.yml with an X.expected loads, and what is listed there is so:
// "/json/pointer = value" of the specification's JSON, and every warning.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "spec/load.h"
#include "spec/spec_json.h"

namespace fs = std::filesystem;

namespace ostler::spec {
namespace {

const Environment kEnvironment = {{"NAME", "service"}, {"COUNT", "3"},
                                  {"FLAG", "TRUE"},    {"QUOTED", "a&b='c'"},
                                  {"RAW", "a&b=c"},    {"PLACEMENT", R"([["hostname", "UNIQUE"]])"}};

std::vector<fs::path> accepted_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(OSTLER_SPEC_DATA "/accepted")) {
    fs::path expected = entry.path();
    if (entry.path().extension() == ".yml" && fs::exists(expected.replace_extension(".expected"))) {
      files.push_back(entry.path());
    }
  }
  return files;
}

class Accepted : public ::testing::TestWithParam<fs::path> {};

TEST_P(Accepted, MeansWhatIsListedAndIsStoredUnchanged) {
  LoadResult result = load_service({GetParam().string(), kEnvironment, false});
  std::string problems;
  for (const Problem& problem : result.problems) problems += problem.text() + "\n";
  for (const Problem& problem : result.objections) problems += problem.text() + "\n";
  ASSERT_TRUE(result.spec) << problems;
  EXPECT_EQ(problems, "");

  const nlohmann::json spec = nlohmann::json::parse(to_json(*result.spec));
  std::vector<std::string> warnings, expected_warnings;
  for (const Problem& warning : result.warnings) warnings.push_back("warning: " + warning.text());
  fs::path list = GetParam();
  std::ifstream file(list.replace_extension(".expected"));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("warning: ")) {
      expected_warnings.push_back(line);
      continue;
    }
    const size_t equals = line.find(" = ");
    ASSERT_NE(equals, std::string::npos) << line;
    const nlohmann::json::json_pointer at(line.substr(0, equals));
    ASSERT_TRUE(spec.contains(at)) << line;
    EXPECT_EQ(spec.at(at), nlohmann::json::parse(line.substr(equals + 3))) << line;
  }
  EXPECT_THAT(warnings, ::testing::ContainerEq(expected_warnings));

  const auto stored = from_json(to_json(*result.spec));
  ASSERT_TRUE(stored.ok()) << stored.error().text();
  EXPECT_EQ(*stored, *result.spec);
}

INSTANTIATE_TEST_SUITE_P(Files, Accepted, ::testing::ValuesIn(accepted_files()), [](const auto& test_info) {
  std::string name = test_info.param.stem().string();
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace ostler::spec
