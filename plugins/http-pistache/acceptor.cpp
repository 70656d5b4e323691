#include "acceptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pistache/peer.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace ostler::http {
namespace {

constexpr int kBacklog = 128;
constexpr int kPauseMs = 100;  // until accept() is tried again when it had nothing to give

[[noreturn]] void throw_errno() { throw std::system_error(errno, std::generic_category()); }

// Fills `out`; its size.
socklen_t parse(const std::string& address, uint16_t port, sockaddr_storage& out) {
  out = {};
  auto& v4 = reinterpret_cast<sockaddr_in&>(out);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return sizeof v4;
  }
  if (inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) != 1) {
    errno = EADDRNOTAVAIL;
    throw_errno();
  }
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  return sizeof v6;
}

}  // namespace

Acceptor::Descriptor::~Descriptor() {
  if (fd >= 0) ::close(fd);
}

Acceptor::Acceptor(const std::string& address, uint16_t port, int workers, std::shared_ptr<Shared> shared,
                   OnTrouble on_trouble)
    : on_trouble_(std::move(on_trouble)) {
  sockaddr_storage where;
  const socklen_t size = parse(address, port, where);
  listener_.fd = ::socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  stop_.fd = ::eventfd(0, EFD_CLOEXEC);
  if (listener_.fd < 0 || stop_.fd < 0) throw_errno();
  const int yes = 1;  // connections inherit the second
  ::setsockopt(listener_.fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  ::setsockopt(listener_.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::bind(listener_.fd, reinterpret_cast<sockaddr*>(&where), size) != 0 ||
      ::listen(listener_.fd, kBacklog) != 0)
    throw_errno();

  reactor_ = Pistache::Aio::Reactor::create();
  reactor_->init(Pistache::Aio::AsyncContext(static_cast<size_t>(workers), "http-worker"));
  key_ = reactor_->addHandler(std::make_shared<Transport>(std::move(shared)));
  reactor_->run();
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "http-accept");
    run();
  });
}

Acceptor::~Acceptor() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_.fd, &one, sizeof one);
  thread_.join();
  reactor_->shutdown();
}

uint16_t Acceptor::port() const {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(listener_.fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

void Acceptor::run() {
  for (;;) {
    // In trouble the listener stays readable, so it is not waited for.
    pollfd waits[] = {{stop_.fd, POLLIN, 0}, {listener_.fd, POLLIN, 0}};
    ::poll(waits, is_in_trouble_ ? 1 : 2, is_in_trouble_ ? kPauseMs : -1);
    if (waits[0].revents != 0) return;
    const bool was_in_trouble = is_in_trouble_;
    is_in_trouble_ = !take_all();
    if (was_in_trouble && !is_in_trouble_) on_trouble_("");
  }
}

bool Acceptor::take_all() {
  const auto workers = reactor_->handlers(key_);
  for (;;) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int fd =
        ::accept4(listener_.fd, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      const auto address = Pistache::Address::fromUnix(reinterpret_cast<sockaddr*>(&from));
      auto& worker = static_cast<Transport&>(*workers[static_cast<size_t>(fd) % workers.size()]);
      worker.handleNewPeer(Pistache::Tcp::Peer::Create(fd, address));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return true;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      if (!is_in_trouble_) on_trouble_(std::strerror(errno));
      return false;
    }
    // All else is about that one client, which is gone.
  }
}

}  // namespace ostler::http
