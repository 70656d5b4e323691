// Every path of the API against a hand-made snapshot: codes and literal bodies.
#include "api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/host_api.h"
#include "sample_snapshot.h"

namespace ostler::api {
namespace {

using test::kOldId;
using test::kTargetId;
using test::sample_snapshot;

class ApiTest : public ::testing::Test {
 protected:
  static constexpr const char* kJson = "application/json";
  static constexpr const char* kText = "text/plain";

  Response call(std::string_view method, std::string_view path, std::string_view query = "") {
    Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    return api_.handle(request);
  }
  Response get(std::string_view path, std::string_view query = "") { return call("GET", path, query); }

  void publish(const core::Snapshot& snapshot) {
    api_.publish(std::make_shared<const core::Snapshot>(snapshot));
  }

  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "(none)";
  }

  static void expect(const Response& response, uint32_t status, const std::string& type,
                     const std::string& body) {
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(header(response, "Content-Type"), type);
    EXPECT_EQ(response.body, body);
  }

  // The same through the C table, with one header.
  struct Reply {
    uint32_t status = 0;
    std::string headers;
    std::string body;
  };
  Reply serve(const char* method, const char* path, std::string_view body) {
    const ostler_http_header_t header = {ostler_str_of("x-token"), ostler_str_of("token")};
    ostler_http_request_t request{};
    request.struct_size = sizeof request;
    request.method = ostler_str_of(method);
    request.path = ostler_str_of(path);
    request.headers = {&header, 1, sizeof header};
    request.body = {reinterpret_cast<const uint8_t*>(body.data()), body.size()};
    Reply reply;
    ostler_http_response_t response{};
    response.struct_size = sizeof response;
    response.ctx = &reply;
    response.head = [](void* ctx, uint32_t status, const ostler_array_t* headers) {
      auto* out = static_cast<Reply*>(ctx);
      out->status = status;
      for (uint32_t i = 0; i < headers->count; ++i) {
        const auto* one = OSTLER_AT(ostler_http_header_t, *headers, i);
        out->headers.append(one->name.data, one->name.size).append(": ");
        out->headers.append(one->value.data, one->value.size).append("\n");
      }
    };
    response.body = [](void* ctx, const void* data, size_t size) {
      static_cast<Reply*>(ctx)->body.append(static_cast<const char*>(data), size);
    };
    const HostApi host_api(api_);
    host_api.table()->handle(host_api.table()->ctx, &request, &response);
    return reply;
  }

