// The server's front door: takes connections and hands each to a worker.
//
// Takes the place of Pistache's Listener, which spins and fills the standard error once
// accept() finds no descriptor left. This one says so, waits a little and goes on.
// Workers and their epoll loops are Pistache's.
#pragma once

#include <pistache/reactor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "transport.h"

namespace ostler::http {

class Acceptor {
 public:
  // Told when no connection can be taken, with the reason, and with "" when they are
  // taken again. On the acceptor's thread.
  using OnTrouble = std::function<void(const std::string& why)>;

  // Listens on a numeric address and starts. Throws std::system_error when it cannot.
  Acceptor(const std::string& address, uint16_t port, int workers, std::shared_ptr<Shared> shared,
           OnTrouble on_trouble);
  // Takes no more connections, and joins all threads; what the Transports do then is theirs.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  uint16_t port() const;  // that the system chose

 private:
  // Closes what it holds, also when the constructor throws.
  struct Descriptor {
    int fd = -1;
    ~Descriptor();
  };

  void run();
  bool take_all();  // false: out of descriptors or of memory

  const OnTrouble on_trouble_;
  Descriptor listener_, stop_;
  std::shared_ptr<Pistache::Aio::Reactor> reactor_;
  Pistache::Aio::Reactor::Key key_;
  bool is_in_trouble_ = false;  // of the thread
  std::thread thread_;
};

}  // namespace ostler::http
