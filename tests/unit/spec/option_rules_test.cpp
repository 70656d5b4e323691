// The rules a service states for its own options, and those of the shipped service.
#include "spec/option_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spec/load.h"

namespace ostler::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LoadResult shipped(const std::map<std::string, std::string>& changes = {}) {
  EnvironmentFile file = read_env_file(OSTLER_SOURCE_DIR "/packaging/service/defaults.env");
  file.env["BOOTSTRAP_URI"] = "file:///opt/bootstrap";
  for (const auto& [name, value] : changes) file.env[name] = value;
  return load_service({OSTLER_SOURCE_DIR "/packaging/service/svc.yml", file.env, false});
}

std::vector<std::string> messages(const std::vector<OptionBreach>& breaches) {
  std::vector<std::string> out;
  for (const OptionBreach& one : breaches) out.push_back(one.message);
  return out;
}

std::vector<std::string> changing(const std::string& option, const std::string& value) {
  const LoadResult before = shipped(), after = shipped({{option, value}});
  if (!after.spec) return {after.problems.front().text()};
  return messages(option_breaches(&*before.spec, *after.spec));
}

TEST(OptionRules, AreAllKeptByTheDefaultsOfTheShippedService) {
  const LoadResult loaded = shipped();
  ASSERT_TRUE(loaded.spec);
  EXPECT_THAT(loaded.objections, IsEmpty());
  EXPECT_EQ(loaded.spec->option_rule("NODE_COUNT")->value, "3");
  EXPECT_THAT(messages(option_breaches(&*loaded.spec, *loaded.spec)), IsEmpty());
}

TEST(OptionRules, SayWhatIsFixedAndHowToRevert) {
  EXPECT_THAT(
      changing("NODE_COUNT", "5"),
      ElementsAre("NODE_COUNT cannot change once the service is installed: an ensemble of 3 or 5 keeps its "
                  "members, which know each other by number. Set NODE_COUNT back to '3' to proceed"));
  EXPECT_THAT(
      changing("CLIENT_PORT", "2181"),
      ElementsAre("CLIENT_PORT cannot change once the service is installed: clients know the servers by it. "
                  "Set CLIENT_PORT back to '1140' to proceed"));
  EXPECT_THAT(
      changing("SERVICE_REGION", "north"),
      ElementsAre("SERVICE_REGION cannot change once the service is installed: the data is there. Unset "
                  "SERVICE_REGION to proceed"));
}

TEST(OptionRules, FixEveryOptionThatThePackageFixes) {
  for (const char* option :
       {"NODE_COUNT", "SERVER_TICKTIME", "CLIENT_PORT", "FOLLOWER_PORT", "LEADER_ELECTION_PORT", "DATA_DISK",
        "LOG_DISK", "FRAMEWORK_USER", "SERVICE_REGION", "ENABLE_VIRTUAL_NETWORK"}) {
    EXPECT_EQ(shipped().spec->option_rule(option)->fixed, Fixed::kAlways) << option;
  }
  for (const char* option : {"NODE_MEM", "NODE_HEAP", "SERVER_MAXCLIENTCNXNS", "SERVER_INITLIMIT"}) {
    EXPECT_THAT(changing(option, "77"), IsEmpty()) << option;
  }
}

TEST(OptionRules, RefuseValuesAnEnsembleCannotHave) {
  const LoadResult loaded = shipped(
      {{"NODE_COUNT", "4"}, {"CLIENT_PORT", "1240"}, {"SERVER_TICKTIME", "0"}, {"SERVER_SYNCLIMIT", "two"}});
  std::vector<std::string> texts;
  for (const Problem& one : loaded.objections)
    texts.push_back(one.key + ": " + one.found + ": " + one.expected);
  EXPECT_THAT(
      texts,
      ElementsAre(
          "x-ostler.options.NODE_COUNT: '4': NODE_COUNT must be 3 or 5: an ensemble of 3 or 5 keeps its "
          "members, which know each other by number",
          "x-ostler.options.CLIENT_PORT: '1240': CLIENT_PORT must differ from FOLLOWER_PORT: clients know "
          "the servers by it",
          "x-ostler.options.SERVER_TICKTIME: '0': SERVER_TICKTIME must be a whole number of 1 or more: all "
          "servers must count time alike",
          "x-ostler.options.SERVER_SYNCLIMIT: 'two': SERVER_SYNCLIMIT must be a whole number of 1 or more"));
}

TEST(OptionRules, LetAnOptionBeSetOnceWhereTheySaySo) {
  ServiceSpec before, after;
  before.option_rules = after.option_rules = {{"REALM", "", Fixed::kOnceSet, {}, {}, {}, {}, {}}};
  after.option_rules[0].value = "EXAMPLE.COM";
  EXPECT_THAT(option_breaches(&before, after), IsEmpty());
  EXPECT_THAT(
      messages(option_breaches(&after, before)),
      ElementsAre("REALM cannot change once the service is installed. Set REALM back to 'EXAMPLE.COM' to "
                  "proceed"));
}

TEST(OptionRules, BindNothingThatWasInstalledWithoutThem) {
  ServiceSpec before = *shipped().spec;
  before.option_rules.clear();
  EXPECT_THAT(option_breaches(&before, *shipped({{"NODE_COUNT", "5"}}).spec), IsEmpty());
}

TEST(OptionRules, AreRefusedWhereTheyMakeNoSense) {
  for (const auto& [text, problem] : std::map<std::string, std::string>{
           {"{fixed: maybe}", "x-ostler.options.A.fixed: found 'maybe', expected no, always or once-set"},
           {"{one-of: 3}", "x-ostler.options.A.one-of: found '3', expected a list of values"},
           {"{least: x}", "x-ostler.options.A.least: found 'x', expected a whole number"},
           {"{lest: 3}",
            "x-ostler.options.A.lest: found an unknown key, expected one of the keys fixed, one-of, "
            "least, most, differs-from, why (did you mean 'least'?)"}}) {
    const std::string path = ::testing::TempDir() + "/option_rules.yml";
    FILE* file = std::fopen(path.c_str(), "w");
    std::fputs(("name: s\npods: {p: {count: 1, tasks: {t: {goal: RUNNING, cmd: c, cpus: 1, memory: 1}}}}\n"
                "x-ostler: {options: {A: " +
                text + "}}\n")
                   .c_str(),
               file);
    std::fclose(file);
    const LoadResult loaded = load_service({path, {}, false});
    ASSERT_EQ(loaded.problems.size(), 1u) << text;
    EXPECT_THAT(loaded.problems[0].text(), ::testing::EndsWith(problem));
  }
}

}  // namespace
}  // namespace ostler::spec
