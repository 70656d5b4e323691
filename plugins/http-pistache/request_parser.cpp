#include "request_parser.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace ostler::http {
namespace {

bool is_token_char(unsigned char c) {
  return std::isalnum(c) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_token_char(static_cast<unsigned char>(c)); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Calls `use` with each member of a comma-separated list.
template <typename Use>
void for_each_member(std::string_view list, Use use) {
  while (true) {
    const size_t comma = list.find(',');
    if (const std::string_view member = trim(list.substr(0, comma)); !member.empty()) use(member);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// The whole of `text` as a number, digits only.
bool parse_size(std::string_view text, int base, size_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool percent_decode(std::string_view text, std::string& out) {
  out.clear();
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    size_t byte = 0;
    if (i + 2 >= text.size() || !parse_size(text.substr(i + 1, 2), 16, byte)) return false;
    out += static_cast<char>(byte);
    i += 2;
  }
  return true;
}

bool RequestParser::fail(uint32_t status, std::string text) {
  phase_ = Phase::kFailed;
  error_status_ = status;
  error_text_ = std::move(text);
  return false;
}

void RequestParser::feed(std::string_view bytes) {
  buffer_.erase(0, std::exchange(used_, 0));
  buffer_.append(bytes);
}

void RequestParser::consume(size_t bytes) {
  used_ += bytes;
  scanned_ = 0;
}

RequestParser::State RequestParser::parse() {
  while (phase_ != Phase::kComplete && step()) {
  }
  if (phase_ == Phase::kFailed) return State::kFailed;
  return phase_ == Phase::kComplete ? State::kDone : State::kNeedsMore;
}

ParsedRequest RequestParser::take() {
  phase_ = Phase::kHead;
  expects_continue_ = false;
  trailer_bytes_ = 0;
  return std::exchange(request_, {});
}

bool RequestParser::wants_continue() {
  return phase_ != Phase::kComplete && std::exchange(expects_continue_, false);
}

// Takes one step; false when it needs more bytes or has failed.
bool RequestParser::step() {
  switch (phase_) {
    case Phase::kHead: {
      // Empty lines before a request are skipped (RFC 9112, 2.2).
      while (unread().starts_with("\r\n")) consume(2);
      const std::string_view bytes = unread();
      const size_t end = bytes.find("\r\n\r\n", scanned_ < 3 ? 0 : scanned_ - 3);
      if (end == std::string_view::npos) {
        scanned_ = bytes.size();
        if (bytes.size() <= limits_.head_bytes) return false;
        if (bytes.find("\r\n") > limits_.head_bytes) return fail(414, "the request line is too long");
        return fail(431,
                    "the request's headers are longer than " + std::to_string(limits_.head_bytes) + " bytes");
      }
      if (end > limits_.head_bytes) {
        return fail(431,
                    "the request's headers are longer than " + std::to_string(limits_.head_bytes) + " bytes");
      }
      if (!parse_head(bytes.substr(0, end)) || !parse_framing()) return false;
      consume(end + 4);
      return true;
    }
    case Phase::kSizedBody:
    case Phase::kChunkData: {
      const bool is_chunk = phase_ == Phase::kChunkData;
      const size_t wanted = is_chunk ? body_left_ + 2 : body_left_;
      const std::string_view bytes = unread();
      if (bytes.size() < wanted) return false;
      if (is_chunk && bytes.substr(body_left_, 2) != "\r\n")
        return fail(400, "a chunk does not end where it says");
      request_.body.append(bytes.substr(0, body_left_));
      consume(wanted);
      phase_ = is_chunk ? Phase::kChunkSize : Phase::kComplete;
      return true;
    }
    case Phase::kChunkSize:
      return read_chunk_size();
    case Phase::kTrailers:
      return read_trailer();
    case Phase::kComplete:
    case Phase::kFailed:
      break;
  }
  return false;
}

bool RequestParser::parse_head(std::string_view head) {
  size_t end = head.find("\r\n");
  if (!parse_request_line(head.substr(0, end))) return false;
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    if (!parse_header(head.substr(0, end))) return false;
  }
  return true;
}

bool RequestParser::parse_request_line(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return fail(400, "the request line is not 'METHOD target HTTP/1.1'");
  const std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);

  if (!is_token(method) || method.size() > 32) return fail(400, "the request's method is malformed");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return version.substr(0, 5) == "HTTP/" ? fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
                                           : fail(400, "the request line is not 'METHOD target HTTP/1.1'");
  }
  if (target.size() > limits_.target_bytes) {
    return fail(414, "the request's path and query are longer than " + std::to_string(limits_.target_bytes) +
                         " bytes");
  }
  const auto is_bad = [](unsigned char c) { return c <= ' ' || c == 0x7F || c == '#'; };
  if (std::any_of(target.begin(), target.end(), is_bad)) {
    return fail(400, "the request's path holds a character that must be percent-encoded");
  }
  // A client of a proxy sends the absolute form; the origin server must accept it.
  if (const size_t scheme = target.find("://");
      !target.starts_with('/') && scheme != std::string_view::npos) {
    const size_t path = target.find_first_of("/?", scheme + 3);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  if (!target.starts_with('/')) return fail(400, "the request's path does not start with '/'");

  const size_t question = target.find('?');
  if (question != std::string_view::npos) request_.query = target.substr(question + 1);
  if (!percent_decode(target.substr(0, question), request_.path)) {
    return fail(400, "the request's path has a '%' that is not followed by two hexadecimal digits");
  }
  request_.method = method;
  request_.is_http_1_0 = version == "HTTP/1.0";
  return true;
}

bool RequestParser::parse_header(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return fail(400, "a header line is not 'Name: value'");
  }
  const std::string_view value = trim(line.substr(colon + 1));
  const auto is_control = [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7F; };
  if (std::any_of(value.begin(), value.end(), is_control))
    return fail(400, "a header's value holds a control character");
  if (request_.headers.size() == limits_.headers) {
    return fail(431, "the request has more than " + std::to_string(limits_.headers) + " headers");
  }
  request_.headers.emplace_back(lower(line.substr(0, colon)), value);
  return true;
}

// Decides from the headers how the body is framed and whether the connection stays.
bool RequestParser::parse_framing() {
  size_t hosts = 0;
  bool is_chunked = false, has_length = false, closes = false, stays = false;
  size_t length = 0;
  for (const auto& [name, value] : request_.headers) {
    if (name == "host") {
      ++hosts;
    } else if (name == "content-length") {
      size_t number = 0;
      if (!parse_size(value, 10, number) || (has_length && number != length)) {
        return fail(400, "the Content-Length is not one number");
      }
      has_length = true;
      length = number;
    } else if (name == "transfer-encoding") {
      if (is_chunked || lower(value) != "chunked")
        return fail(501, "the only Transfer-Encoding known here is 'chunked'");
      is_chunked = true;
    } else if (name == "connection") {
      for_each_member(value, [&](std::string_view member) {
        closes = closes || lower(member) == "close";
        stays = stays || lower(member) == "keep-alive";
      });
    } else if (name == "expect") {
      if (lower(value) != "100-continue") return fail(417, "the only Expect known here is '100-continue'");
      expects_continue_ = !request_.is_http_1_0;
    }
  }
  // Both at once is how requests are smuggled past a proxy.
  if (is_chunked && (has_length || request_.is_http_1_0))
    return fail(400, "a request has either a Content-Length or chunks");
  if (hosts > 1 || (hosts == 0 && !request_.is_http_1_0))
    return fail(400, "a request has exactly one Host header");
  if (length > limits_.body_bytes) {
    return fail(413, "the request's body is longer than " + std::to_string(limits_.body_bytes) + " bytes");
  }
  request_.keep_alive = request_.is_http_1_0 ? stays && !closes : !closes;
  body_left_ = length;
  if (is_chunked) {
    phase_ = Phase::kChunkSize;
  } else {
    phase_ = length > 0 ? Phase::kSizedBody : Phase::kComplete;
  }
  return true;
}

bool RequestParser::next_line(std::string_view& line, size_t limit) {
  const std::string_view bytes = unread();
  const size_t end = bytes.find("\r\n", scanned_ == 0 ? 0 : scanned_ - 1);
  if (end == std::string_view::npos) {
    scanned_ = bytes.size();
    return bytes.size() > limit ? fail(400, "a line between chunks is too long") : false;
  }
  line = bytes.substr(0, end);
  return true;
}

bool RequestParser::read_chunk_size() {
  std::string_view line;
  if (!next_line(line, 256)) return false;
  size_t size = 0;
  if (!parse_size(trim(line.substr(0, line.find(';'))), 16, size))
    return fail(400, "a chunk's size is not a hexadecimal number");
  if (size > limits_.body_bytes - request_.body.size()) {
    return fail(413, "the request's body is longer than " + std::to_string(limits_.body_bytes) + " bytes");
  }
  consume(line.size() + 2);  // bytes stay in place, so `line` stays valid
  body_left_ = size;
  phase_ = size > 0 ? Phase::kChunkData : Phase::kTrailers;
  return true;
}

// Trailers are read and forgotten.
bool RequestParser::read_trailer() {
  std::string_view line;
  if (!next_line(line, limits_.head_bytes)) return false;
  trailer_bytes_ += line.size() + 2;
  if (trailer_bytes_ > limits_.head_bytes) return fail(431, "the request's trailers are too long");
  if (line.empty()) phase_ = Phase::kComplete;
  consume(line.size() + 2);
  return true;
}

}  // namespace ostler::http
