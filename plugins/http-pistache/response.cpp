#include "response.h"

#include <cctype>
#include <ctime>

namespace ostler::http {
namespace {

// Only the phrases a person meets; others go out empty, which HTTP allows.
std::string_view phrase(uint32_t status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 203:
      return "Non-Authoritative Information";
    case 204:
      return "No Content";
    case 205:
      return "Reset Content";
    case 206:
      return "Partial Content";
    case 207:
      return "Multi-Status";
    case 208:
      return "Already Reported";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

std::string status_line(uint32_t status) {
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(phrase(status)) + "\r\n";
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
  }
  return true;
}

// Framing is this plugin's, and a header that would break a line is dropped.
bool may_pass(std::string_view name, std::string_view value) {
  for (const std::string_view own : {"content-length", "transfer-encoding", "connection", "date"}) {
    if (equals_ignoring_case(name, own)) return false;
  }
  const auto breaks = [](std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
  };
  return !name.empty() && name.find_first_of(" :\t") == name.npos && !breaks(name) && !breaks(value);
}

}  // namespace

ostler_http_response_t ResponseCollector::table() {
  ostler_http_response_t table{};
  table.struct_size = sizeof table;
  table.ctx = this;
  table.head = [](void* ctx, uint32_t status, const ostler_array_t* headers) {
    auto* self = static_cast<ResponseCollector*>(ctx);
    self->status_ = status;
    for (uint32_t i = 0; headers != nullptr && i < headers->count; ++i) {
      const auto* header = OSTLER_AT(ostler_http_header_t, *headers, i);
      const std::string_view name(header->name.data, header->name.size);
      const std::string_view value(header->value.data, header->value.size);
      if (may_pass(name, value)) self->headers_.append(name).append(": ").append(value).append("\r\n");
    }
  };
  table.body = [](void* ctx, const void* data, size_t size) {
    static_cast<ResponseCollector*>(ctx)->body_.append(static_cast<const char*>(data), size);
  };
  return table;
}

std::string ResponseCollector::frame(bool is_head_request, bool close, bool is_http_1_0,
                                     std::string_view date) const {
  const bool is_valid = status_ >= 200 && status_ <= 999;  // 1xx would not end the reply
  const uint32_t status = is_valid ? status_ : 500;
  const bool has_length = status != 204 && status != 304;
  const bool may_have_body = has_length && status != 205 && is_valid;
  const std::string_view body = may_have_body ? std::string_view(body_) : std::string_view();

  std::string out = status_line(status);
  out.reserve(out.size() + headers_.size() + body.size() + 160);
  if (is_valid) out += headers_;
  out.append("Date: ").append(date).append("\r\n");
  if (has_length) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  if (close) {
    out += "Connection: close\r\n";
  } else if (is_http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (!is_head_request) out += body;
  return out;
}

std::string error_reply(uint32_t status, std::string_view text, std::string_view date) {
  std::string out = status_line(status);
  out.append("Content-Type: text/plain\r\nDate: ").append(date).append("\r\n");
  out += "Content-Length: " + std::to_string(text.size()) + "\r\nConnection: close\r\n\r\n";
  return out.append(text);
}

std::string_view http_date() {
  thread_local std::time_t made_at = -1;
  thread_local char text[64];
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    // The C locale's names, as HTTP wants; the host never calls setlocale().
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    made_at = now;
  }
  return text;
}

}  // namespace ostler::http
