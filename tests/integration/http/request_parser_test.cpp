// The request parser: what it accepts, what it refuses and how, in any split.
#include "request_parser.h"

#include <gtest/gtest.h>

namespace ostler::http {
namespace {

using State = RequestParser::State;

// Feeds all at once; "413 text" when it fails, "more" when it wants more.
std::string outcome(std::string_view bytes, RequestParser::Limits limits = {}) {
  RequestParser parser(limits);
  parser.feed(bytes);
  switch (parser.parse()) {
    case State::kNeedsMore:
      return "more";
    case State::kFailed:
      return std::to_string(parser.error_status()) + " " + parser.error_text();
    case State::kDone:
      break;
  }
  const ParsedRequest r = parser.take();
  std::string text = r.method + " " + r.path + " ? " + r.query + " | " + r.body;
  return text + (r.keep_alive ? " keep" : " close");
}

std::string with_headers(const std::string& headers) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}

TEST(RequestParser, ReadsAPlainRequest) {
  EXPECT_EQ(outcome("GET /v1/plans?a=1&b=%20 HTTP/1.1\r\nHost: h\r\n\r\n"),
            "GET /v1/plans ? a=1&b=%20 |  keep");
  EXPECT_EQ(outcome("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), "GET / ?  |  keep");
  EXPECT_EQ(outcome("GET http://h:80/x?y HTTP/1.1\r\nHost: h\r\n\r\n"), "GET /x ? y |  keep");
  EXPECT_EQ(outcome("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n"), "GET / ?  |  keep");
}

TEST(RequestParser, DecodesThePathOnce) {
  EXPECT_EQ(outcome("GET /v1/pod/a%2Fb%2525 HTTP/1.1\r\nHost: h\r\n\r\n"), "GET /v1/pod/a/b%25 ?  |  keep");
  EXPECT_EQ(outcome("GET /%4 HTTP/1.1\r\nHost: h\r\n\r\n"),
            "400 the request's path has a '%' that is not followed by two hexadecimal digits");
  EXPECT_EQ(outcome("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"),
            "400 the request's path has a '%' that is not followed by two hexadecimal digits");
}

TEST(RequestParser, ReadsTheSameInAnySplit) {
  const std::string bytes =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4;ext=1\r\nwiki\r\n5\r\npedia\r\n0\r\nTrailer: t\r\n\r\n"
      "PUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz";
  for (size_t step = 1; step <= bytes.size(); ++step) {
    RequestParser parser({});
    std::vector<std::string> seen;
    for (size_t at = 0; at < bytes.size(); at += step) {
      parser.feed(std::string_view(bytes).substr(at, step));
      while (parser.parse() == State::kDone) {
        const ParsedRequest request = parser.take();
        seen.push_back(request.method + " " + request.path + " " + request.body);
      }
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"POST /a wikipedia", "PUT /b xyz"})) << "in steps of " << step;
    EXPECT_FALSE(parser.is_mid_request());
  }
}

TEST(RequestParser, KnowsWhetherTheConnectionStays) {
  EXPECT_EQ(outcome(with_headers("Connection: close\r\n")), "GET / ?  |  close");
  EXPECT_EQ(outcome(with_headers("Connection: Upgrade, CLOSE\r\n")), "GET / ?  |  close");
  EXPECT_EQ(outcome("GET / HTTP/1.0\r\n\r\n"), "GET / ?  |  close");
  EXPECT_EQ(outcome("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "GET / ?  |  keep");
}

TEST(RequestParser, RefusesMalformedLines) {
  EXPECT_EQ(outcome("GET /\r\n\r\n"), "400 the request line is not 'METHOD target HTTP/1.1'");
  EXPECT_EQ(outcome("hello\r\n\r\n"), "400 the request line is not 'METHOD target HTTP/1.1'");
  EXPECT_EQ(outcome("G@T / HTTP/1.1\r\nHost: h\r\n\r\n"), "400 the request's method is malformed");
  EXPECT_EQ(outcome("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), "505 only HTTP/1.1 and HTTP/1.0 are spoken here");
  EXPECT_EQ(outcome("GET / FTP/1.1\r\nHost: h\r\n\r\n"),
            "400 the request line is not 'METHOD target HTTP/1.1'");
  EXPECT_EQ(outcome("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"),
            "400 the request's path holds a character that must be percent-encoded");
  EXPECT_EQ(outcome("GET * HTTP/1.1\r\nHost: h\r\n\r\n"), "400 the request's path does not start with '/'");
  EXPECT_EQ(outcome(with_headers("No colon\r\n")), "400 a header line is not 'Name: value'");
  EXPECT_EQ(outcome(with_headers("Name : v\r\n")), "400 a header line is not 'Name: value'");
  EXPECT_EQ(outcome(with_headers("A: b\r\n folded\r\n")), "400 a header line is not 'Name: value'");
  EXPECT_EQ(outcome(with_headers("A: b\nC: d\r\n")), "400 a header's value holds a control character");
}

TEST(RequestParser, RefusesWhatSmugglesRequestsPastProxies) {
  EXPECT_EQ(outcome(with_headers("Content-Length: abc\r\n")), "400 the Content-Length is not one number");
  EXPECT_EQ(outcome(with_headers("Content-Length: -1\r\n")), "400 the Content-Length is not one number");
  EXPECT_EQ(outcome(with_headers("Content-Length: +1\r\n")), "400 the Content-Length is not one number");
  EXPECT_EQ(outcome(with_headers("Content-Length: 0x1\r\n")), "400 the Content-Length is not one number");
  EXPECT_EQ(outcome(with_headers("Content-Length: 1, 1\r\n")), "400 the Content-Length is not one number");
  EXPECT_EQ(outcome(with_headers("Content-Length: 1\r\nContent-Length: 2\r\n")),
            "400 the Content-Length is not one number");
  EXPECT_EQ(outcome(with_headers("Content-Length: 99999999999999999999\r\n")),
            "400 the Content-Length is not one number");
  EXPECT_EQ(outcome(with_headers("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")),
            "400 a request has either a Content-Length or chunks");
  EXPECT_EQ(outcome(with_headers("Transfer-Encoding: gzip, chunked\r\n")),
            "501 the only Transfer-Encoding known here is 'chunked'");
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\n\r\n"), "400 a request has exactly one Host header");
  EXPECT_EQ(outcome(with_headers("Host: i\r\n")), "400 a request has exactly one Host header");
}

TEST(RequestParser, RefusesBrokenChunks) {
  const std::string head = with_headers("Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(outcome(head + "x\r\n"), "400 a chunk's size is not a hexadecimal number");
  EXPECT_EQ(outcome(head + "-1\r\n"), "400 a chunk's size is not a hexadecimal number");
  EXPECT_EQ(outcome(head + "2\r\nabc\r\n"), "400 a chunk does not end where it says");
  EXPECT_EQ(outcome(head + "ffffffffffffffff\r\n"), "413 the request's body is longer than 65536 bytes");
  EXPECT_EQ(outcome(head + std::string(300, '0')), "400 a line between chunks is too long");
}

TEST(RequestParser, BoundsEverything) {
  EXPECT_EQ(outcome("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"),
            "414 the request's path and query are longer than 8192 bytes");
  EXPECT_EQ(outcome("GET /" + std::string(40'000, 'a')), "414 the request line is too long");
  EXPECT_EQ(outcome(with_headers("A: " + std::string(40'000, 'a'))),
            "431 the request's headers are longer than 32768 bytes");
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\nA: " + std::string(40'000, 'a')),
            "431 the request's headers are longer than 32768 bytes");
  std::string many;
  for (int i = 0; i < 200; ++i) many += "A: b\r\n";
  EXPECT_EQ(outcome(with_headers(many)), "431 the request has more than 100 headers");
  EXPECT_EQ(outcome(with_headers("Content-Length: 65537\r\n")),
            "413 the request's body is longer than 65536 bytes");
  RequestParser::Limits small;
  small.body_bytes = 8;
  EXPECT_EQ(outcome(with_headers("Transfer-Encoding: chunked\r\n") + "5\r\n12345\r\n5\r\n", small),
            "413 the request's body is longer than 8 bytes");
}

TEST(RequestParser, AsksForTheBodyOnce) {
  RequestParser parser({});
  parser.feed(with_headers("Content-Length: 2\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(parser.parse(), State::kNeedsMore);
  EXPECT_TRUE(parser.wants_continue());
  EXPECT_FALSE(parser.wants_continue());
  parser.feed("ab");
  EXPECT_EQ(parser.parse(), State::kDone);
  EXPECT_EQ(parser.take().body, "ab");
  EXPECT_EQ(outcome(with_headers("Expect: miracles\r\n")),
            "417 the only Expect known here is '100-continue'");
}

}  // namespace
}  // namespace ostler::http