  MetricsRegistry metrics_;
  Api api_{ApiOptions{[](const spec::ServiceSpec& spec) { return R"({"name":")" + spec.name + R"("})"; }},
           metrics_};
};

TEST_F(ApiTest, IsInitializingBeforeTheFirstSnapshot) {
  expect(get("/v1/health"), 318, kJson, "{\n  \"value\": 318\n}");
  expect(get("/v1/health", "verbose=true"), 318, kJson,
         "{\n  \"value\": 318,\n  \"name\": \"INITIALIZING\",\n  \"reasons\": [\n"
         "    \"the scheduler is starting: nothing was read from the store yet\"\n  ]\n}");
  const Response plans = get("/v1/plans");
  expect(plans, 503, kText, "the scheduler is starting: nothing was read from the store yet");
  EXPECT_EQ(header(plans, "Retry-After"), "1");
}

TEST_F(ApiTest, HealthSaysWhatStandsInTheWayUntilItIsGone) {
  api_.set_notice("mesos", "cannot reach 10.0.0.1:5050: connection refused");
  const Response blocked = get("/v1/health");
  expect(blocked, 318, kJson,
         "{\n  \"value\": 318,\n  \"reasons\": [\n"
         "    \"mesos: cannot reach 10.0.0.1:5050: connection refused\"\n  ]\n}");
  EXPECT_EQ(header(blocked, "Ostler-Reasons"), "mesos: cannot reach 10.0.0.1:5050: connection refused");
  api_.set_notice("mesos", "");
  expect(get("/v1/health"), 318, kJson, "{\n  \"value\": 318\n}");
}

TEST_F(ApiTest, HealthIsTheSnapshotsCodeAndItsReasonsWhenVerbose) {
  publish(sample_snapshot());
  expect(get("/v1/health"), 202, kJson, "{\n  \"value\": 202\n}");
  expect(get("/v1/health", "x=1&verbose=true"), 202, kJson,
         "{\n  \"value\": 202,\n  \"name\": \"DEPLOYING_STARTING\",\n  \"reasons\": [\n    \"zookeeper-1:[server] is starting\"\n  ]\n}");
  expect(get("/v1/health", "verbose=false"), 202, kJson, "{\n  \"value\": 202\n}");
}

TEST_F(ApiTest, KeepsAReasonsLineBreakOutOfTheHeader) {
  api_.set_notice("state", "first\r\nSet-Cookie: x");
  EXPECT_EQ(header(get("/v1/health"), "Ostler-Reasons"), "state: first  Set-Cookie: x");
}

TEST_F(ApiTest, ListsPlans) {
  publish(sample_snapshot());
  expect(get("/v1/plans"), 200, kJson, "[\n  \"deploy\",\n  \"recovery\",\n  \"replace\"\n]");
}

TEST_F(ApiTest, ShowsAPlanInProgressWith202) {
  publish(sample_snapshot());
  const std::string body = R"({
  "phases": [
    {
      "id": "p-1",
      "name": "node-update",
      "strategy": "serial",
      "status": "IN_PROGRESS",
      "steps": [
        {
          "id": "s-0",
          "status": "COMPLETE",
          "name": "zookeeper-0:[server]",
          "message": "runs and is ready"
        },
        {
          "id": "s-1",
          "status": "PAUSING",
          "name": "zookeeper-1:[server]",
          "message": "waits for TASK_RUNNING"
        }
      ]
    }
  ],
  "errors": [],
  "strategy": "serial",
  "status": "IN_PROGRESS"
})";
  expect(get("/v1/plans/deploy"), 202, kJson, body);
  expect(get("/v1/plan"), 202, kJson, body);
}

TEST_F(ApiTest, ShowsACompletePlanWith200AndOneWithErrorsWith417) {
  publish(sample_snapshot());
  expect(get("/v1/plans/recovery"), 200, kJson,
         "{\n  \"phases\": [],\n  \"errors\": [],\n  \"strategy\": \"parallel\",\n  \"status\": "
         "\"COMPLETE\"\n}");
  expect(get("/v1/plans/replace"), 417, kJson,
         "{\n  \"phases\": [],\n  \"errors\": [\n    \"the pod 'web' does not exist\"\n  ],\n"
         "  \"strategy\": \"serial\",\n  \"status\": \"ERROR\"\n}");
}

TEST_F(ApiTest, DoesNotFindAnUnknownPlan) {
  publish(sample_snapshot());
  expect(get("/v1/plans/backup"), 404, kText, "Plan backup not found");
  expect(get("/v1/plans/a\nb"), 404, kText, "Plan a?b not found");
  expect(get("/v1/plans/" + std::string(300, 'x')), 404, kText,
         "Plan " + std::string(200, 'x') + "... not found");
}

TEST_F(ApiTest, ListsPodsByTypeThenIndex) {
  publish(sample_snapshot());
  expect(get("/v1/pod"), 200, kJson, "[\n  \"backup-0\",\n  \"zookeeper-0\",\n  \"zookeeper-10\"\n]");
}

TEST_F(ApiTest, ShowsTheStatusOfAllPods) {
  publish(sample_snapshot());
  expect(get("/v1/pod/status"), 200, kJson, R"({
  "service": "confluent-zookeeper",
  "pods": [
    {
      "name": "backup",
      "instances": [
        {
          "name": "backup-0",
          "tasks": []
        }
      ]
    },
    {
      "name": "zookeeper",
      "instances": [
        {
          "name": "zookeeper-0",
          "tasks": [
            {
              "id": "zookeeper-0-server__1",
              "name": "zookeeper-0-server",
              "status": "RUNNING"
            }
          ]
        },
        {
          "name": "zookeeper-10",
          "tasks": [
            {
              "id": "",
              "name": "zookeeper-10-server"
            }
          ]
        }
      ]
    }
  ]
})");
}

