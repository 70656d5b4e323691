#include "client_log.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace ostler::zookeeper {
namespace {

constexpr size_t kSlots = 16;  // sessions in one process that have their log kept
constexpr int kPerWindow = 10;
constexpr auto kWindow = std::chrono::seconds(10);

std::array<std::atomic<ClientLog*>, kSlots + 1> slots;  // the last stays empty

template <size_t I>
void receive(const char* message) {
  if (ClientLog* log = slots[I].load()) log->record(message);
}

template <size_t... I>
constexpr std::array<log_callback_fn, sizeof...(I)> callbacks(std::index_sequence<I...>) {
  return {receive<I>...};
}
constexpr auto kCallbacks = callbacks(std::make_index_sequence<kSlots + 1>());

}  // namespace

std::string trouble_in(std::string_view text) {
  if (text.find("timed out") != std::string_view::npos) return "no answer";
  if (text.find("getaddrinfo") != std::string_view::npos) return "its name cannot be resolved";
  const size_t at = text.find("errno=");
  if (at == std::string_view::npos) return "";
  int number = 0;
  std::from_chars(text.data() + at + 6, text.data() + text.size(), number);
  // The client's own choice for an orderly end of the stream.
  if (number == EHOSTDOWN) return "the server closed the connection, as one does that has no quorum";
  char buffer[128];
  std::string reason = number == 0 ? "" : strerror_r(number, buffer, sizeof buffer);
  if (!reason.empty()) reason[0] = static_cast<char>(tolower(static_cast<unsigned char>(reason[0])));
  return reason;
}

ClientLog::ClientLog(plugin::Host host, std::function<void(const std::string&)> on_trouble)
    : host_(host), on_trouble_(std::move(on_trouble)), slot_(0) {
  for (ClientLog* none = nullptr; slot_ < kSlots && !slots[slot_].compare_exchange_strong(none, this);
       none = nullptr)
    ++slot_;
  callback_ = kCallbacks[slot_];
}

ClientLog::~ClientLog() {
  if (slot_ < kSlots) slots[slot_].store(nullptr);
}

void ClientLog::record(const char* message) noexcept {
  try {
    std::string_view text = message;
    // "2026-11-22 13:50:29,796:12218(0x7f3c):ZOO_ERROR@check_events@2985: Socket ..."
    const bool is_info = text.find(":ZOO_INFO@") != std::string_view::npos;
    const size_t source = text.find('@');
    const size_t start = source == std::string_view::npos ? source : text.find(": ", source);
    if (start != std::string_view::npos) text.remove_prefix(start + 2);
    forward(text);
    if (is_info) return;
    const std::string trouble = trouble_in(text);
    if (!trouble.empty()) on_trouble_(trouble);
  } catch (...) {
    // A record that cannot be kept for want of memory is not worth more than that.
  }
}

void ClientLog::forward(std::string_view text) {
  int suppressed = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - window_ >= kWindow) {
      window_ = now;
      in_window_ = 0;
      suppressed = std::exchange(suppressed_, 0);
    }
    if (++in_window_ > kPerWindow) {
      ++suppressed_;
      return;
    }
  }
  if (suppressed > 0)
    host_.log(OSTLER_LOG_DEBUG, "zookeeper client: " + std::to_string(suppressed) + " records left out");
  host_.log(OSTLER_LOG_DEBUG, "zookeeper client: " + std::string(text));
}

}  // namespace ostler::zookeeper
