// HTTP from a socket's bytes to the API's reply: cut anywhere, the same requests.
#include "api/api.h"
#include "fuzz.h"
#include "request_parser.h"
#include "unit/api/sample_snapshot.h"

using namespace ostler;

namespace {

std::vector<http::ParsedRequest> read(std::string_view stream, size_t step, uint32_t& error) {
  std::vector<http::ParsedRequest> out;
  http::RequestParser parser(http::RequestParser::Limits{});
  for (size_t at = 0; at < stream.size(); at += step) {
    parser.feed(stream.substr(at, step));
    for (;;) {
      const auto state = parser.parse();
      if (state == http::RequestParser::State::kDone) {
        out.push_back(parser.take());
        continue;
      }
      if (state == http::RequestParser::State::kFailed) {
        error = parser.error_status();
        return out;
      }
      break;
    }
  }
  return out;
}

api::Api& sample_api() {
  static MetricsRegistry metrics;
  static api::Api* api = [] {
    auto* made = new api::Api({[](const spec::ServiceSpec&) { return std::string("{}"); }}, metrics);
    made->publish(std::make_shared<const core::Snapshot>(api::test::sample_snapshot()));
    return made;
  }();
  return *api;
}

}  // namespace

OSTLER_FUZZ_TARGET(http_request) {
  uint32_t error = 0, error_in_pieces = 0;
  const auto requests = read(input, input.size() + 1, error);
  const auto in_pieces = read(input, 1, error_in_pieces);
  fuzz::require(requests.size() == in_pieces.size() && error == error_in_pieces,
                "another result byte by byte");
  for (size_t i = 0; i < requests.size(); ++i) {
    fuzz::require(requests[i].path == in_pieces[i].path && requests[i].body == in_pieces[i].body,
                  "another request byte by byte");
    api::Request request;
    request.method = requests[i].method;
    request.path = requests[i].path;
    request.query = requests[i].query;
    request.body = requests[i].body;
    const api::Response response = sample_api().handle(request);
    fuzz::require(response.status >= 100 && response.status < 600, "a status that is none");
    (void)request.parameter("phase");
  }
}
