// Pistache's transport, with our own HTTP on top.
//
// Pistache 0.0.5 gives the workers and their epoll loops.
// Its HTTP layer is left out, because of what it does with hostile and with plain
// clients: it loses the raw query, answers only the first of several requests sent
// ahead, says "Connection: Close" and does not close, takes "Content-Length: abc" for
// 0, parses headers in quadratic time, spins on a client that does not read, and may
// write a late 408 to whoever got the descriptor next. So bytes go to Connection.
//
// A Transport belongs to one worker thread and holds that worker's peers.
#pragma once

#include <pistache/transport.h>

#include <memory>

#include "connection.h"

namespace ostler::http {

class Transport final : public Pistache::Tcp::Transport {
 public:
  explicit Transport(std::shared_ptr<Shared> shared);
  // Ends the connections that are left, since Pistache does not close them: what is
  // being sent may go on until shared->drain_until.
  ~Transport() override;

  void registerPoller(Pistache::Polling::Epoll& poller) override;
  void onReady(const Pistache::Aio::FdSet& fds) override;
  std::shared_ptr<Pistache::Aio::Handler> clone() const override;

 private:
  void drop_expired();
  void flush(Pistache::Polling::Tag tag);

  std::shared_ptr<Shared> shared_;
  int timer_fd_ = -1;
};

}  // namespace ostler::http
