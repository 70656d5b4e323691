#include "tree_reader.h"

#include "support/state_checks.h"

namespace ostler::zookeeper {
namespace {

constexpr size_t kMostAsked = 256;
// Of values: 10,000 tasks have some 60 MB.
constexpr size_t kMostValueBytes = size_t{64} << 20;

}  // namespace

TreeReader::TreeReader(Requests requests) : requests_(std::move(requests)) {
  refusal_.rc = ZOK;
  to_ask_.push_back({"/", true});
}

void TreeReader::ask(Question& question) {
  question.call = question.is_for_names ? requests_.children(question.path) : requests_.get(question.path);
}

void TreeReader::ask_again() {
  while (!asked_.empty()) {
    to_ask_.push_front(std::move(asked_.back()));
    asked_.pop_back();
  }
}

bool TreeReader::run(const support::Deadline& deadline) {
  while (!to_ask_.empty() || !asked_.empty()) {
    while (!to_ask_.empty() && asked_.size() < kMostAsked) {
      asked_.push_back(std::move(to_ask_.front()));
      to_ask_.pop_front();
      ask(asked_.back());
    }
    Question& question = asked_.front();
    Reply reply = question.call->wait(deadline);
    if (reply.is_undecided()) {
      // Our own patience ended, and the answer may still come; or the connection is lost,
      // and with it the answers to all of them.
      if (reply.rc != ZOPERATIONTIMEOUT) ask_again();
      if (deadline.passed() || !requests_.reconnect(deadline)) return false;
      continue;
    }
    if (!reply.ok() && reply.rc != ZNONODE) {
      refusal_ = std::move(reply);
      refused_path_ = question.path;
      return false;
    }
    // Removed by somebody meanwhile: as if it had never been.
    if (reply.ok()) take(question, std::move(reply));
    asked_.pop_front();
  }
  return true;
}

// A value comes with the number of children, so only nodes that have some are asked for
// their names.
void TreeReader::take(const Question& question, Reply&& reply) {
  const std::string& path = question.path;
  if (question.is_for_names) {
    for (const std::string& name : reply.names)
      if (path != "/" || name != "lock") to_ask_.push_back({support::below(path) + name, false});
    return;
  }
  nodes_.insert(path);
  if (reply.child_count > 0) to_ask_.push_front({path, true});
  if (value_bytes_ + reply.text.size() > kMostValueBytes) return;
  value_bytes_ += reply.text.size();
  values_.emplace(path, std::pair(std::move(reply.text), reply.version));
}

}  // namespace ostler::zookeeper