TEST_F(ApiTest, LeavesPodsOutWhenThereAreNone) {
  core::Snapshot empty;
  empty.service_name = "s";
  publish(empty);
  expect(get("/v1/pod/status"), 200, kJson, "{\n  \"service\": \"s\"\n}");
  expect(get("/v1/pod"), 200, kJson, "[]");
  expect(get("/v1/endpoints"), 200, kJson, "[]");
  expect(get("/v1/plan"), 404, kText, "Plan deploy not found");
}

TEST_F(ApiTest, ShowsOnePod) {
  publish(sample_snapshot());
  expect(get("/v1/pod/backup-0/status"), 200, kJson, "{\n  \"name\": \"backup-0\",\n  \"tasks\": []\n}");
  expect(get("/v1/pod/web-0/status"), 404, kText, "Pod web-0 not found");
  expect(get("/v1/pod/zookeeper-0/info"), 200, kJson, R"([
  {
    "info": {
      "agent_id": {
        "value": ""
      },
      "name": "zookeeper-0-server",
      "task_id": {
        "value": "zookeeper-0-server__1"
      }
    },
    "status": {
      "state": "TASK_RUNNING",
      "task_id": {
        "value": "zookeeper-0-server__1"
      },
      "timestamp": 0
    }
  }
])");
  expect(get("/v1/pod/zookeeper-10/info"), 200, kJson, "[]");
  expect(get("/v1/pod/web-0/info"), 404, kText, "Pod web-0 not found");
}

TEST_F(ApiTest, ShowsEndpoints) {
  publish(sample_snapshot());
  expect(get("/v1/endpoints"), 200, kJson, "[\n  \"admin\",\n  \"clientport\"\n]");
  expect(get("/v1/endpoints/clientport"), 200, kJson, R"({
  "dns": [
    "zookeeper-0-server.confluent-zookeeper.autoip.dcos.thisdcos.directory:1140"
  ],
  "address": [
    "127.0.0.11:1140"
  ]
})");
  expect(get("/v1/endpoints/admin"), 200, kJson, R"({
  "dns": [
    "a:8080"
  ],
  "address": [
    "127.0.0.11:8080"
  ],
  "vip": "admin.confluent-zookeeper.l4lb:80"
})");
  expect(get("/v1/endpoints/none"), 404, kText, "");
}

TEST_F(ApiTest, ShowsTheFrameworkIdOnceThereIsOne) {
  core::Snapshot snapshot = sample_snapshot();
  publish(snapshot);
  expect(get("/v1/state/frameworkId"), 200, kJson, "[\n  \"5c1a-0001\"\n]");
  snapshot.framework_id.clear();
  publish(snapshot);
  expect(get("/v1/state/frameworkId"), 404, kText,
         "The framework has no id yet: it never registered with Mesos");
}

TEST_F(ApiTest, ShowsProperties) {
  publish(sample_snapshot());
  expect(get("/v1/state/properties"), 200, kJson,
         "[\n  \"suppressed\",\n  \"zookeeper-0-server:task-status\"\n]");
  expect(get("/v1/state/properties/zookeeper-0-server:task-status"), 200, kJson, R"({"ip":"10.0.0.1"})");
  expect(get("/v1/state/properties/a/b"), 404, kText, "Property a/b not found");
}

TEST_F(ApiTest, ShowsConfigurations) {
  core::Snapshot snapshot = sample_snapshot();
  publish(snapshot);
  const std::string spec = "{\n  \"name\": \"confluent-zookeeper\"\n}";
  expect(get("/v1/configurations"), 200, kJson,
         "[\n  \"" + std::string(kTargetId) + "\",\n  \"" + std::string(kOldId) + "\"\n]");
  expect(get("/v1/configurations/targetId"), 200, kJson, "[\n  \"" + std::string(kTargetId) + "\"\n]");
  expect(get("/v1/configurations/target"), 200, kJson, spec);
  expect(get("/v1/configurations/" + std::string(kOldId)), 200, kJson, spec);
  expect(get("/v1/configurations/7A1D2C3B-4E5F-4A6B-8C7D-9E0F1A2B3C4D"), 200, kJson, spec);
  expect(get("/v1/configurations/zoo"), 400, kText, "the configuration's id is not a UUID");
  expect(get("/v1/configurations/00000000-0000-4000-8000-000000000000"), 404, kText,
         "Configuration 00000000-0000-4000-8000-000000000000 not found");

  snapshot.configs.erase(kTargetId);
  publish(snapshot);
  expect(get("/v1/configurations/target"), 500, kText,
         "the target configuration " + std::string(kTargetId) + " is not in the store");
  snapshot.target_config.clear();
  publish(snapshot);
  expect(get("/v1/configurations/target"), 404, kText, "Target configuration not found");
  expect(get("/v1/configurations/targetId"), 404, kText, "Target configuration not found");
}

