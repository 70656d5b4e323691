// Derived names, and the rules of text.
#include "spec/names.h"

#include <gtest/gtest.h>

#include "spec/text_rules.h"

namespace ostler::spec {
namespace {

TEST(Names, AreDerivedAsTheSdkDoes) {
  EXPECT_EQ(escape_service_name("/path/to/svc"), "path__to__svc");
  EXPECT_EQ(escape_service_name("plain"), "plain");
  EXPECT_EQ(service_without_slashes("/path/to/svc"), "pathtosvc");
  EXPECT_EQ(framework_host("/a/b.c", "tld"), "ab-c.tld");
  EXPECT_EQ(framework_vip_host("/a/b", "l4lb.thisdcos.directory"), "ab.l4lb.thisdcos.directory");
  EXPECT_EQ(scheduler_api_hostname("/path/to/s.vc", "marathon", "tld"), "s-vc-to-path.marathon.tld");
  EXPECT_EQ(scheduler_api_hostname("plain", "marathon", "tld"), "plain.marathon.tld");
  EXPECT_EQ(task_instance_name("zookeeper", 2, "server"), "zookeeper-2-server");
  EXPECT_EQ(variable_part("data-node.1"), "DATA_NODE_1");
}

TEST(Names, GiveTheRole) {
  EXPECT_EQ(service_role("/a/b", {}), "a__b-role");
  EXPECT_EQ(service_role("svc", {{"MESOS_ALLOCATION_ROLE", "slave_public"}}), "svc-role");
  EXPECT_EQ(service_role("svc", {{"MESOS_ALLOCATION_ROLE", "dev/x"}}), "dev__x");
  EXPECT_EQ(service_role("svc", {{"MESOS_ALLOCATION_ROLE", "slave_public"},
                                 {"MARATHON_APP_ENFORCE_GROUP_ROLE", "true"}}),
            "slave_public");
}

TEST(TextRules, KeepPathsInsideTheirRoot) {
  for (const char* good : {"a", "a/b", ".ssl/ca.crt", "a.b-c_d/1"})
    EXPECT_TRUE(is_relative_path(good)) << good;
  for (const char* bad : {"", "/a", "..", "a/../b", "../a", "a b", "-a"})
    EXPECT_FALSE(is_relative_path(bad)) << bad;
  EXPECT_TRUE(is_absolute_path("/var/lib"));
  for (const char* bad : {"/", "var", "/var/../etc", "/a b"}) EXPECT_FALSE(is_absolute_path(bad)) << bad;
  EXPECT_TRUE(is_secret_path("hello/__dcos_base64__x"));
  for (const char* bad : {"", "/a", "a//b", "a/../b", "a/"}) EXPECT_FALSE(is_secret_path(bad)) << bad;
}

TEST(TextRules, HoldForNames) {
  for (const char* good : {"svc", "/a/b/c", "a.b", "custom-pod-A"})
    EXPECT_TRUE(is_service_name(good)) << good;
  for (const char* bad : {"", "/", "a__b", "a//b", "a/", "a b", "a/../b"})
    EXPECT_FALSE(is_service_name(bad)) << bad;
  EXPECT_TRUE(is_volume_path("data-1_x"));
  for (const char* bad : {"", "-a", "a.b", "a/b"}) EXPECT_FALSE(is_volume_path(bad)) << bad;
  EXPECT_FALSE(is_volume_profile(std::string(129, 'a')));
  EXPECT_FALSE(is_uri("http://a b"));
  EXPECT_FALSE(is_uri(""));
}

TEST(TextRules, ParseLabels) {
  EXPECT_EQ(parse_labels("")->size(), 0u);
  EXPECT_EQ((*parse_labels("a:b:c, d:"))[1], (std::pair<std::string, std::string>(" d", "")))
      << "nothing is trimmed";
  EXPECT_EQ(parse_labels("a:b,")->size(), 1u) << "the SDK lets commas at the end pass";
  for (const char* bad : {"a", ",a:b", "a:b,,c:d", "a:b,c", "a:1,a:2", ":v"})
    EXPECT_FALSE(parse_labels(bad)) << bad;
}

}  // namespace
}  // namespace ostler::spec
