// Reads the whole tree at the start: which nodes there are, and their values.
//
// It keeps a number of questions under way, and can stop at a deadline and go on where it
// stopped: a large tree takes longer than one start() may.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "calls.h"
#include "commit_plan.h"
#include "support/text.h"

namespace ostler::zookeeper {

class TreeReader {
 public:
  struct Requests {
    std::function<CallRef(const std::string&path)> get, children;
    // After an answer that did not come: waits for the connection, at most until the
    // deadline. False when the session is beyond help.
    std::function<bool(const support::Deadline&)> reconnect;
  };
  using Values = std::map<std::string, std::pair<std::string, int32_t>, std::less<>>;

  explicit TreeReader(Requests requests);

  // True when all is read, false at the deadline or when the session has ended. Any other
  // refusal of the server ends it too: refusal() is the answer, refused_path() the node.
  bool run(const support::Deadline& deadline);
  const Reply* refusal() const { return refusal_.ok() ? nullptr : &refusal_; }
  const std::string& refused_path() const { return refused_path_; }

  size_t count() const { return nodes_.size(); }
  KnownNodes take_nodes() { return std::move(nodes_); }
  // Up to 64 MiB of values; the others have to be asked for.
  Values take_values() { return std::move(values_); }

 private:
  struct Question {
    std::string path;
    bool is_for_names = false;
    CallRef call = nullptr;
  };
  void ask(Question& question);
  void ask_again();  // all that is under way
  void take(const Question& question, Reply&& reply);

  const Requests requests_;
  std::deque<Question> to_ask_, asked_;
  KnownNodes nodes_;
  Values values_;
  size_t value_bytes_ = 0;
  Reply refusal_;
  std::string refused_path_;
};

}  // namespace ostler::zookeeper
