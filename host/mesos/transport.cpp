#include "mesos/transport.h"

#include <curl/curl.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/result.h"

namespace ostler::mesos {
namespace {

constexpr size_t kMaxBody = 64 * 1024;  // an error text; what is longer is for no one
constexpr long kMaxConnections = 12;    // the stream, the calls, and those of a redirect

struct Transfer {
  Transport::Id id = 0;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  HttpRequest request;
  Transport::OnData on_data;
  Transport::OnDone on_done;
  HttpOutcome outcome;
  size_t sent = 0;       // of the body
  int socket_error = 0;  // curl itself keeps only those of connect()

  ~Transfer() {
    if (easy != nullptr) curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
};

// Both are called from C, so nothing may be thrown; `noexcept` ends the process where
// there is no memory.
size_t take_data(char* data, size_t, size_t size, void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  if (transfer.outcome.head.status == 200 && transfer.on_data) {
    return transfer.on_data(transfer.outcome.head, {data, size}) ? size : 0;
  }
  std::string& body = transfer.outcome.body;
  body.append(data, std::min(size, kMaxBody - body.size()));
  return size;
}

// A function and not CURLOPT_POSTFIELDS: what cannot be rewound is not sent twice. curl
// would repeat a request whose kept connection closed without an answer, although the
// master may have acted on it.
size_t give_body(char* out, size_t, size_t room, void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  const size_t size = std::min(room, transfer.request.body.size() - transfer.sent);
  std::memcpy(out, transfer.request.body.data() + transfer.sent, size);
  transfer.sent += size;
  return size;
}

curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* address) noexcept {
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  static_cast<Transfer*>(context)->socket_error = fd < 0 ? errno : 0;
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

size_t take_header(char* data, size_t, size_t size, void* context) noexcept {
  HttpHead& head = static_cast<Transfer*>(context)->outcome.head;
  const std::string_view line(data, size);
  constexpr std::string_view kStreamId = "Mesos-Stream-Id:";
  if (line.starts_with("HTTP/")) {
    long status = 0;
    curl_easy_getinfo(static_cast<Transfer*>(context)->easy, CURLINFO_RESPONSE_CODE, &status);
    head = HttpHead{static_cast<int>(status), {}};
  } else if (line.size() > kStreamId.size() && strncasecmp(data, kStreamId.data(), kStreamId.size()) == 0) {
    const std::string_view value = line.substr(kStreamId.size());
    const size_t first = value.find_first_not_of(" \t");
    const size_t last = value.find_last_not_of(" \t\r\n");
    if (first == std::string_view::npos) return size;
    const std::string_view id = value.substr(first, last - first + 1);
    // It goes into a header of ours, so it must be one decent word.
    const bool is_word =
        std::all_of(id.begin(), id.end(), [](unsigned char c) { return c > ' ' && c < 0x7F; });
    if (is_word && id.size() < 256) head.stream_id = id;
  }
  return size;
}

std::string reason(const Transfer& transfer, CURLcode code) {
  CURL* const easy = transfer.easy;
  long os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  switch (code) {
    case CURLE_COULDNT_CONNECT:
      if (transfer.socket_error != 0) return std::strerror(transfer.socket_error);
      if (os_error != 0) return std::strerror(static_cast<int>(os_error));
      return "no connection";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the name cannot be resolved";
    case CURLE_OPERATION_TIMEDOUT: {
      double connected = 0;
      curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME, &connected);
      if (connected > 0) return "no answer in time";
      return "no connection within " + std::to_string(transfer.request.connect_timeout.count()) + " ms";
    }
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_FAIL_REWIND:  // on a kept connection; see give_body()
      return "the connection was closed without an answer";
    case CURLE_PARTIAL_FILE:
      return "the connection was cut";
    default:
      return curl_easy_strerror(code);
  }
}

}  // namespace

void init_once() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  OSTLER_CHECK(code == CURLE_OK, "libcurl: %s", curl_easy_strerror(code));
}

struct Transport::Impl {
  CURLM* multi = nullptr;
  Id last_id = 0;
  std::map<Id, std::unique_ptr<Transfer>> transfers;

  void finish(CURL* easy, CURLcode code) {
    char* context = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &context);
    const Id id = reinterpret_cast<Transfer*>(context)->id;
    auto node = transfers.extract(id);
    Transfer& transfer = *node.mapped();
    if (code != CURLE_OK) transfer.outcome.error = reason(transfer, code);
    char* redirect = nullptr;
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
    if (redirect != nullptr) transfer.outcome.redirect_url = redirect;
    curl_multi_remove_handle(multi, easy);
    transfer.on_done(std::move(transfer.outcome));
  }
};

Transport::Transport() : impl_(std::make_unique<Impl>()) {
  init_once();
  impl_->multi = curl_multi_init();
  OSTLER_CHECK(impl_->multi != nullptr, "libcurl gave no multi handle");
  curl_multi_setopt(impl_->multi, CURLMOPT_MAXCONNECTS, kMaxConnections);
}

Transport::~Transport() {
  for (auto& [id, transfer] : impl_->transfers) curl_multi_remove_handle(impl_->multi, transfer->easy);
  impl_->transfers.clear();
  curl_multi_cleanup(impl_->multi);
}

Transport::Id Transport::post(HttpRequest request, OnData on_data, OnDone on_done) {
  auto owned = std::make_unique<Transfer>();
  Transfer& transfer = *owned;
  transfer.id = ++impl_->last_id;
  transfer.request = std::move(request);
  transfer.on_data = std::move(on_data);
  transfer.on_done = std::move(on_done);
  transfer.easy = curl_easy_init();
  OSTLER_CHECK(transfer.easy != nullptr, "libcurl gave no easy handle");

  const HttpRequest& r = transfer.request;
  for (const std::string& header : r.headers)
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  // Without this curl waits for a "100 Continue" before larger bodies.
  transfer.headers = curl_slist_append(transfer.headers, "Expect:");

  CURL* const easy = transfer.easy;
  curl_easy_setopt(easy, CURLOPT_URL, r.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
  curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(r.body.size()));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  // A stream has a connection of its own, from its beginning to its end.
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, transfer.on_data ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, transfer.on_data ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Otherwise taking a transfer off waits for the thread that looks its name up, 10 s and
  // more while the name server is silent, and with it a SIGTERM does.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 64L * 1024);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(r.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(r.timeout.count()));
  if (!r.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_USERNAME, r.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, r.password.c_str());
  }
  if (!r.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, r.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_data);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);

  const Id id = transfer.id;
  impl_->transfers.emplace(id, std::move(owned));
  const CURLMcode added = curl_multi_add_handle(impl_->multi, easy);
  OSTLER_CHECK(added == CURLM_OK, "libcurl: %s", curl_multi_strerror(added));
  return id;
}

void Transport::cancel(Id id) {
  const auto found = impl_->transfers.find(id);
  if (found == impl_->transfers.end()) return;
  curl_multi_remove_handle(impl_->multi, found->second->easy);
  impl_->transfers.erase(found);
}

void Transport::poll(std::chrono::milliseconds wait) {
  int running = 0;
  curl_multi_perform(impl_->multi, &running);
  bool finished = false;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(impl_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    finished = true;
    impl_->finish(message->easy_handle, message->data.result);
  }
  // What a callback started should begin at once.
  if (!finished && wait.count() > 0) {
    curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
}

void Transport::wake() { curl_multi_wakeup(impl_->multi); }

}  // namespace ostler::mesos
