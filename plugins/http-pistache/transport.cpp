#include "transport.h"

#include <pistache/peer.h>
#include <pistache/tcp.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace ostler::http {
namespace {

using Pistache::Polling::NotifyOn;
using Peer = std::shared_ptr<Pistache::Tcp::Peer>;

constexpr const char* kConnection = "ostler.connection";

// Replies up to this size leave in one piece, also to a client far away.
constexpr int kSendBuffer = 256 * 1024;

std::shared_ptr<Connection> connection_of(const Peer& peer) {
  return std::static_pointer_cast<Connection>(peer->tryGetData(kConnection));
}

void watch(Pistache::Tcp::Transport& transport, int fd, bool for_writing) {
  const NotifyOn interest = for_writing ? NotifyOn::Read | NotifyOn::Write : NotifyOn::Read;
  transport.reactor()->modifyFd(transport.key(), fd, interest, Pistache::Polling::Mode::Edge);
}

// Brings what Pistache reads to the peer's Connection. [the worker's thread]
class Input final : public Pistache::Tcp::Handler {
 public:
  explicit Input(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  PROTOTYPE_OF(Pistache::Tcp::Handler, Input)

  void onConnection(const Peer& peer) override {
    if (shared_->connections.load(std::memory_order_relaxed) >= shared_->config.max_connections) {
      ::shutdown(peer->fd(), SHUT_RDWR);  // read as the end of the stream, then closed
      return;
    }
    ::setsockopt(peer->fd(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
    peer->putData(kConnection, std::make_shared<Connection>(*shared_, peer->fd()));
  }

  void onInput(const char* bytes, size_t size, const Peer& peer) override {
    const auto connection = connection_of(peer);
    if (connection == nullptr) return;
    const bool waited = connection->wants_write();
    connection->receive({bytes, size});
    if (!waited && connection->wants_write()) watch(*transport(), peer->fd(), true);
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace

Transport::Transport(std::shared_ptr<Shared> shared)
    : Pistache::Tcp::Transport(std::make_shared<Input>(shared)), shared_(std::move(shared)) {}

Transport::~Transport() {
  if (timer_fd_ >= 0) ::close(timer_fd_);
  for (const auto& [fd, peer] : peers) {
    if (const auto connection = connection_of(peer)) connection->finish(shared_->drain_until);
    ::close(static_cast<int>(fd));
  }
}

std::shared_ptr<Pistache::Aio::Handler> Transport::clone() const {
  return std::make_shared<Transport>(shared_);
}

void Transport::registerPoller(Pistache::Polling::Epoll& poller) {
  Pistache::Tcp::Transport::registerPoller(poller);
  timer_fd_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer_fd_ < 0) throw std::system_error(errno, std::generic_category(), "cannot make a timer");
  // A timeout is kept to a quarter of itself, or to a second.
  const Config& config = shared_->config;
  const uint32_t shortest =
      std::min({config.request_timeout_ms, config.idle_timeout_ms, config.write_timeout_ms});
  const uint32_t tick_ms = std::clamp(shortest / 4, 25U, 1000U);
  itimerspec every{};
  every.it_interval.tv_sec = tick_ms / 1000;
  every.it_interval.tv_nsec = static_cast<long>(tick_ms % 1000) * 1'000'000;
  every.it_value = every.it_interval;
  ::timerfd_settime(timer_fd_, 0, &every, nullptr);
  poller.addFd(timer_fd_, Pistache::Flags<NotifyOn>(NotifyOn::Read),
               Pistache::Polling::Tag(static_cast<uint64_t>(timer_fd_)));
}

// Takes what is ours, writable sockets and the timer, and leaves the rest to Pistache,
// which does not expect the former.
void Transport::onReady(const Pistache::Aio::FdSet& fds) {
  const Pistache::Polling::Tag timer(static_cast<uint64_t>(timer_fd_));
  std::vector<Pistache::Polling::Event> rest;
  rest.reserve(fds.size());
  bool is_time = false;
  for (const auto& entry : fds) {
    if (entry.getTag() == timer) {
      is_time = true;
      continue;
    }
    if (entry.isWritable()) flush(entry.getTag());
    if (entry.isReadable()) {
      rest.emplace_back(entry.getTag());
      rest.back().flags = Pistache::Flags<NotifyOn>(NotifyOn::Read);
    }
  }
  Pistache::Tcp::Transport::onReady(Pistache::Aio::FdSet(std::move(rest)));
  if (is_time) drop_expired();
}

void Transport::flush(Pistache::Polling::Tag tag) {
  const auto it = peers.find(static_cast<Pistache::Fd>(tag.value()));
  if (it == peers.end()) return;
  const auto connection = connection_of(it->second);
  if (connection == nullptr) return;
  connection->flush();
  if (!connection->wants_write()) watch(*this, it->second->fd(), false);
}

void Transport::drop_expired() {
  uint64_t ticks = 0;
  [[maybe_unused]] const ssize_t read = ::read(timer_fd_, &ticks, sizeof ticks);
  const auto now = std::chrono::steady_clock::now();
  std::vector<Peer> expired;
  for (const auto& [fd, peer] : peers) {
    const auto connection = connection_of(peer);
    if (connection == nullptr) continue;
    const bool waited = connection->wants_write();
    if (connection->is_expired(now)) {
      expired.push_back(peer);
    } else if (!waited && connection->wants_write()) {
      watch(*this, peer->fd(), true);
    }
  }
  for (const Peer& peer : expired) removePeer(peer);
}

}  // namespace ostler::http
