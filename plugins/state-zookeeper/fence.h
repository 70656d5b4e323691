// Watches over our ownership, on a thread of its own.
//
// Only the ensemble ends a session, and a process that is cut off does not hear of it.
// So ownership counts as lost when the ensemble has not proved for five sixths of the
// session timeout that it knows us, by our own clock: somebody else can own the tree no
// sooner than a sixth later. Not earlier, since the client leaves a server that does not
// answer after two thirds, and must have the time to try the next one. The lock node is
// looked at as well, since an operator may have removed it.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "session.h"

namespace ostler::zookeeper {

class Fence {
 public:
  // `lost` is called at most once, from the fence's thread.
  Fence(Session& session, std::string lease, std::function<void(const std::string& why)> lost);
  ~Fence();  // joins
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;

 private:
  // What the client's threads report; outlives a fence that does not wait for them.
  struct Findings {
    std::atomic<bool> is_asking{false};
    std::atomic<bool> lease_is_gone{false};
    std::atomic<bool> session_is_over{false};
  };

  void run();
  void ask();
  std::string verdict() const;  // why ownership is lost, or ""

  Session& session_;
  const std::string lease_;
  const std::function<void(const std::string&)> lost_;
  const std::shared_ptr<Findings> findings_ = std::make_shared<Findings>();
  std::mutex mutex_;
  std::condition_variable stop_;
  bool is_stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace ostler::zookeeper
