#include "state.h"

#include <algorithm>
#include <utility>

#include "pipeline.h"
#include "support/state_checks.h"
#include "support/text.h"

namespace ostler::zookeeper {
namespace {

using plugin::Error;
using support::Deadline;
using support::quote;

// A server drops the connection over a request of more than jute.maxbuffer, by default
// 1,048,575 bytes, and that looks like a lost connection: stay clear of it.
constexpr uint64_t kMaxCommitBytes = 900000;
constexpr uint64_t kMaxRequestBytes = 1000000;
constexpr uint64_t kMaxValueBytes = kMaxCommitBytes - support::kMaxPathBytes;

// Whether an operation failed because a node is there, is not, or has another version.
bool is_about_a_node(int rc) {
  return rc == ZNONODE || rc == ZNODEEXISTS || rc == ZNOTEMPTY || rc == ZBADVERSION ||
         rc == ZNOCHILDRENFOREPHEMERALS;
}

}  // namespace

ZookeeperState::ZookeeperState(plugin::Host host, std::string_view config)
    : host_(host), settings_(parse_settings(config)) {}

std::string ZookeeperState::full(std::string_view path) const {
  return path == "/" ? settings_.root : settings_.root + std::string(path);
}

void ZookeeperState::start(uint32_t timeout_ms) {
  const Deadline deadline(timeout_ms);
  try {
    session_ =
        std::make_unique<Session>(settings_, host_,
                                  Session::Events{[this](const std::string& text) {
                                                    if (events_ != nullptr)
                                                      events_->availability(events_->ctx, plugin::str(text));
                                                  },
                                                  [this](const std::string& why) { lose(why); }});
    session_->connect(deadline);
    lease_ = take_lock(*session_, settings_, host_, deadline);
    if (!session_->sync(lease_.path)->wait(deadline).ok())
      throw Error(OSTLER_UNAVAILABLE, session_->trouble());
    fence_ = std::make_unique<Fence>(*session_, lease_.path, [this](const std::string& why) { lose(why); });
    const std::lock_guard lock(ownership_mutex_);
    if (!lost_.empty()) throw Error(OSTLER_UNAVAILABLE, lost_ + " before the state could be used");
    is_owner_ = true;
  } catch (...) {
    const bool has_ended = session_ != nullptr && session_->has_ended();
    fence_.reset();
    session_.reset();
    const std::string why =
        std::exchange(lost_, {});  // their threads are gone; the next start() is another try
    if (has_ended) throw Error(OSTLER_UNAVAILABLE, why + " before the state could be used");
    throw;
  }
}

void ZookeeperState::stop(uint32_t timeout_ms) noexcept {
  fence_.reset();
  // The end of the session frees the lock too, but later by what the server takes to
  // see it; a successor is often waiting already.
  if (!session_->has_ended())
    session_->remove(lease_.path)->wait(Deadline(std::min<uint32_t>(timeout_ms, 1000)));
  session_.reset();
}

// From any thread. The host hears of it once, and only if it ever was the owner.
void ZookeeperState::lose(const std::string& why) {
  {
    const std::lock_guard lock(ownership_mutex_);
    if (!lost_.empty()) return;
    lost_ = why;
    if (!is_owner_ || events_ == nullptr) return;
  }
  ostler_error_t error{};
  error.struct_size = sizeof error;
  ostler_fail(&error, OSTLER_FAILED_PRECONDITION, "", "%s", why.c_str());
  events_->lost(events_->ctx, &error);
}

void ZookeeperState::throw_if_lost() {
  const std::lock_guard lock(ownership_mutex_);
  if (!lost_.empty()) throw Error(OSTLER_FAILED_PRECONDITION, lost_);
}

// Notes what an answer tells of the node; false: there is none.
bool ZookeeperState::note(std::string_view path, const Reply& reply) {
  if (reply.rc == ZNONODE) {
    known_.missed(path);
    return false;
  }
  if (!reply.ok()) fail(*session_, reply, full(path));
  known_.found(path, reply.child_count);
  return true;
}

std::pair<std::string, int32_t> ZookeeperState::get(std::string_view path, uint32_t timeout_ms) {
  support::check_path(path);
  throw_if_lost();
  Reply reply = retried(*session_, Deadline(timeout_ms), [&] { return session_->get(full(path)); });
  if (!note(path, reply)) throw Error(OSTLER_NOT_FOUND, "there is no node " + quote(path), std::string(path));
  return {std::move(reply.text), reply.version};
}

void ZookeeperState::get_each(const ostler_array_t& paths, uint32_t timeout_ms,
                              const ostler_state_answers_t& answers) {
  const auto path = [&](size_t i) { return plugin::view(*OSTLER_AT(ostler_str_t, paths, i)); };
  for (uint32_t i = 0; i < paths.count; ++i) support::check_path(path(i));
  throw_if_lost();
  ask_each(
      *session_, Deadline(timeout_ms), paths.count, [&](size_t i) { return session_->get(full(path(i))); },
      [&](size_t i, Reply&& reply) {
        const ostler_status_t status = note(path(i), reply) ? OSTLER_OK : OSTLER_NOT_FOUND;
        answers.answer(answers.ctx, static_cast<uint32_t>(i), status, plugin::bytes(reply.text),
                       reply.version);
      });
}

std::vector<std::string> ZookeeperState::children(std::string_view path, uint32_t timeout_ms) {
  support::check_path(path);
  throw_if_lost();
  Reply reply = retried(*session_, Deadline(timeout_ms), [&] { return session_->children(full(path)); });
  if (!note_children(path, reply))
    throw Error(OSTLER_NOT_FOUND, "there is no node " + quote(path), std::string(path));
  std::sort(reply.names.begin(), reply.names.end());
  return std::move(reply.names);
}

// The same of an answer with names, which loses what is not the host's.
bool ZookeeperState::note_children(std::string_view path, Reply& reply) {
  if (path == "/") std::erase(reply.names, "lock");
  if (!note(path, reply)) return false;
  known_.found_children(path, reply.names);
  return true;
}

// Asks until the plan needs to know no more: once for where it writes, and once for each
// level of what it deletes.
CommitPlan ZookeeperState::plan(const ostler_array_t& ops, const Deadline& deadline) {
  while (true) {
    CommitPlan plan = plan_commit(ops, known_, settings_.root.size());
    if (plan.ask.empty() && plan.ask_children.empty()) return plan;
    ask_each(
        *session_, deadline, plan.ask.size(), [&](size_t i) { return session_->exists(full(plan.ask[i])); },
        [&](size_t i, const Reply& reply) { note(plan.ask[i], reply); });
    ask_each(
        *session_, deadline, plan.ask_children.size(),
        [&](size_t i) { return session_->children(full(plan.ask_children[i])); },
        [&](size_t i, Reply&& reply) { note_children(plan.ask_children[i], reply); });
  }
}

void ZookeeperState::commit(const ostler_array_t& ops, uint32_t timeout_ms) {
  const Deadline deadline(timeout_ms);
  ostler_state_limits_t most{};
  limits(most);
  support::check_ops(ops, most);
  throw_if_lost();
  if (undecided_) was_carried_out(deadline);
  constexpr int kTries = 3;
  for (int tries = 0; tries < kTries; ++tries) {
    if (try_commit(ops, deadline)) return;
    known_.forget();
  }
  throw Error(OSTLER_UNAVAILABLE, "somebody else changes the nodes below " + quote(settings_.root, 300) +
                                      "; nothing was written");
}

bool ZookeeperState::try_commit(const ostler_array_t& ops, const Deadline& deadline) {
  const CommitPlan plan = this->plan(ops, deadline);
  if (plan.bytes > kMaxRequestBytes)
    throw Error(OSTLER_RESOURCE_EXHAUSTED,
                "the commit takes " + std::to_string(plan.ops.size()) + " operations with " +
                    std::to_string(plan.bytes) + " bytes in ZooKeeper, at most " +
                    std::to_string(kMaxRequestBytes) + " fit; split it, and delete large subtrees in parts");
  Reply reply = send(plan, deadline);
  while (reply.is_undecided() || reply.rc == ZSESSIONEXPIRED) {
    undecided_ = plan.changes;
    if (was_carried_out(deadline)) return true;
    reply = send(plan, deadline);
  }
  if (reply.ok()) {
    ++lease_.version;
    known_.changed(plan.changes);
    return true;
  }
  const auto failed =
      std::find_if(reply.results.begin(), reply.results.end(), [](int result) { return result != ZOK; });
  if (failed == reply.results.end() || reply.rc == ZNOAUTH) fail(*session_, reply, settings_.root);
  const auto position = static_cast<size_t>(failed - reply.results.begin());  // 0: the lease
  if (!is_about_a_node(*failed)) {
    // Nobody interfered; the ensemble does not take this write, or not now.
    reply.rc = *failed;
    fail(*session_, reply, position == 0 ? lease_.path : full(plan.ops[position - 1].path));
  }
  if (position == 0) {
    lose("the lock node " + quote(lease_.path, 300) + " was removed or changed by somebody else");
    throw_if_lost();
  }
  const PlannedOp& planned = plan.ops[position - 1];
  const int rc = *failed;
  const bool parent_is_missing = planned.kind == PlannedOp::Kind::kCreate && rc == ZNONODE;
  const bool has_children = planned.kind == PlannedOp::Kind::kDelete && rc != ZBADVERSION;
  if (!planned.is_its_own || parent_is_missing || has_children) return false;
  refuse(*OSTLER_AT(ostler_state_op_t, ops, planned.source), planned, rc);
}

// The set of the lease comes first: it fails when the lease is gone, and its expected
// version lets no multi be carried out twice.
Reply ZookeeperState::send(const CommitPlan& plan, const Deadline& deadline) {
  std::vector<std::string> paths(plan.ops.size());
  std::vector<zoo_op_t> ops(plan.ops.size() + 1);
  zoo_set_op_init(&ops[0], lease_.path.c_str(), lease_.identity.data(),
                  static_cast<int>(lease_.identity.size()), lease_.version, nullptr);
  for (size_t i = 0; i < plan.ops.size(); ++i) {
    const PlannedOp& planned = plan.ops[i];
    zoo_op_t* op = &ops[i + 1];
    paths[i] = full(planned.path);
    const char* path = paths[i].c_str();
    const char* value = planned.value.empty() ? "" : planned.value.data();
    const int size = static_cast<int>(planned.value.size());
    switch (planned.kind) {
      case PlannedOp::Kind::kCreate:
        zoo_create_op_init(op, path, value, size, &session_->acl(), ZOO_PERSISTENT, nullptr, 0);
        break;
      case PlannedOp::Kind::kSet:
        zoo_set_op_init(op, path, value, size, planned.version, nullptr);
        break;
      case PlannedOp::Kind::kDelete:
        zoo_delete_op_init(op, path, planned.version);
        break;
      case PlannedOp::Kind::kCheck:
        zoo_check_op_init(op, path, planned.version);
        break;
    }
  }
  return session_->multi(std::move(ops))->wait(deadline);
}

bool ZookeeperState::was_carried_out(const Deadline& deadline) {
  // The sync brings the server that we are connected to now up to everything that was
  // decided before, the multi included.
  Reply reply;
  try {
    do {
      reply = retried(*session_, deadline, [&] { return session_->sync(lease_.path); });
      if (reply.ok()) reply = session_->exists(lease_.path)->wait(deadline);
    } while (reply.is_undecided() && !deadline.passed() && !session_->has_ended());
    if (!reply.ok() && reply.rc != ZNONODE) fail(*session_, reply, lease_.path);
  } catch (const Error& e) {
    // Ownership may be gone, but whether the multi was done first is not known.
    throw Error(OSTLER_UNAVAILABLE,
                std::string(e.what()) + "; whether the last commit was done is not known");
  }
  if (reply.rc == ZNONODE) {
    lose("the lock node " + quote(lease_.path, 300) + " was removed");
    throw Error(OSTLER_UNAVAILABLE, "the lock was lost; whether the last commit was done is not known");
  }
  const NodeChanges changes = *std::exchange(undecided_, std::nullopt);
  if (reply.version == lease_.version) return false;
  lease_.version = reply.version;
  known_.changed(changes);
  return true;
}

void ZookeeperState::refuse(const ostler_state_op_t& op, const PlannedOp& planned, int rc) {
  const std::string node = quote(plugin::view(op.path));
  if (rc == ZNODEEXISTS) throw Error(OSTLER_ALREADY_EXISTS, "the node " + node + " exists already");
  if (rc == ZNONODE && planned.kind == PlannedOp::Kind::kCheck)
    throw Error(OSTLER_ABORTED, "there is no node " + node + " to check");
  if (rc == ZNONODE) throw Error(OSTLER_NOT_FOUND, "there is no node " + node);
  if (rc == ZBADVERSION)
    throw Error(OSTLER_ABORTED,
                "the node " + node + " has another version than the expected " + std::to_string(op.version));
  throw Error(OSTLER_UNAVAILABLE, "ZooKeeper refused to change " + node + ": '" + zerror(rc) + "'");
}

void ZookeeperState::limits(ostler_state_limits_t& limits) noexcept {
  limits.max_value_bytes = kMaxValueBytes;
  limits.max_commit_bytes = kMaxCommitBytes;
}

}  // namespace ostler::zookeeper
