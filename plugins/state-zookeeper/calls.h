// One request to ZooKeeper and its answer.
//
// A request is shared by the thread that waits for it and the client's completion
// thread, so the waiter may give up at its deadline and the answer may still come.
#pragma once

#include <zookeeper/zookeeper.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/text.h"

namespace ostler::zookeeper {

struct Reply {
  int rc = ZOPERATIONTIMEOUT;
  std::string text;                // a node's data, or the path that was created
  std::vector<std::string> names;  // of children
  std::vector<int> results;        // of the operations of a multi
  int32_t version = 0;
  int32_t child_count = 0;
  int64_t ephemeral_owner = 0;

  bool ok() const { return rc == ZOK; }
  // Whether nobody knows if the request was carried out.
  bool is_undecided() const {
    return rc == ZCONNECTIONLOSS || rc == ZOPERATIONTIMEOUT || rc == ZSESSIONMOVED || rc == ZCLOSING;
  }
};

class Call {
 public:
  // The answer, or one with rc ZOPERATIONTIMEOUT when it has not come by `deadline`.
  Reply wait(const support::Deadline& deadline);

  // For the client's side: fills the reply and wakes the waiter. `observer` was set
  // before the request was sent and runs on the completion thread.
  void complete(const std::function<void(Reply&)>& fill) noexcept;
  std::function<void(const Reply&)> observer;

  // What has to live until the answer has come.
  std::vector<zoo_op_t> ops;
  std::vector<zoo_op_result_t> op_results;

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  bool is_done_ = false;
  Reply reply_;
};
using CallRef = std::shared_ptr<Call>;

// The client's completions. `context` is a CallRef* that they own and delete.
namespace completion {
const void* context(const CallRef& call);
void on_void(int rc, const void* context);
void on_stat(int rc, const Stat* stat, const void* context);
void on_data(int rc, const char* data, int size, const Stat* stat, const void* context);
void on_names(int rc, const String_vector* names, const Stat* stat, const void* context);
void on_text(int rc, const char* text, const void* context);
}  // namespace completion

}  // namespace ostler::zookeeper
