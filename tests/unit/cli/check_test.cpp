// `ostler check`: what it prints, in which order, and its exit code.
#include "cli/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "spec/spec_json.h"
#include "support/temp_folder.h"

namespace ostler::cli {
namespace {

using ::testing::HasSubstr;

class Check : public ::testing::Test {
 protected:
  struct Outcome {
    int code;
    std::string text;
  };

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_ / name;
    std::ofstream(path) << text;
    return path;
  }
  Outcome check(CheckArguments arguments, const std::map<std::string, std::string>& env = {}) {
    arguments.service_file = folder_ / "svc.yml";
    testing::internal::CaptureStdout();
    const int code = run_check(arguments, env);
    return {code, testing::internal::GetCapturedStdout()};
  }

  test::TempFolder folder_;
};

constexpr const char* kGood =
    "name: {{NAME}}\n"
    "pods:\n"
    "  node: {count: 2, tasks: {server: {goal: RUNNING, cmd: 'echo {{WORD}}', cpus: 1}}}\n";

constexpr const char* kBad =
    "name: zk\n"
    "pods:\n"
    "  node:\n"
    "    count: three\n"
    "    tasks:\n"
    "      server: {goal: RUNING, cmd: x, cpus: 1, mem: 5}\n";

TEST_F(Check, ShowsAllProblemsOfVariablesAndFileInOneOrder) {
  write("svc.yml", kBad);
  CheckArguments arguments;
  arguments.env_file = write("bad.env", "no equals sign\nPORT_API=x\nEXECUTOR_CPUS=-1\n");
  const Outcome first = check(arguments);
  EXPECT_EQ(first.code, 1);
  EXPECT_EQ(
      first.text,
      arguments.env_file +
          ":1:1: found a line without a name and '=', expected KEY=value\n"
          "PORT_API: found 'x', expected a port number of 0 to 65535 (default: 8080)\n"
          "EXECUTOR_CPUS: found '-1', expected a number greater than 0 (default: 0.1)\n"
          "svc.yml:4:5: pods.node.count: found 'three', expected a whole number, 0 to 100000\n"
          "svc.yml:6:16: pods.node.tasks.server.goal: found 'RUNING', expected RUNNING, FINISH or ONCE\n"
          "svc.yml:6:47: pods.node.tasks.server.mem: found an unknown key, expected one of the keys goal, "
          "cmd, essential, env, configs, resource-set, health-check, readiness-check, labels, discovery, "
          "kill-grace-period, transport-encryption, ipc-mode, shm-size, cpus, gpus, memory, ports, volume, "
          "volumes, resource-limits (did you mean 'memory'?)\n"
          "6 problems\n");
  EXPECT_EQ(check(arguments).text, first.text);

  arguments.output = "json";
  const Outcome json = check(arguments);
  EXPECT_EQ(json.code, 1);
  size_t at = 0;
  for (const char* key :
       {"\"line\": 1", "PORT_API", "EXECUTOR_CPUS", "pods.node.count", "server.goal", "server.mem"}) {
    const size_t next = json.text.find(key, at);
    ASSERT_NE(next, std::string::npos) << key << " is missing or out of order in\n" << json.text;
    at = next;
  }
}

TEST_F(Check, GivesTheNormalisedSpecificationAsJson) {
  write("svc.yml", kGood);
  CheckArguments arguments;
  arguments.output = "json";
  const Outcome outcome = check(arguments, {{"NAME", "zk"}, {"WORD", "hello"}});
  EXPECT_EQ(outcome.code, 0);
  const auto spec = spec::from_json(outcome.text);
  ASSERT_TRUE(spec.ok()) << outcome.text;
  EXPECT_EQ(spec->name, "zk");
  EXPECT_EQ(spec->role, "zk-role");
  EXPECT_EQ(spec->plans.at(0).phases.at(0).steps.size(), 2U);
}

TEST_F(Check, SaysInOneLineThatAllIsWell) {
  write("svc.yml", kGood);
  const Outcome outcome = check({}, {{"NAME", "zk"}});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.text, HasSubstr("svc.yml: service 'zk' with 2 pod instances can be deployed\n"));
}

TEST_F(Check, NamesEveryMissingValueWithItsLineWhenItIsStrict) {
  write("svc.yml", kGood);
  CheckArguments arguments;
  arguments.strict = true;
  const Outcome outcome = check(arguments, {{"NAME", "zk"}});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.text,
            "svc.yml:3:63: WORD: found no value, expected the variable WORD to be set\n"
            "1 problem\n");
}

TEST_F(Check, WarnsOfWhatIsReadButNotCarriedOut) {
  write("svc.yml",
        "name: zk\n"
        "pods:\n"
        "  node:\n"
        "    count: 1\n"
        "    tasks:\n"
        "      server: {goal: RUNNING, cmd: x, cpus: 1, transport-encryption: [{name: zk, type: TLS}]}\n");
  const Outcome outcome = check({}, {{"DCOS_SERVICE_ACCOUNT_CREDENTIAL", "{}"}});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.text, HasSubstr("warning: DCOS_SERVICE_ACCOUNT_CREDENTIAL: found a service account"));
  EXPECT_THAT(
      outcome.text,
      HasSubstr("warning: svc.yml:6:48: pods.node.tasks.server.transport-encryption: found a wish for "
                "certificates, expected certificates and keys among the pod's secrets (Ostler issues "
                "none, and `ostler run` does not deploy a service that wants them)\n"));
  CheckArguments arguments;
  arguments.output = "json";
  testing::internal::CaptureStderr();
  const Outcome json = check(arguments);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("warning: svc.yml:6:48:"));
  EXPECT_TRUE(spec::from_json(json.text).ok()) << "warnings are beside the document";
}

TEST_F(Check, NamesAFileThatIsNotThere) {
  const Outcome outcome = check({});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.text, HasSubstr("does not exist"));
}

}  // namespace
}  // namespace ostler::cli
