// What a task knows about itself.
#include "bootstrap/task.h"

#include <gtest/gtest.h>

namespace ostler::bootstrap {
namespace {

std::string ip(const Environment& env) {
  const auto found = container_ip(env);
  return found.ok() ? *found : found.error().text();
}

TEST(Task, MasksWhatSpeaksOfSecrets) {
  EXPECT_EQ(printable({{"B", "2"},
                       {"A", "1"},
                       {"MY_Password_2", "x"},
                       {"TOKENS", "x"},
                       {"dcos_service_account_credential", "x"},
                       {"HELLO_SECRET1_ENV", "x"}}),
            "A=1\nB=2\nHELLO_SECRET1_ENV=********\nMY_Password_2=********\nTOKENS=********\n"
            "dcos_service_account_credential=********\n");
}

TEST(Task, TakesItsAddressFromItsContainerFirst) {
  EXPECT_EQ(ip({{"MESOS_CONTAINER_IP", "9.0.0.1"}, {"LIBPROCESS_IP", "10.0.0.1"}}), "9.0.0.1");
  EXPECT_EQ(ip({{"LIBPROCESS_IP", "10.0.0.1"}}), "10.0.0.1");
  EXPECT_EQ(ip({{"MESOS_CONTAINER_IP", ""}, {"LIBPROCESS_IP", "10.0.0.1"}}), "10.0.0.1");
  EXPECT_EQ(
      ip({}),
      "MESOS_CONTAINER_IP, LIBPROCESS_IP: found nothing, expected the task's IPv4 address in one of the two");
  EXPECT_EQ(ip({{"MESOS_CONTAINER_IP", "::1"}}), "MESOS_CONTAINER_IP: found '::1', expected an IPv4 address");
  EXPECT_EQ(ip({{"LIBPROCESS_IP", "host"}}), "LIBPROCESS_IP: found 'host', expected an IPv4 address");
}

TEST(Task, KnowsItsNameOrSaysWhichVariableIsMissing) {
  EXPECT_EQ(*own_name({{"TASK_NAME", "zk-0-server"}, {"FRAMEWORK_HOST", "zk.tld"}}), "zk-0-server.zk.tld");
  EXPECT_EQ(own_name({{"FRAMEWORK_HOST", "zk.tld"}}).error().where, "TASK_NAME");
  EXPECT_EQ(own_name({{"TASK_NAME", "zk-0-server"}}).error().where, "FRAMEWORK_HOST");
}

}  // namespace
}  // namespace ostler::bootstrap
