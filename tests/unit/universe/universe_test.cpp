// The package for DC/OS: what becomes of each of its options.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/command_line.h"
#include "spec/load.h"
#include "spec/spec_json.h"
#include "support/universe_package.h"

namespace ostler::test {
namespace {

using nlohmann::json;

const std::string kService = OSTLER_SOURCE_DIR "/packaging/service/";

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Options that change nothing here; packaging/universe/README.md says why.
const std::vector<std::string> kWithoutEffect = {
    "service.mesos_api_version",
    "service.security.kerberos.keytab_secret",
    "service.service_account_secret",
};

// What must be set for an option to matter at all.
json setting_for(const std::string& path) {
  const std::vector<std::pair<std::string, json>> needs = {
      {"service.virtual_network_", option_value("service.virtual_network_enabled", true)},
      {"service.security.kerberos.", option_value("service.security.kerberos.enabled", true)},
      {"service.pod-replacement-failure-policy.",
       option_value("service.pod-replacement-failure-policy.enable-automatic-pod-replacement", true)},
      {"service.rlimits.rlimit_nofile.soft", option_value("service.rlimits.rlimit_nofile.hard", 200000)},
      {"node.external_volume.", option_value("node.external_volume.enabled", true)},
      {"node.data_volume_profile", option_value("node.data_disk_type", "MOUNT")},
      {"node.log_volume_profile", option_value("node.log_disk_type", "MOUNT")},
  };
  for (const auto& [prefix, setting] : needs) {
    if (path.rfind(prefix, 0) == 0) return setting;
  }
  return json::object();
}

// Another valid value than the default.
json other_value(const PackageOption& option) {
  const std::map<std::string, json> chosen = {
      {"service.name", "other-zookeeper"},
      {"service.log_level", "DEBUG"},
      {"service.mesos_api_version", "V0"},
      {"service.virtual_network_name", "other-network"},
      {"service.virtual_network_plugin_labels", "key:value"},
      {"service.logrotate_options.stdout_max_size", "9MB"},
      {"service.logrotate_options.stderr_max_size", "9MB"},
      {"service.security.kerberos.kdc.port", 2088},
      {"node.placement_constraint", R"([["hostname", "MAX_PER", "2"]])"},
      {"node.external_volume.volume_driver_options", "size=7"},
      {"zookeeper.leader_serves", "no"},
      {"ostler.state_zookeeper", "zk-1:2181,zk-2:2181"},
      {"ostler.mesos_masters", "master-1:5050"},
      {"ostler.jvm_flags", "-Dx=y"},
  };
  const auto found = chosen.find(option.path);
  if (found != chosen.end()) return found->second;
  const json fallback = option.schema.value("default", json());
  if (option.schema.contains("enum")) {
    for (const json& one : option.schema.at("enum")) {
      if (one != fallback) return one;
    }
  }
  if (fallback.is_boolean()) return !fallback.get<bool>();
  if (fallback.is_number()) return fallback.get<int64_t>() + 1;
  return "another";
}

// Everything that follows from options: the service, what the scheduler reads for
// itself, and what Marathon does. The variables themselves do not count.
std::string outcome(const UniversePackage& package, const json& options) {
  json app = package.app(options);
  const spec::Environment env = variables_of(app);
  const spec::LoadResult loaded = spec::load_service({kService + "svc.yml", env, true});
  const spec::EnvironmentResult own = spec::read_environment(env);
  std::string texts;
  for (const spec::Problem& problem : loaded.problems) texts += problem.text() + "\n";
  for (const spec::Problem& problem : own.problems) texts += problem.text() + "\n";
  EXPECT_EQ(texts, "") << options.dump();
  if (!loaded.spec) return texts;
  app.erase("env");
  app.erase("secrets");
  return json{{"service", json::parse(spec::to_json(*loaded.spec))},
              {"scheduler", {own.values.log_level, own.values.master, own.values.service_tld}},
              {"app", app}}
      .dump(1);
}

TEST(Universe, HasEveryOptionOfTheDcosPackageWithItsTypeDefaultAndBounds) {
  const std::filesystem::path original = std::filesystem::path(OSTLER_SHARED_DIR) /
                                         "reference/universe/confluent-zookeeper-2.8.1-5.5.1/config.json";
  if (!std::filesystem::exists(original)) GTEST_SKIP() << "no " << original;
  const UniversePackage package;
  std::map<std::string, json> own;
  for (const PackageOption& option : package.options()) own[option.path] = option.schema;
  for (const PackageOption& option : UniversePackage::options_of(json::parse(read(original)))) {
    SCOPED_TRACE(option.path);
    ASSERT_TRUE(own.contains(option.path));
    for (const char* key : {"type", "default", "enum", "minimum", "pattern", "media"}) {
      EXPECT_EQ(own[option.path].value(key, json()), option.schema.value(key, json())) << key;
    }
    EXPECT_NE(own[option.path].value("description", ""), option.schema.value("description", ""))
        << "a sentence of its own";
    own.erase(option.path);
  }
  for (const auto& [path, schema] : own) EXPECT_EQ(path.rfind("ostler.", 0), 0U) << path << " is not marked";
}

TEST(Universe, ExplainsEachOption) {
  for (const PackageOption& option : UniversePackage().options()) {
    EXPECT_FALSE(option.schema.value("description", "").empty()) << option.path;
  }
}

TEST(Universe, GivesTheServicesOwnDefaultsWhenNothingIsChanged) {
  const spec::Environment env = variables_of(UniversePackage().app(json::object()));
  for (const auto& [name, value] : spec::read_env_file(kService + "defaults.env").env) {
    // The package says where tasks get Java and ZooKeeper from, and ZooKeeper's own default.
    if (name == "JAVA_URI" || name == "ZOOKEEPER_URI" || name == "SERVER_FORCESYNC") continue;
    if (name == "ZOOKEEPER_JAR" || name == "SLF4J_JAR")
      continue;  // the machine's, which the package does not use
    ASSERT_TRUE(env.contains(name)) << name;
    EXPECT_EQ(env.at(name), value) << name;
  }
}

TEST(Universe, GivesEveryValueThatTheServiceAsksFor) {
  for (const bool enabled : {false, true}) {
    json options = option_value("node.external_volume.enabled", enabled);
    options.merge_patch(option_value("service.virtual_network_enabled", enabled));
    const spec::LoadResult loaded =
        spec::load_service({kService + "svc.yml", variables_of(UniversePackage().app(options)), true});
    EXPECT_TRUE(loaded.spec);
    EXPECT_TRUE(loaded.missing.empty());
  }
}

TEST(Universe, LetsEveryOptionReachTheServiceExceptThoseThatTheReadmeNames) {
  const UniversePackage package;
  const std::string readme = read(OSTLER_SOURCE_DIR "/packaging/universe/README.md");
  size_t without_effect = 0;
  for (const PackageOption& option : package.options()) {
    SCOPED_TRACE(option.path);
    const json value = other_value(option);
    json before = setting_for(option.path);
    // What switches the option on may be the option itself.
    if (before == option_value(option.path, value)) before = json::object();
    json after = before;
    after.merge_patch(option_value(option.path, value));
    const std::string was = outcome(package, before), is = outcome(package, after);
    if (std::find(kWithoutEffect.begin(), kWithoutEffect.end(), option.path) != kWithoutEffect.end()) {
      ++without_effect;
      EXPECT_EQ(is, was);
      EXPECT_NE(readme.find("| `" + option.path + "` |"), std::string::npos) << "not in the README";
      continue;
    }
    EXPECT_NE(is, was) << "has no effect";
    // Where a text or a number goes, it arrives as it is.
    if (value.is_string() && option.path != "service.log_level" &&
        option.path != "node.placement_constraint" &&
        option.path != "node.external_volume.volume_driver_options" &&
        option.path != "service.virtual_network_plugin_labels") {
      EXPECT_NE(is.find(value.get<std::string>()), std::string::npos) << "does not arrive";
    }
    if (value.is_number() && option.path != "node.cpus") {
      EXPECT_NE(is.find(value.dump()), std::string::npos) << "does not arrive";
    }
  }
  EXPECT_EQ(without_effect, kWithoutEffect.size());
}

TEST(Universe, PassesTextsOnAsTheyAre) {
  const std::string text = R"(-Da="b c" -De=\n <&>)";
  const auto env = variables_of(UniversePackage().app(option_value("ostler.jvm_flags", text)));
  EXPECT_EQ(env.at("SERVER_JVM_FLAGS"), text);
}

TEST(Universe, IsRunByMarathonAsDcosExpects) {
  json options = option_value("service.service_account_secret", "zk/credential");
  options.merge_patch(option_value("service.name", "folder/zk"));
  const json app = UniversePackage().app(options);
  EXPECT_EQ(app.at("id"), "folder/zk");
  EXPECT_EQ(app.at("instances"), 1);
  EXPECT_EQ(app.at("labels"), (json{{"DCOS_COMMONS_API_VERSION", "v1"},
                                    {"DCOS_PACKAGE_FRAMEWORK_NAME", "folder/zk"},
                                    {"MARATHON_SINGLE_INSTANCE_APP", "true"},
                                    {"DCOS_SERVICE_NAME", "folder/zk"},
                                    {"DCOS_SERVICE_PORT_INDEX", "0"},
                                    {"DCOS_SERVICE_SCHEME", "http"},
                                    {"DCOS_COMMONS_UNINSTALL", "true"}}));
  EXPECT_EQ(app.at("portDefinitions")[0].at("name"), "api");
  EXPECT_EQ(app.at("portDefinitions")[0].at("labels").at("VIP_0"), "/api.folder/zk:80");
  EXPECT_EQ(app.at("upgradeStrategy"), (json{{"minimumHealthCapacity", 0}, {"maximumOverCapacity", 0}}));
  EXPECT_EQ(app.at("healthChecks")[0].at("gracePeriodSeconds"), 900);
  EXPECT_EQ(app.at("check").at("intervalSeconds"), 30);
  EXPECT_EQ(app.at("secrets").at("serviceCredential").at("source"), "zk/credential");
  EXPECT_EQ(app.at("env").at("DCOS_SERVICE_ACCOUNT_CREDENTIAL"), (json{{"secret", "serviceCredential"}}));
  EXPECT_FALSE(UniversePackage().app(json::object()).contains("secrets"));
}

TEST(Universe, StartsTheSchedulerWithACommandLineThatItUnderstands) {
  const std::string cmd = UniversePackage().app(json::object()).at("cmd");
  std::istringstream rest(cmd.substr(cmd.find(" run ")));
  std::vector<std::string> words;
  for (std::string word; rest >> word;) {
    word.erase(std::remove(word.begin(), word.end(), '"'), word.end());
    words.push_back(word);
  }
  const cli::CommandLine line = cli::parse_command_line(words, "/share", "/plugins");
  ASSERT_EQ(line.command, cli::CommandLine::Command::kRun) << line.text;
  EXPECT_EQ(line.run.manifest_file, "$MESOS_SANDBOX/ostler/share/ostler/plugins-zookeeper.yaml");
  EXPECT_EQ(line.run.service_file, "/share/service/svc.yml");
}

}  // namespace
}  // namespace ostler::test
