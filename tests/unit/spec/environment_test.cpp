// The scheduler's own variables.
#include "spec/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ostler::spec {
namespace {

std::string texts(const Environment& env) {
  std::string lines;
  for (const Problem& problem : check_env(env)) lines += problem.text() + "\n";
  return lines;
}

TEST(SchedulerEnvironment, StartsWithNoVariableSet) {
  const auto [values, problems, warnings] = read_environment({});
  EXPECT_TRUE(problems.empty());
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(values.port_api, 8080);
  EXPECT_EQ(values.master, "leader.mesos:5050");
  EXPECT_EQ(values.service_tld, "autoip.dcos.thisdcos.directory");
  EXPECT_EQ(values.executor_cpus_milli, 100);
  EXPECT_EQ(values.executor_mem_mb, 32);
  EXPECT_EQ(values.executor_disk_mb, 256);
  EXPECT_EQ(values.secrets_space, "/");
  EXPECT_FALSE(values.uninstall);
  EXPECT_EQ(values.statsd_host, "");
  EXPECT_EQ(values.pause_command,
            "echo This task is PAUSED, sleeping ... && ./bootstrap --resolve=false && while true; do sleep "
            "3600; done");
  EXPECT_EQ(api_host(values, "/path/to/svc"), "svc-to-path.marathon.autoip.dcos.thisdcos.directory");
}

TEST(SchedulerEnvironment, SaysOfAServiceAccountThatNobodyLogsIn) {
  const EnvironmentResult result = read_environment({{"DCOS_SERVICE_ACCOUNT_CREDENTIAL", "secret {}"}});
  EXPECT_TRUE(result.problems.empty());
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_EQ(
      result.warnings[0].text(),
      "DCOS_SERVICE_ACCOUNT_CREDENTIAL: found a service account, expected none, since Ostler does not log "
      "in to DC/OS (masters that demand a login refuse the scheduler; those that demand a principal and "
      "secret take OSTLER_PRINCIPAL and OSTLER_SECRET)");
}

TEST(SchedulerEnvironment, ReadsValuesOfEveryType) {
  const auto [values, problems, warnings] =
      read_environment({{"PORT_API", "0"},
                        {"EXECUTOR_CPUS", "0.25"},
                        {"FRAMEWORK_BACKOFF_FACTOR", "2"},
                        {"ENABLE_BACKOFF", "Yes"},
                        {"ALLOW_REGION_AWARENESS", "no"},
                        {"ENABLE_ROLE_MIGRATION", ""},
                        {"SDK_UNINSTALL", ""},
                        {"DISABLE_SUPPRESS", "false"},
                        {"MARATHON_APP_ID", "/apps/zk"},
                        {"OSTLER_MASTER", "10.0.0.1:5050,10.0.0.2:5050"},
                        {"OSTLER_API_HOST", "10.0.0.9"},
                        {"STATSD_UDP_PORT", ""},
                        {"ENABLE_AUTOMATIC_POD_REPLACEMENT", "true"},
                        {"PACKAGE_BUILD_TIME_EPOCH_MS", "1606291196083"}});
  EXPECT_TRUE(problems.empty());
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(values.port_api, 0);
  EXPECT_EQ(values.executor_cpus_milli, 250);
  EXPECT_EQ(values.backoff_factor, 2);
  EXPECT_TRUE(values.enable_backoff);
  EXPECT_FALSE(values.allow_region_awareness);
  EXPECT_FALSE(values.enable_role_migration);
  EXPECT_TRUE(values.uninstall) << "presence counts";
  EXPECT_TRUE(values.disable_suppress) << "presence counts";
  EXPECT_EQ(values.secrets_space, "/apps/zk");
  EXPECT_EQ(values.master, "10.0.0.1:5050,10.0.0.2:5050");
  EXPECT_EQ(api_host(values, "zk"), "10.0.0.9");
  EXPECT_EQ(values.statsd_port, 8125);
  EXPECT_TRUE(values.replace_failed_pods);
  EXPECT_EQ(values.package_build_time_epoch_ms, 1606291196083);
}

TEST(SchedulerEnvironment, NamesEveryWrongVariableAndWhatItShouldBe) {
  EXPECT_EQ(texts({{"PORT_API", "65536"},
                   {"EXECUTOR_MEM_MB", "32MB"},
                   {"EXECUTOR_CPUS", "0"},
                   {"ENABLE_BACKOFF", "1"},
                   {"MESOS_API_VERSION", "V2"},
                   {"MARATHON_APP_ENFORCE_GROUP_ROLE", "true"}}),
            "PORT_API: found '65536', expected a port number of 0 to 65535 (default: 8080)\n"
            "MESOS_API_VERSION: found 'V2', expected V0 or V1 (default: V1)\n"
            "ENABLE_BACKOFF: found '1', expected true or false (default: false)\n"
            "EXECUTOR_CPUS: found '0', expected a number greater than 0 (default: 0.1)\n"
            "EXECUTOR_MEM_MB: found '32MB', expected a whole number greater than 0 (default: 32)\n"
            "MESOS_ALLOCATION_ROLE: found nothing, expected a role (MARATHON_APP_ENFORCE_GROUP_ROLE demands "
            "one)\n");
}

TEST(SchedulerEnvironment, TakesTheLogLevelsOfJavaInAnyCase) {
  const std::map<std::string, std::string> levels = {
      {"OFF", "error"}, {"FATAL", "error"}, {"Error", "error"}, {"WARN", "warning"}, {"info", "info"},
      {"", "info"},     {"DEBUG", "debug"}, {"TRACE", "debug"}, {"ALL", "debug"}};
  for (const auto& [name, level] : levels) {
    EXPECT_EQ(read_environment({{"OSTLER_LOG_LEVEL", name}}).values.log_level, level) << name;
  }
  EXPECT_EQ(texts({{"OSTLER_LOG_LEVEL", "LOUD"}}),
            "OSTLER_LOG_LEVEL: found 'LOUD', expected OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE or ALL "
            "(default: INFO)\n");
}

TEST(SchedulerEnvironment, DescribesEveryVariableOnce) {
  std::vector<std::string> names;
  for (const VariableText& text : environment_variables()) {
    EXPECT_FALSE(text.expected.empty()) << text.name;
    EXPECT_FALSE(text.fallback.empty()) << text.name;
    EXPECT_TRUE(text.about.ends_with('.')) << text.name;
    names.emplace_back(text.name);
  }
  for (const char* name :
       {"PORT_API", "SERVICE_TLD", "SDK_UNINSTALL", "STATSD_UDP_HOST", "OSTLER_MASTER", "OSTLER_API_HOST"}) {
    EXPECT_THAT(names, ::testing::Contains(name).Times(1));
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace ostler::spec
