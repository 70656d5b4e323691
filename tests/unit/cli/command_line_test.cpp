#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ostler::cli {
namespace {

using ::testing::HasSubstr;
using Command = CommandLine::Command;

CommandLine parse(std::vector<std::string> words) { return parse_command_line(words, "/share", "/plugins"); }

TEST(CommandLine, RunsTheServiceThatComesWithIt) {
  const CommandLine line = parse({"run"});
  EXPECT_EQ(line.command, Command::kRun);
  EXPECT_EQ(line.run.service_file, "/share/service/svc.yml");
  EXPECT_EQ(line.run.manifest_file, "/share/plugins.yaml");
  EXPECT_EQ(line.run.plugin_dir, "/plugins");
  EXPECT_EQ(line.run.lock_timeout.count(), 30);
}

TEST(CommandLine, TakesAnotherServiceAndManifest) {
  const CommandLine line =
      parse({"run", "--plugins", "p.yaml", "my/svc.yml", "--lock-timeout=5", "--env", "v.env"});
  EXPECT_EQ(line.run.env_file, "v.env");
  EXPECT_EQ(line.run.service_file, "my/svc.yml");
  EXPECT_EQ(line.run.manifest_file, "p.yaml");
  EXPECT_EQ(line.run.lock_timeout.count(), 5);
}

TEST(CommandLine, ChecksAFile) {
  const CommandLine line = parse({"check", "--strict", "-o", "json", "--env", "e", "svc.yml"});
  EXPECT_EQ(line.command, Command::kCheck);
  EXPECT_TRUE(line.check.strict);
  EXPECT_EQ(line.check.output, "json");
  EXPECT_EQ(line.check.env_file, "e");
}

TEST(CommandLine, ShowsHelpWithExamples) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"--help"}, {"run", "--help"}, {"check", "-h"}, {"why", "-h"}}) {
    const CommandLine line = parse(words);
    EXPECT_EQ(line.exit_code, 0);
    EXPECT_THAT(line.text, HasSubstr("Examples:")) << words.front();
  }
  EXPECT_THAT(parse({"--version"}).text, HasSubstr("plugin ABI 1.0"));
}

TEST(CommandLine, AsksWhyAPodWaits) {
  const CommandLine line = parse({"why", "--url", "http://10.0.0.1:8080/", "zookeeper-2", "-o", "json"});
  EXPECT_EQ(line.command, Command::kWhy);
  EXPECT_EQ(line.why.url, "http://10.0.0.1:8080");
  EXPECT_EQ(line.why.pod, "zookeeper-2");
  EXPECT_EQ(line.why.output, "json");
  EXPECT_EQ(parse({"why"}).why.url, "http://127.0.0.1:8080");
  EXPECT_THAT(parse({"why", "a/../b"}).text, HasSubstr("expected a pod instance such as zookeeper-0"));
  EXPECT_THAT(parse({"why", "--url", "file:///etc"}).text, HasSubstr("expected http://HOST:PORT"));
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(parse({}).exit_code, 64);
  EXPECT_THAT(parse({"deploy"}).text, HasSubstr("there is no command 'deploy'; there are run, check, preview, plan"));
  EXPECT_THAT(parse({"run", "--plug", "x"}).text, HasSubstr("unrecognised option '--plug'")) << "no guessing";
  EXPECT_EQ(parse({"run", "a.yml", "b.yml"}).exit_code, 64);
  EXPECT_EQ(parse({"check"}).text,
            "ostler check: found no file, expected the path of a svc.yml\n`ostler check --help` shows what "
            "there is\n");
  EXPECT_THAT(parse({"run", "--lock-timeout", "-1"}).text, HasSubstr("expected 0 to 86400 seconds"));
  EXPECT_THAT(parse({"run", "--log-level", "loud"}).text,
              HasSubstr("expected debug, info, warning or error"));
}

}  // namespace
}  // namespace ostler::cli
