// An operator's command line becomes a request, and its answer a text and an exit code.
#include "cli/operate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ostler::cli {
namespace {

using ::testing::HasSubstr;

Operation parse(std::vector<std::string> words, std::map<std::string, std::string> environment = {}) {
  return parse_operation(words, environment);
}
Printed print(std::vector<std::string> words, int status, std::string body) {
  return print_answer(parse(std::move(words)), {status, std::move(body), ""});
}

TEST(Operate, TurnsALineIntoARequest) {
  const Operation show = parse({"plan", "show", "deploy"});
  EXPECT_EQ(show.call.method, "GET");
  EXPECT_EQ(show.call.url, "http://127.0.0.1:8080/v1/plans/deploy");
  const Operation force = parse({"plan", "force-complete", "deploy", "node update", "zookeeper-0:[server]"});
  EXPECT_EQ(force.call.method, "POST");
  EXPECT_EQ(force.call.url,
            "http://127.0.0.1:8080/v1/plans/deploy/"
            "forceComplete?phase=node%20update&step=zookeeper-0%3A%5Bserver%5D");
  EXPECT_EQ(parse({"pod", "pause", "zookeeper-0", "-t", "server", "--task", "metrics"}).call.body,
            R"(["server","metrics"])");
  EXPECT_EQ(parse({"plan", "start", "backup", "-p", "A=1=2"}).call.body, R"({"A":"1=2"})");
  EXPECT_EQ(parse({"pod", "status", "zookeeper-1"}).call.url,
            "http://127.0.0.1:8080/v1/pod/zookeeper-1/status");
  EXPECT_EQ(parse({"pod", "restart", "zookeeper-1", "--force"}).call.url,
            "http://127.0.0.1:8080/v1/pod/zookeeper-1/restart?force=true");
  EXPECT_EQ(parse({"uninstall", "abandon", "10.0.0.3"}).call.url,
            "http://127.0.0.1:8080/v1/uninstall/abandon?agent=10.0.0.3");
}

TEST(Operate, TakesTheUrlAndTheTokenFromTheEnvironment) {
  const std::map<std::string, std::string> environment{{"OSTLER_URL", "https://dcos/service/zk/"},
                                                       {"OSTLER_TOKEN", "secret"}};
  EXPECT_EQ(parse({"endpoints"}, environment).call.url, "https://dcos/service/zk/v1/endpoints");
  EXPECT_EQ(parse({"endpoints"}, environment).call.token, "secret");
  EXPECT_EQ(parse({"endpoints", "--url", "http://h:1"}, environment).call.url, "http://h:1/v1/endpoints");
}

TEST(Operate, SaysWhatIsWrongWithALine) {
  const std::pair<std::vector<std::string>, std::string> lines[] = {
      {{"plan"}, "found nothing, expected one of list, show,"},
      {{"plan", "stat"}, "found 'stat', expected one of list, show,"},
      {{"plan", "show"}, "found 0 arguments of `plan show`, expected: PLAN"},
      {{"pod", "list", "x"}, "found 1 arguments of `pod list`, expected: none"},
      {{"plan", "start", "x", "-p", "novalue"}, "-p: found 'novalue', expected NAME=VALUE"},
      {{"plan", "stop", "x", "-p", "A=1"}, "-p belongs to `plan start`"},
      {{"pod", "pause", "x", "--force"}, "--force belongs to `pod restart` and `pod replace`"},
      {{"pod", "restart", "x", "-t", "server"}, "-t belongs to `pod pause` and `pod resume`"},
      {{"pod", "list", "--url", "ftp://x"},
       "--url: found 'ftp://x', expected http://HOST:PORT or https://..."},
      {{"pod", "list", "--urk", "x"}, "unrecognised option '--urk'"},
  };
  for (const auto& [words, text] : lines) {
    const Operation operation = parse(words);
    EXPECT_TRUE(operation.is_exit) << text;
    EXPECT_EQ(operation.exit_code, 64);
    EXPECT_THAT(operation.text, HasSubstr(text));
  }
}

TEST(Operate, ShowsHelpForEachGroup) {
  for (const char* group : {"plan", "pod", "endpoints", "health", "uninstall"}) {
    EXPECT_TRUE(is_operation(group));
    const Operation help = parse({group, "--help"});
    EXPECT_TRUE(help.is_exit);
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_THAT(help.text, HasSubstr("Exit codes: 0 done"));
    EXPECT_THAT(help.text, HasSubstr("--url"));
  }
  EXPECT_FALSE(is_operation("run"));
}

TEST(Operate, DrawsAPlanAsATree) {
  const Printed printed = print({"plan", "show", "deploy"}, 202, R"({"phases": [
      {"id": "1", "name": "node-update", "strategy": "serial", "status": "IN_PROGRESS", "steps": [
        {"id": "2", "name": "zookeeper-0:[server]", "status": "COMPLETE", "message": ""},
        {"id": "3", "name": "zookeeper-1:[server]", "status": "PENDING", "message": "waits for an offer"}]}],
      "errors": ["the region may not change"], "strategy": "serial", "status": "IN_PROGRESS"})");
  EXPECT_EQ(printed.out,
            "deploy (serial strategy) (IN_PROGRESS)\n"
            "└─ node-update (serial strategy) (IN_PROGRESS)\n"
            "   ├─ zookeeper-0:[server] (COMPLETE)\n"
            "   └─ zookeeper-1:[server] (PENDING): waits for an offer\n"
            "\nErrors:\n- the region may not change\n");
  EXPECT_EQ(printed.exit_code, 0);
}

TEST(Operate, DrawsPodsAsATree) {
  const Printed printed = print({"pod", "status"}, 200, R"({"service": "zk", "pods": [{"name": "zookeeper",
      "instances": [{"name": "zookeeper-0", "tasks": [{"id": "x", "name": "zookeeper-0-server",
      "status": "RUNNING"}]}]}]})");
  EXPECT_EQ(printed.out, "zk\n└─ zookeeper\n   └─ zookeeper-0\n      └─ zookeeper-0-server (RUNNING)\n");
}

TEST(Operate, EndsWithACodeThatTellsWhatHappened) {
  EXPECT_EQ(print({"plan", "stop", "deploy"}, 200, R"({"message": "Received cmd: stop"})").out,
            "Received cmd: stop\n");
  const Printed nothing = print({"plan", "pause", "deploy"}, 208, "x");
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_EQ(nothing.error,
            "nothing to be done: the command was already given, or what it is about is complete\n");
  const Printed unknown = print({"plan", "stop", "x"}, 404, "Plan x\x1b[31m not found");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_EQ(unknown.error, "Plan x?[31m not found\n");
  EXPECT_EQ(print({"plan", "stop", "x"}, 503, "the scheduler is starting").exit_code, 4);
  const Printed silent = print_answer(parse({"pod", "list"}), {0, "", "Connection refused"});
  EXPECT_EQ(silent.exit_code, 4);
  EXPECT_EQ(silent.error, "no scheduler answers at http://127.0.0.1:8080/v1/pod: Connection refused\n");
  EXPECT_EQ(print({"health"}, 204, "").out, "{\n  \"value\": 204\n}\n");
}

TEST(Operate, ReachesNobodyWhereNobodyListens) {
  const HttpAnswer answer =
      call_http({"GET", "http://127.0.0.1:1/v1/plans", "", "", std::chrono::seconds(5)});
  EXPECT_EQ(answer.status, 0);
  EXPECT_FALSE(answer.error.empty());
}

}  // namespace
}  // namespace ostler::cli
