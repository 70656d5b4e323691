// A client that writes all the while: one znode after the other, each once it knows that
// the one before is stored. What was acknowledged must be there in the end.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace ostler::harness {

class SteadyWriter {
 public:
  // Begins at once, below `folder` ("/steady"), through whichever of the servers answers.
  SteadyWriter(const std::vector<std::string>& addresses, std::string folder);
  ~SteadyWriter();
  SteadyWriter(const SteadyWriter&) = delete;
  SteadyWriter& operator=(const SteadyWriter&) = delete;

  // How many writes were acknowledged so far.
  int acknowledged() const { return acknowledged_; }
  // The longest time between two acknowledgements.
  std::chrono::milliseconds longest_pause() const { return std::chrono::milliseconds(longest_pause_ms_); }
  // Ends it. How many writes were acknowledged.
  int stop();
  // What was acknowledged and is not there now, by number; read through one session.
  // Throws HarnessError when there is no session. After stop().
  std::vector<int> lost() const;

 private:
  void run();

  const std::string hosts_, folder_;
  std::atomic<int> acknowledged_{0};
  std::atomic<int64_t> longest_pause_ms_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ostler::harness
