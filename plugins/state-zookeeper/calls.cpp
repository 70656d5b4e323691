#include "calls.h"

namespace ostler::zookeeper {

Reply Call::wait(const support::Deadline& deadline) {
  std::unique_lock lock(mutex_);
  if (!done_.wait_until(lock, deadline.at(), [this] { return is_done_; })) return Reply{};
  return std::move(reply_);
}

void Call::complete(const std::function<void(Reply&)>& fill) noexcept {
  Reply reply;
  try {
    fill(reply);
    if (observer) observer(reply);
  } catch (...) {
    reply.rc = ZSYSTEMERROR;  // no memory for the answer
  }
  const std::lock_guard lock(mutex_);
  reply_ = std::move(reply);
  is_done_ = true;
  done_.notify_all();
}

namespace completion {
namespace {

CallRef take(const void* context) {
  const std::unique_ptr<const CallRef> owned(static_cast<const CallRef*>(context));
  return *owned;
}

void keep(Reply& reply, int rc, const Stat* stat) {
  reply.rc = rc;
  if (rc != ZOK || stat == nullptr) return;
  reply.version = stat->version;
  reply.child_count = stat->numChildren;
  reply.ephemeral_owner = stat->ephemeralOwner;
}

}  // namespace

const void* context(const CallRef& call) { return new CallRef(call); }

void on_void(int rc, const void* context) {
  const CallRef call = take(context);
  call->complete([&](Reply& reply) {
    reply.rc = rc;
    for (const zoo_op_result_t& result : call->op_results) reply.results.push_back(result.err);
  });
}

void on_stat(int rc, const Stat* stat, const void* context) {
  take(context)->complete([&](Reply& reply) { keep(reply, rc, stat); });
}

void on_data(int rc, const char* data, int size, const Stat* stat, const void* context) {
  take(context)->complete([&](Reply& reply) {
    keep(reply, rc, stat);
    if (rc == ZOK && size > 0) reply.text.assign(data, static_cast<size_t>(size));
  });
}

void on_names(int rc, const String_vector* names, const Stat* stat, const void* context) {
  take(context)->complete([&](Reply& reply) {
    keep(reply, rc, stat);
    if (rc != ZOK || names == nullptr) return;
    reply.names.assign(names->data, names->data + names->count);
  });
}

void on_text(int rc, const char* text, const void* context) {
  take(context)->complete([&](Reply& reply) {
    reply.rc = rc;
    if (rc == ZOK && text != nullptr) reply.text = text;
  });
}

}  // namespace completion
}  // namespace ostler::zookeeper
