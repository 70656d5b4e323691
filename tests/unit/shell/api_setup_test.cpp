#include "shell/api_setup.h"

#include <gtest/gtest.h>

#include "api/host_api.h"
#include "unit/plugins/harness.h"

namespace ostler::shell {
namespace {

uint32_t status_of(api::Api& api, std::string_view method, std::string_view path) {
  ostler_http_request_t call{};
  call.struct_size = sizeof call;
  api::Request request;
  request.method = method;
  request.path = path;
  request.call = &call;
  return api.handle(request).status;
}

TEST(ApiSetup, ServesTheRoutesOfPlugins) {
  plugins::Registry registry({});
  ASSERT_EQ(plugins::test::complaints(plugins::test::load(registry, plugins::test::manifest_with(""))), "");
  MetricsRegistry metrics;
  api::Api api({[](const spec::ServiceSpec&) { return std::string("{}"); }}, metrics);
  ASSERT_TRUE(add_plugin_routes(api, registry.routes()).ok());
  EXPECT_EQ(status_of(api, "GET", "/v1/tea"), 503U) << "not started";
  ASSERT_EQ(plugins::test::complaints(registry.start(std::chrono::seconds(30))), "");
  EXPECT_EQ(status_of(api, "GET", "/v1/tea"), 200U);
  EXPECT_EQ(status_of(api, "POST", "/v1/tea/green"), 201U);
}

TEST(ApiSetup, RefusesARouteThatIsTakenAndNamesBothOwners) {
  plugins::Registry registry({});
  ASSERT_EQ(plugins::test::complaints(plugins::test::load(registry, plugins::test::manifest_with(""))), "");
  MetricsRegistry metrics;
  api::Api api({[](const spec::ServiceSpec&) { return std::string("{}"); }}, metrics);
  ASSERT_TRUE(api.add_route("GET", "/v1/tea", "vendor", {}).ok());
  const Result<void> added = add_plugin_routes(api, registry.routes());
  ASSERT_FALSE(added.ok());
  EXPECT_NE(added.error().text().find("vendor"), std::string::npos) << added.error().text();
  EXPECT_NE(added.error().text().find("http"), std::string::npos) << added.error().text();
}

TEST(ApiSetup, ReadsThePortThatTheServerIsBoundTo) {
  EXPECT_EQ(*port_of("127.0.0.1:8080", "http"), 8080);
  EXPECT_EQ(*port_of("[::1]:65535", "http"), 65535);
}

TEST(ApiSetup, RefusesAnAddressWithoutAPortAndNamesThePlugin) {
  for (const char* address :
       {"unix:/run/o.sock", "host:70000", "host:0", "host:-1", "host:80x", "host:", "host", ""}) {
    const Result<uint16_t> port = port_of(address, "http");
    ASSERT_FALSE(port.ok()) << address;
    EXPECT_EQ(port.error().message, "plugin 'http' says that it listens at '" + std::string(address) +
                                        "'; expected host:port with a port of 1 to 65535");
  }
}

}  // namespace
}  // namespace ostler::shell