TEST_F(ApiTest, ServesTemplatesOfTheTargetAndOfOlderConfigurations) {
  publish(sample_snapshot());
  const std::string base = "/v1/artifacts/template/";
  expect(get(base + kTargetId + "/zookeeper/server/zoo.cfg"), 200, kText, "tickTime={{TICK_TIME}}\n");
  expect(get(base + kOldId + "/zookeeper/server/zoo.cfg"), 200, kText, "tickTime=1000\n");
  expect(get(base + "target/zookeeper/server/zoo.cfg"), 400, kText, "the configuration's id is not a UUID");
  expect(get(base + "00000000-0000-4000-8000-000000000000/zookeeper/server/zoo.cfg"), 404, kText,
         "Configuration 00000000-0000-4000-8000-000000000000 not found");
  expect(get(base + kTargetId + "/web/server/zoo.cfg"), 404, kText, "Pod web not found");
  expect(get(base + kTargetId + "/zookeeper/metrics/zoo.cfg"), 404, kText, "Task metrics not found");
  expect(get(base + kTargetId + "/zookeeper/server/log4j"), 404, kText, "Config log4j not found");
}

TEST_F(ApiTest, ServesExportersAndSaysWhoFailed) {
  metrics_.counter("offers.received").add(7);
  ASSERT_TRUE(api_.add_exporter("/v1/metrics", "metrics",
                                [](const std::vector<ostler_sample_t>& samples, std::string_view accept) {
                                  std::string names(accept);
                                  for (const auto& s : samples) {
                                    names.append(1, ' ').append(s.name.data, s.name.size);
                                  }
                                  return Result<Rendered>(Rendered{"text/x", names});
                                })
                  .ok());
  Request request;
  request.method = "GET";
  request.path = "/v1/metrics";
  request.accept = "a/b";
  expect(api_.handle(request), 200, "text/x",
         "a/b api.requests api.responses.1xx api.responses.2xx api.responses.3xx api.responses.4xx "
         "api.responses.5xx offers.received");

  ASSERT_TRUE(api_.add_exporter("/v1/metrics/broken", "vendor",
                                [](const auto&, std::string_view) {
                                  return Result<Rendered>(Error{Code::kInternal, "out of ink", ""});
                                })
                  .ok());
  expect(get("/v1/metrics/broken"), 500, kText, "vendor cannot render the metrics: out of ink");
}

TEST_F(ApiTest, RefusesASecondOwnerOfAPathAndNamesBoth) {
  const Result<void> taken = api_.add_exporter("/v1/health", "vendor", {});
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, Code::kAlreadyExists);
  EXPECT_EQ(taken.error().message, "the route GET /v1/health of vendor is taken by the host (/v1/health)");
}

TEST_F(ApiTest, ServesTheListOfPlugins) {
  expect(get("/v1/plugins"), 200, kJson, "[]");
  api_.set_plugins(R"([{"name":"state"}])");
  expect(get("/v1/plugins"), 200, kJson, R"([{"name":"state"}])");
}

TEST_F(ApiTest, ServesAFrontPageThatNeedsNothingFromOutside) {
  const Response page = get("/");
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(header(page, "Content-Security-Policy"), ::testing::StartsWith("default-src 'none';"));
  EXPECT_THAT(page.body, ::testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page.body, ::testing::EndsWith("</html>\n"));
  for (const char* outside : {"http://", "https://", "src=", "innerHTML"}) {
    EXPECT_EQ(page.body.find(outside), std::string::npos) << outside;
  }
}

