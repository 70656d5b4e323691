// The registry with plugins that behave: order, faces, host services.
#include "plugins/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "harness.h"

namespace ostler::plugins {
namespace {

using namespace std::chrono_literals;
using test::complaints;
using test::load;
using test::manifest_with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kAll = manifest_with(
    "  - {name: secrets, kind: secrets, library: good.so}\n"
    "  - {name: metrics, kind: metrics, library: good.so, plugin: test.good.metrics}\n"
    "  - {name: push, kind: metrics, library: good.so, plugin: test.good.push}\n");

// The position of each of `texts` in `whole`, which must come in that order.
void expect_order(const std::string& whole, const std::vector<std::string>& texts) {
  size_t from = 0;
  for (const std::string& text : texts) {
    const size_t at = whole.find(text, from);
    ASSERT_NE(at, std::string::npos) << "'" << text << "' is missing or too early in:\n" << whole;
    from = at;
  }
}

TEST(Registry, StartsKindsInOrderAndStopsThemInReverse) {
  testing::internal::CaptureStderr();
  {
    Registry registry({});
    ASSERT_EQ(complaints(load(registry, kAll)), "");
    ASSERT_EQ(complaints(registry.start(10s)), "");
    registry.stop(10s);
  }
  expect_order(testing::internal::GetCapturedStderr(),
               {"secrets started", "state started", "metrics started", "offers started", "http started",
                "http stopped", "offers stopped", "metrics stopped", "state stopped", "secrets stopped"});
}

TEST(Registry, TellsTheStateOfEveryPluginInTheOrderOfTheManifest) {
  Registry registry({});
  ASSERT_EQ(complaints(load(registry, manifest_with(""))), "");
  std::vector<PluginInfo> plugins = registry.plugins();
  ASSERT_EQ(plugins.size(), 3u);
  EXPECT_EQ(plugins[0].name, "state");
  EXPECT_EQ(plugins[0].kind, "state");
  EXPECT_EQ(plugins[0].id, "test.good.state");
  EXPECT_EQ(plugins[0].version, "1.2.3");
  EXPECT_EQ(plugins[0].vendor, "tests");
  EXPECT_EQ(plugins[0].library, std::filesystem::canonical(test::kPluginDir / "good.so"));
  EXPECT_EQ(plugins[0].state, "created");
  EXPECT_EQ(plugins[1].name, "offers");
  EXPECT_EQ(plugins[2].name, "http");
  ASSERT_TRUE(registry.start(10s).empty());
  EXPECT_EQ(registry.plugins()[2].state, "started");
  registry.stop(10s);
  EXPECT_EQ(registry.plugins()[2].state, "stopped");
}

TEST(Registry, GivesTheHostsDefaultsToCreate) {
  RegistryOptions options;
  options.defaults = [](Kind kind, const std::string& id, nlohmann::json& config) {
    if (kind == Kind::kHttp && !config.contains("port")) config["port"] = id == "test.good.http" ? 8080 : 1;
  };
  Registry registry(std::move(options));
  testing::internal::CaptureStderr();
  EXPECT_EQ(complaints(load(registry, kAll)), "");
  EXPECT_EQ(complaints(registry.start(10s)), "");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr(R"(http started with {"port":8080})"));
}

TEST(Registry, AnswersRequestsAndSecretsThroughTheHostsServices) {
  RegistryOptions options;
  options.service_path = "/team/zookeeper";
  options.hooks.api = [](const ostler_http_request_t& request, const ostler_http_response_t& response) {
    response.head(response.ctx, 200, nullptr);
    response.body(response.ctx, request.path.data, request.path.size);
  };
  Registry registry(std::move(options));
  ASSERT_EQ(complaints(load(registry, kAll)), "");
  ASSERT_EQ(complaints(registry.start(10s)), "");
  EXPECT_EQ(registry.http().address().value(), "value of tls-key for /team/zookeeper|200 /v1/health");
}

TEST(Registry, AnswersServicesThatAreNotThereYetWithAReason) {
  Registry registry({});
  ASSERT_EQ(complaints(load(registry, manifest_with(""))), "");
  ASSERT_EQ(complaints(registry.start(10s)), "");
  EXPECT_EQ(registry.http().address().value(),
            "no secrets plugin is running; the manifest needs one of kind 'secrets'|503 starting\n");
}

TEST(Registry, KeepsValuesThroughTheStateFace) {
  Registry registry({});
  ASSERT_EQ(complaints(load(registry, manifest_with(""))), "");
  ASSERT_EQ(complaints(registry.start(10s)), "");
  core::StateTree& state = registry.state();
  using Type = core::StoreOp::Type;
  ASSERT_TRUE(state.commit({{Type::kPut, "/a", "1"}, {Type::kPut, "/b", std::string("\0x", 2)}}).ok());
  EXPECT_EQ(state.get("/b").value(), std::string("\0x", 2));
  EXPECT_THAT(state.children("/").value(), ElementsAre("a", "b"));
  ASSERT_TRUE(state.commit({{Type::kDelete, "/a", ""}}).ok());
  const Result<std::string> gone = state.get("/a");
  EXPECT_EQ(gone.error().code, Code::kNotFound);
  EXPECT_EQ(gone.error().message, "plugin 'state': get: no node /a");
  EXPECT_EQ(state.limits().max_value_bytes, 1000u);
  EXPECT_EQ(state.limits().max_commit_bytes, 0u);
}

TEST(Registry, ReadsManyValuesInAsManyCallsAsThePluginNeeds) {
  Registry registry({});
  ASSERT_EQ(complaints(load(registry, manifest_with(""))), "");
  ASSERT_EQ(complaints(registry.start(10s)), "");
  core::StateTree& state = registry.state();
  using Type = core::StoreOp::Type;
  std::vector<std::string> paths;
  for (int i = 0; i < 8; ++i) {
    paths.push_back("/n" + std::to_string(i));
    if (i == 4) continue;
    ASSERT_TRUE(state.commit({{Type::kPut, paths.back(), std::to_string(i)}}).ok());
  }
  std::string read;
  const auto note = [&](size_t i, std::string_view value) {
    read += std::to_string(i) + "=" + std::string(value) + " ";
  };
  ASSERT_TRUE(state.get_each(paths, note).ok());
  EXPECT_EQ(read, "0=0 1=1 2=2 3=3 5=5 6=6 7=7 ");
  ASSERT_TRUE(state.commit({{Type::kPut, "/swap", ""}}).ok());
  EXPECT_EQ(state.get_each(paths, note).error().message,
            "plugin 'state': get_each() did not answer one path after the other");
}

TEST(Registry, FencesTheStateOnceOwnershipIsLost) {
  std::vector<std::string> lost;
  RegistryOptions options;
  options.on_ownership_lost = [&](const Error& why) { lost.push_back(why.message); };
  Registry registry(std::move(options));
  ASSERT_EQ(complaints(load(registry, manifest_with(""))), "");
  ASSERT_EQ(complaints(registry.start(10s)), "");
  StatePlugin& state = registry.state();
  EXPECT_TRUE(state.is_owner());
  ASSERT_TRUE(state.commit({{core::StoreOp::Type::kPut, "/lose", "the session expired"}}).ok());
  const std::string why = "plugin 'state': this process does not own the state any more: the session expired";
  EXPECT_THAT(lost, ElementsAre(why));
  EXPECT_FALSE(state.is_owner());
  EXPECT_EQ(state.availability(), why);
  EXPECT_EQ(state.get("/lose").error().message, why);
  EXPECT_EQ(state.commit({}).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(state.children("/").error().code, Code::kFailedPrecondition);
}

TEST(Registry, ShowsWhetherTheStateIsAvailable) {
  Registry registry({});
  ASSERT_EQ(complaints(load(registry, manifest_with(""))), "");
  ASSERT_EQ(complaints(registry.start(10s)), "");
  EXPECT_EQ(registry.state().availability(), "");
  ASSERT_TRUE(registry.state().commit({{core::StoreOp::Type::kPut, "/unavailable", "zk-1 is away"}}).ok());
  EXPECT_EQ(registry.state().availability(), "zk-1 is away");
  ASSERT_TRUE(registry.state().commit({{core::StoreOp::Type::kPut, "/unavailable", ""}}).ok());
  EXPECT_EQ(registry.state().availability(), "");
}

TEST(Registry, EndsWithEightWhenAnotherSchedulerOwnsTheState) {
  Registry registry({});
  ASSERT_EQ(
      complaints(load(registry,
                      "manifest: 1\nplugins:\n"
                      "  - {name: state, kind: state, library: good.so, config: {owned-by-another: true}}\n"
                      "  - {name: offers, kind: offers, library: good.so}\n"
                      "  - {name: http, kind: http, library: good.so}\n")),
      "");
  const std::vector<PluginProblem> problems = registry.start(10s);
  EXPECT_EQ(complaints(problems),
            "plugins.yaml:3:5: plugin 'state': cannot start: another scheduler holds the lock: host-7, "
            "process 4711 (after 0.0 s)   [OST-112]");
  EXPECT_EQ(exit_code(problems), 8);
}

TEST(Registry, ResolvesSecretsAndWipesThem) {
  RegistryOptions options;
  options.service_path = "/zk";
  Registry registry(std::move(options));
  ASSERT_EQ(complaints(load(registry, kAll)), "");
  ASSERT_EQ(complaints(registry.start(10s)), "");
  ASSERT_NE(registry.secrets(), nullptr);
  Result<Secret> secret = registry.secrets()->resolve("team/key", 1s);
  ASSERT_TRUE(secret.ok());
  EXPECT_EQ(secret->value.view(), "value of team/key for /zk");
  EXPECT_EQ(secret->expires_ms, 1234);
  secret->value.wipe();
  EXPECT_EQ(secret->value.view(), "");
  EXPECT_EQ(registry.secrets()->resolve("missing", 1s).error().message,
            "plugin 'secrets': resolve: there is no secret 'missing'");
}

TEST(Registry, RendersAndPushesMetrics) {
  MetricsRegistry metrics;
  RegistryOptions options;
  options.hooks.metrics = &metrics;
  Registry registry(std::move(options));
  ASSERT_EQ(complaints(load(registry, kAll)), "");
  ASSERT_EQ(complaints(registry.start(10s)), "");
  ASSERT_EQ(registry.metrics_exporters().size(), 2u);
  const MetricsExporter& renders = registry.metrics_exporters()[0];
  EXPECT_EQ(renders.path(), "/v1/metrics/good");
  EXPECT_EQ(renders.push_interval(), 0ms);
  const std::vector<ostler_sample_t> samples(3);
  const auto rendered = renders.render(samples, "text/html");
  EXPECT_EQ(rendered->content_type, "text/plain");
  EXPECT_EQ(rendered->body, "3 samples for text/html");
  EXPECT_EQ(renders.push(samples, 1s).error().code, Code::kUnimplemented);
  const MetricsExporter& pushes = registry.metrics_exporters()[1];
  EXPECT_EQ(pushes.path(), "");
  EXPECT_EQ(pushes.push_interval(), 2500ms);
  EXPECT_TRUE(pushes.push(samples, 1s).ok());
  // The plugin's own metric, and the time the host took of its calls.
  EXPECT_EQ(metrics.counter("plugin.metrics.renders").value(), 1);
  std::vector<std::string> names;
  metrics.visit([&](const std::vector<ostler_sample_t>& all) {
    for (const ostler_sample_t& sample : all) names.emplace_back(sample.name.data, sample.name.size);
  });
  EXPECT_THAT(names, testing::Contains("plugin.metrics.render"));
}

TEST(Registry, ServesRoutesOfPlugins) {
  Registry registry({});
  ASSERT_EQ(complaints(load(registry, manifest_with(""))), "");
  ASSERT_EQ(registry.routes().size(), 2u);
  const PluginRoute& route = registry.routes()[1];
  EXPECT_EQ(route.plugin(), "http");
  EXPECT_EQ(route.method() + " " + route.pattern() + ": " + route.summary(), "POST /v1/tea/:kind: more tea");
  uint32_t status = 0;
  ostler_http_response_t response{};
  response.ctx = &status;
  response.head = [](void* ctx, uint32_t code, const ostler_array_t*) {
    *static_cast<uint32_t*>(ctx) = code;
  };
  EXPECT_TRUE(route.handle({}, response).ok());
  EXPECT_EQ(status, 201u);
}

TEST(Registry, RefusesTwoExportersOfOnePath) {
  Registry registry({});
  const auto problems =
      load(registry,
           manifest_with("  - {name: one, kind: metrics, library: good.so, plugin: test.good.metrics}\n"
                         "  - {name: two, kind: metrics, library: good.so, plugin: test.good.metrics}\n"));
  EXPECT_EQ(complaints(problems),
            "plugins.yaml:7:5: plugin 'two': GET /v1/metrics/good is already answered by plugin 'one'\n"
            "    Remove one of the two   [OST-103]");
}

// One requirement with the given rule, four offers.
struct Round {
  ostler_requirement_t requirement{};
  std::vector<ostler_offer_t> offers = std::vector<ostler_offer_t>(4);
  ostler_round_t round{};
  explicit Round(uint64_t rule) {
    requirement.placement = rule;
    round.struct_size = sizeof round;
    round.offers = {offers.data(), 4, sizeof(ostler_offer_t)};
    round.requirements = {&requirement, 1, sizeof requirement};
  }
};

TEST(Registry, PassesARoundToASinglePluginUntouched) {
  Registry registry({});
  ASSERT_EQ(complaints(load(registry, manifest_with(""))), "");
  ASSERT_TRUE(registry.start(10s).empty());
  const uint64_t rule = registry.judge().compile("[]").value();
  const Round round(rule);
  std::vector<ostler_verdict_t> verdicts;
  ASSERT_TRUE(registry.judge().evaluate(round.round, verdicts).ok());
  ASSERT_EQ(verdicts.size(), 4u);
  EXPECT_EQ(verdicts[3].reasons, 0u);
  EXPECT_EQ(verdicts[3].score, 2);
  EXPECT_EQ(registry.judge().explain(round.round, 0, 3), "[]");
  EXPECT_EQ(registry.judge().compile("bad").error().message, "plugin 'offers': compile: not a rule: bad");
}

TEST(Registry, LetsAllJudgesAcceptAndAddsTheirScores) {
  Registry registry({});
  ASSERT_EQ(
      complaints(load(
          registry,
          manifest_with("  - {name: odd, kind: offers, library: good.so, config: {refuse-odd: true}}\n"))),
      "");
  ASSERT_TRUE(registry.start(10s).empty());
  ASSERT_TRUE(registry.judge().compile("[]").ok());
  const uint64_t rule = registry.judge().compile("[]").value();
  const Round round(rule);
  std::vector<ostler_verdict_t> verdicts;
  ASSERT_TRUE(registry.judge().evaluate(round.round, verdicts).ok());
  EXPECT_EQ(verdicts[0].reasons, 0u);
  EXPECT_EQ(verdicts[0].score, 3 + 3) << "both plugins see their own second handle";
  EXPECT_EQ(verdicts[1].reasons, uint64_t{OSTLER_REASON_MEM});
  EXPECT_EQ(verdicts[1].score, -0.5) << "the score of the one that refuses";
  EXPECT_EQ(registry.judge().explain(round.round, 0, 1), R"([{"message":"odd","reason":"MEM"}])");

  // A rule that only the second refuses is released with the first again.
  testing::internal::CaptureStderr();
  EXPECT_EQ(registry.judge().compile("bad-for-odd").error().code, Code::kInvalidArgument);
  registry.judge().release(rule);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("released 2"));
}

TEST(Registry, PostsTasksThroughTheHook) {
  std::vector<std::function<void()>> posted;
  auto hooks = std::make_shared<SharedHooks>();
  hooks->edit([&](HostHooks& h) {
    h.post = [&](std::function<void()> task) {
      posted.push_back(std::move(task));
      return true;
    };
  });
  HostTable& table = HostTable::make("state", hooks);
  int ran = 0;
  const ostler_host_t* host = table.table();
  EXPECT_EQ(host->post(
                host->ctx, [](void* arg) { ++*static_cast<int*>(arg); }, &ran),
            OSTLER_OK);
  EXPECT_EQ(ran, 0);
  posted[0]();
  EXPECT_EQ(ran, 1);
  table.close();
  posted[0]();
  EXPECT_EQ(ran, 1) << "a stopped plugin's task does not run any more";
  EXPECT_EQ(host->post(
                host->ctx, [](void*) {}, nullptr),
            OSTLER_FAILED_PRECONDITION);
}

TEST(Registry, HandsFatalErrorsToTheHost) {
  std::string told;
  auto hooks = std::make_shared<SharedHooks>();
  hooks->edit([&](HostHooks& h) {
    h.fatal = [&](const std::string& plugin, const Error& error, int code) {
      told = plugin + ": " + error.message + " " + std::to_string(code);
    };
  });
  const ostler_host_t* host = HostTable::make("state", hooks).table();
  ostler_error_t error{};
  error.struct_size = sizeof error;
  ostler_fail(&error, OSTLER_DATA_LOSS, "", "the disk is full");
  host->fatal(host->ctx, &error);
  EXPECT_EQ(told, "state: the disk is full 69");
  host->fatal(host->ctx, nullptr);
  EXPECT_EQ(told, "state: it left no message 69");
}

}  // namespace
}  // namespace ostler::plugins
