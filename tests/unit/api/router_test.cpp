// Which pattern wins, and what the variables match.
#include "api/router.h"

#include <gtest/gtest.h>

namespace ostler::api {
namespace {

class RouterTest : public ::testing::Test {
 protected:
  // Adds a route that answers with its pattern and the values it matched.
  Result<void> add(const std::string& method, const std::string& pattern, const std::string& owner = "a") {
    return router_.add(method, pattern, owner, [pattern](const Request&, const PathValues& values) {
      std::string text = pattern;
      for (const std::string_view value : values) text += " [" + std::string(value) + "]";
      return text_response(200, text);
    });
  }
  std::string get(std::string_view path, std::string_view method = "GET") {
    Request request;
    request.method = method;
    request.path = path;
    const Response response = router_.handle(request);
    return response.status == 200 ? response.body : std::to_string(response.status);
  }
  Router router_;
};

TEST_F(RouterTest, PrefersLiteralsToVariablesToTheRest) {
  ASSERT_TRUE(add("GET", "/v1/*").ok());
  ASSERT_TRUE(add("GET", "/v1/pod/:name").ok());
  ASSERT_TRUE(add("GET", "/v1/pod/status").ok());
  EXPECT_EQ(get("/v1/pod/status"), "/v1/pod/status");
  EXPECT_EQ(get("/v1/pod/zk-0"), "/v1/pod/:name [zk-0]");
  EXPECT_EQ(get("/v1/pod/zk-0/info"), "/v1/* [pod/zk-0/info]");
  EXPECT_EQ(get("/v1/x"), "/v1/* [x]");
  EXPECT_EQ(get("/v1"), "404");
  EXPECT_EQ(get("/v1/"), "404");
}

TEST_F(RouterTest, MatchesNoEmptyComponent) {
  ASSERT_TRUE(add("GET", "/v1/pod/:name/info").ok());
  EXPECT_EQ(get("/v1/pod//info"), "404");
  EXPECT_EQ(get("/v1/pod/a/info/"), "404");
  EXPECT_EQ(get("//v1/pod/a/info"), "404");
}

TEST_F(RouterTest, FallsThroughToAnotherMethodsPattern) {
  ASSERT_TRUE(add("GET", "/v1/plans/:plan").ok());
  ASSERT_TRUE(add("POST", "/v1/plans/deploy").ok());
  EXPECT_EQ(get("/v1/plans/deploy"), "/v1/plans/:plan [deploy]");
  EXPECT_EQ(get("/v1/plans/deploy", "POST"), "/v1/plans/deploy");
  EXPECT_EQ(get("/v1/plans/other", "POST"), "405");
}

TEST_F(RouterTest, ServesTheRoot) {
  ASSERT_TRUE(add("GET", "/").ok());
  EXPECT_EQ(get("/"), "/");
  EXPECT_EQ(get("//"), "404");
}

TEST_F(RouterTest, RefusesWhatMatchesTheSamePaths) {
  ASSERT_TRUE(add("GET", "/v1/vault/:path", "vault").ok());
  const Result<void> taken = add("GET", "/v1/vault/:name", "acme");
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().message,
            "the route GET /v1/vault/:name of acme is taken by vault (/v1/vault/:path)");
  EXPECT_TRUE(add("POST", "/v1/vault/:name", "acme").ok());
  const Result<void> relative = add("GET", "v1", "acme");
  ASSERT_FALSE(relative.ok());
  EXPECT_EQ(relative.error().message, "the route 'v1' of acme does not start with '/'");
}

TEST(Request, DecodesQueryParametersOnce) {
  Request request;
  request.query = "phase=node%2520a+b&step&bad=%zz&phase=second&=x&last=%4";
  EXPECT_EQ(request.parameter("phase"), "node%20a b");
  EXPECT_EQ(request.parameter("step"), "");
  EXPECT_EQ(request.parameter("bad"), std::nullopt);
  EXPECT_EQ(request.parameter("last"), std::nullopt);
  EXPECT_EQ(request.parameter("none"), std::nullopt);
}

}  // namespace
}  // namespace ostler::api