TEST_F(ApiTest, AnswersHeadLikeGetAndOtherMethodsWithAllow) {
  publish(sample_snapshot());
  EXPECT_EQ(call("HEAD", "/v1/plans").body, get("/v1/plans").body);
  const Response response = call("PUT", "/v1/plans");
  expect(response, 405, kText, "this path answers GET, HEAD only");
  EXPECT_EQ(header(response, "Allow"), "GET, HEAD");
}

TEST_F(ApiTest, DoesNotFindUnknownPaths) {
  publish(sample_snapshot());
  expect(get("/v1/nothing"), 404, kText, "Path /v1/nothing not found");
  expect(get("/v1/plans/"), 404, kText, "Path /v1/plans/ not found");
  expect(get("/v1/plans/deploy/x"), 404, kText, "Path /v1/plans/deploy/x not found");
}

TEST_F(ApiTest, BoundsWhatItIsGiven) {
  EXPECT_EQ(get("/" + std::string(9000, '/')).status, 414u);
  EXPECT_EQ(get("/v1/health", std::string(9000, 'q')).status, 414u);
  Request request;
  request.method = "POST";
  request.path = "/v1/health";
  const std::string body(70000, 'b');
  request.body = body;
  EXPECT_EQ(api_.handle(request).status, 413u);
}

TEST_F(ApiTest, ShowsTextThatIsNotUtf8) {
  core::Snapshot snapshot;
  snapshot.service_name = "bad \xFF byte";
  publish(snapshot);
  expect(get("/v1/pod/status"), 200, kJson, "{\n  \"service\": \"bad \xEF\xBF\xBD byte\"\n}");
}

TEST_F(ApiTest, CountsItsReplies) {
  get("/v1/health");
  get("/v1/nothing");
  EXPECT_EQ(metrics_.counter("api.requests").value(), 2);
  EXPECT_EQ(metrics_.counter("api.responses.3xx").value(), 1);
  EXPECT_EQ(metrics_.counter("api.responses.4xx").value(), 1);
}

TEST_F(ApiTest, PassesARequestToAPluginsRouteAsItCameAndItsReplyBack) {
  ASSERT_TRUE(api_.add_route("POST", "/v1/vault/:path", "vault",
                             plugin_route("vault",
                                          [](const ostler_http_request_t& request,
                                             const ostler_http_response_t& response) -> Result<void> {
                                            const ostler_http_header_t header = {
                                                ostler_str_of("X-Vault"),
                                                OSTLER_AT(ostler_http_header_t, request.headers, 0)->value};
                                            const ostler_array_t headers = {&header, 1, sizeof header};
                                            response.head(response.ctx, 201, &headers);
                                            response.body(response.ctx, request.body.data, request.body.size);
                                            return {};
                                          }))
                  .ok());
  ASSERT_TRUE(api_.add_route("GET", "/v1/broken", "vault",
                             plugin_route("vault",
                                          [](const auto&, const auto&) {
                                            return Result<void>(Error{Code::kInternal, "it threw", ""});
                                          }))
                  .ok());
  ASSERT_TRUE(api_.add_route("GET", "/v1/silent", "vault",
                             plugin_route("vault", [](const auto&, const auto&) { return Result<void>(); }))
                  .ok());

  Reply reply = serve("POST", "/v1/vault/a", "sealed");
  EXPECT_EQ(reply.status, 201u);
  EXPECT_EQ(reply.headers, "X-Vault: token\nX-Content-Type-Options: nosniff\n");
  EXPECT_EQ(reply.body, "sealed");
  reply = serve("GET", "/v1/broken", "");
  EXPECT_EQ(reply.status, 500u);
  EXPECT_EQ(reply.body, "the plugin 'vault' cannot answer: it threw");
  EXPECT_EQ(serve("GET", "/v1/silent", "").status, 500u);
}

TEST_F(ApiTest, AnswersWith500WhenAHandlerThrows) {
  ASSERT_TRUE(api_.add_route("GET", "/v1/throws", "vendor",
                             [](const Request&, const PathValues&) -> Response {
                               throw std::runtime_error("secret text");
                             })
                  .ok());
  const Response response = get("/v1/throws");
  EXPECT_EQ(response.status, 500u);
  EXPECT_EQ(response.body, "");
}

}  // namespace
}  // namespace ostler::api
