#include "connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "response.h"

namespace ostler::http {
namespace {

// After the last reply the client gets this long, and may send this much, before the
// descriptor is closed: closing with bytes unread would reset the connection, and the
// client might lose the reply.
constexpr std::chrono::seconds kLinger{2};
constexpr size_t kLingerBytes = 1024 * 1024;

RequestParser::Limits limits_of(const Config& config) {
  RequestParser::Limits limits;
  limits.body_bytes = config.max_request_bytes;
  limits.head_bytes = std::min<size_t>(limits.head_bytes, config.max_request_bytes / 2);
  limits.target_bytes = std::min(limits.target_bytes, limits.head_bytes / 2);
  return limits;
}

}  // namespace

Connection::Connection(Shared& shared, int fd)
    : shared_(shared), fd_(fd), parser_(limits_of(shared.config)), since_(std::chrono::steady_clock::now()) {
  shared_.connections.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() { shared_.connections.fetch_sub(1, std::memory_order_relaxed); }

// Ends both directions; Pistache then sees the end of the stream and closes.
void Connection::drop() {
  closes_ = true;
  out_.clear();
  sent_ = 0;
  ::shutdown(fd_, SHUT_RDWR);
}

void Connection::receive(std::string_view bytes) noexcept try {
  if (closes_) {
    discarded_ += bytes.size();
    if (discarded_ > kLingerBytes) drop();
    return;
  }
  parser_.feed(bytes);
  // Requests that were sent ahead wait for the reply before them, within bounds.
  if (wants_write() && parser_.unread_bytes() > 2 * size_t{shared_.config.max_request_bytes}) return drop();
  serve();
} catch (...) {
  drop();  // out of memory: this client goes, the process stays
}

void Connection::flush() noexcept try {
  write_some();
  serve();
} catch (...) {
  drop();
}

// Answers requests one after the other for as long as replies leave at once.
void Connection::serve() {
  while (!closes_ && !wants_write()) {
    switch (parser_.parse()) {
      case RequestParser::State::kNeedsMore:
        if (parser_.wants_continue()) send("HTTP/1.1 100 Continue\r\n\r\n", false);
        if (parser_.is_mid_request() && !is_mid_request_) since_ = std::chrono::steady_clock::now();
        is_mid_request_ = parser_.is_mid_request();
        return;
      case RequestParser::State::kFailed:
        send(error_reply(parser_.error_status(), parser_.error_text() + "\n", http_date()), true);
        return;
      case RequestParser::State::kDone:
        is_mid_request_ = false;
        answer(parser_.take());
        break;
    }
  }
}

void Connection::answer(const ParsedRequest& request) {
  std::vector<ostler_http_header_t> headers;
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers) {
    headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  }
  ostler_http_request_t call{};
  call.struct_size = sizeof call;
  call.method = {request.method.data(), request.method.size()};
  call.path = {request.path.data(), request.path.size()};
  call.query = {request.query.data(), request.query.size()};
  call.headers = {headers.data(), static_cast<uint32_t>(headers.size()), sizeof(ostler_http_header_t)};
  call.body = {reinterpret_cast<const uint8_t*>(request.body.data()), request.body.size()};

  ResponseCollector collector;
  const ostler_http_response_t response = collector.table();
  shared_.api->handle(shared_.api->ctx, &call, &response);

  const bool close = !request.keep_alive || shared_.is_draining.load(std::memory_order_relaxed);
  send(collector.frame(request.method == "HEAD", close, request.is_http_1_0, http_date()), close);
}

void Connection::send(std::string bytes, bool close) {
  out_ = std::move(bytes);
  sent_ = 0;
  closes_ = close;
  write_some();
}

void Connection::write_some() {
  while (wants_write()) {
    const ssize_t n = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (errno != EAGAIN && errno != EWOULDBLOCK) drop();
      return;
    }
    sent_ += static_cast<size_t>(n);
    since_ = std::chrono::steady_clock::now();
  }
  out_.clear();
  sent_ = 0;
  if (out_.capacity() > 64 * 1024) out_.shrink_to_fit();
  if (closes_) ::shutdown(fd_, SHUT_WR);
}

bool Connection::is_expired(TimePoint now) noexcept try {
  const auto waited = now - since_;
  if (wants_write()) {
    if (waited <= std::chrono::milliseconds(shared_.config.write_timeout_ms)) return false;
    const linger at_once{1, 0};  // the kernel too forgets what the client does not take
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return true;
  }
  if (closes_) return waited > kLinger;
  if (!is_mid_request_) return waited > std::chrono::milliseconds(shared_.config.idle_timeout_ms);
  if (waited > std::chrono::milliseconds(shared_.config.request_timeout_ms)) {
    send(error_reply(408, "the request did not arrive in time\n", http_date()), true);
  }
  return false;
} catch (...) {
  return true;
}

void Connection::finish(TimePoint deadline) noexcept {
  while (wants_write()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wait{fd_, POLLOUT, 0};
    if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) return;
    write_some();
  }
}

}  // namespace ostler::http
