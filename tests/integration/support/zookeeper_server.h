// A real ZooKeeper server for tests, from Debian's jars: an ensemble of one.
//
// Not a standalone one, which in 3.8.0 throws a NullPointerException when a client comes
// while it loads its data, and leaves that connection open and unread: the client waits
// two thirds of its session timeout then. An ensemble closes it, and the client comes again.
//
// It runs on a free port of the loopback, with its data in a folder of its own, and
// dies with the thread that started it. Sessions may be as short as 400 ms here.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/temp_folder.h"

namespace ostler::test {

class ZookeeperServer {
 public:
  // False when Java or the jars are missing; tests then skip.
  static bool is_installed();

  // Starts a server and waits until it serves. Throws std::runtime_error with the end
  // of its log when it does not. `heap_mib` is enough for some hundred tasks; `properties`
  // are Java's, as "readonlymode.enabled=true".
  explicit ZookeeperServer(int heap_mib = 64, std::vector<std::string> properties = {});
  ~ZookeeperServer();  // kills it
  ZookeeperServer(const ZookeeperServer&) = delete;
  ZookeeperServer& operator=(const ZookeeperServer&) = delete;

  // "127.0.0.1:port"; the same after a restart.
  std::string address() const;

  void kill();    // SIGKILL; returns when the process is gone
  void start();   // again, on the same data and port; returns when it serves
  void freeze();  // SIGSTOP: accepts connections and does not answer
  void thaw();

  // Kills it and starts it as one of three whose others are gone. It has no quorum then and
  // serves nobody; in read-only mode only who asks for that. Returns when it says so.
  void start_without_quorum();
  // A start after this gets no file beyond that size, as on a full disk; 0: as large as it likes.
  void limit_files(uint64_t bytes) { most_file_bytes_ = bytes; }

 private:
  void choose_ports();
  void write_config(bool has_quorum);
  void spawn();
  bool wait_until_it_says(const std::string& text);
  std::string end_of_log() const;

  TempFolder folder_;
  const std::string heap_;                     // Java's option
  const std::vector<std::string> properties_;  // the same
  uint16_t port_ = 0, quorum_port_ = 0, election_port_ = 0;
  uint64_t most_file_bytes_ = 0;
  pid_t pid_ = -1;
};

}  // namespace ostler::test
