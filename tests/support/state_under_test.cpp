#include "support/state_under_test.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ostler/plugin.hpp>
#include <stdexcept>

namespace ostler::test {

StateUnderTest::StateUnderTest(const std::string& library, const std::string& config)
    : PluginUnderTest(library, config) {
  if (!created().ok()) return;
  table_ = query<ostler_state_t>(OSTLER_STATE_1);
  if (table_ == nullptr) throw std::runtime_error(library + " does not answer to " OSTLER_STATE_1);
  events_.struct_size = sizeof events_;
  events_.ctx = this;
  events_.lost = [](void* ctx, const ostler_error_t* why) {
    auto* test = static_cast<StateUnderTest*>(ctx);
    const std::lock_guard lock(test->mutex_);
    test->lost_ = Status{why->code, why->message, why->where};
    ++test->times_lost_;
    test->changed_.notify_all();
  };
  events_.availability = [](void* ctx, ostler_str_t text) {
    auto* test = static_cast<StateUnderTest*>(ctx);
    const std::lock_guard lock(test->mutex_);
    test->availability_.emplace_back(text.data == nullptr ? "" : std::string(text.data, text.size));
    test->changed_.notify_all();
  };
  table_->watch_owner(self(), &events_);
}

// Before the members that the plugin's threads report to are gone.
StateUnderTest::~StateUnderTest() { stop(); }

Status StateUnderTest::get(const std::string& path, std::string& value, int32_t& version,
                           uint32_t timeout_ms) {
  Collector out;
  ErrorSlot error;
  const Status status = error.status(table_->get(self(), ostler_str_t{path.data(), path.size()}, timeout_ms,
                                                 out.sink(), &version, error.slot()));
  value = out.joined();
  return status;
}

Status StateUnderTest::children(const std::string& path, std::vector<std::string>& names,
                                uint32_t timeout_ms) {
  Collector out;
  ErrorSlot error;
  const Status status = error.status(
      table_->children(self(), ostler_str_t{path.data(), path.size()}, timeout_ms, out.sink(), error.slot()));
  names = out.pieces();
  return status;
}

Status StateUnderTest::get_each(const std::vector<std::string>& paths, std::vector<Answer>& answers,
                                uint32_t timeout_ms, std::function<void(size_t index)> each) {
  std::vector<ostler_str_t> items;
  for (const std::string& path : paths) items.push_back({path.data(), path.size()});
  const ostler_array_t array = {items.data(), static_cast<uint32_t>(items.size()), sizeof(ostler_str_t)};
  struct Taker {
    std::vector<Answer>& answers;
    const std::function<void(size_t)>& each;
  } taker{answers, each};
  answers.clear();
  ostler_state_answers_t out{};
  out.struct_size = sizeof out;
  out.ctx = &taker;
  out.answer = [](void* ctx, uint32_t index, ostler_status_t status, ostler_bytes_t value, int32_t version) {
    Taker& to = *static_cast<Taker*>(ctx);
    EXPECT_EQ(index, to.answers.size());
    to.answers.push_back({status, std::string(plugin::view(value)), version});
    if (to.each) to.each(index);
  };
  ErrorSlot error;
  return error.status(table_->get_each(self(), &array, timeout_ms, &out, error.slot()));
}

Status StateUnderTest::commit(const std::vector<Op>& ops, uint32_t timeout_ms) {
  // A sender with a longer struct than the plugin knows: arrays go by stride.
  struct Longer {
    ostler_state_op_t op;
    uint64_t field_of_a_later_minor;
  };
  std::vector<Longer> items;
  for (const Op& op : ops) {
    items.push_back({{op.type,
                      op.version,
                      {op.path.data(), op.path.size()},
                      {reinterpret_cast<const uint8_t*>(op.value.data()), op.value.size()}},
                     ~0ULL});
  }
  const ostler_array_t array = {items.data(), static_cast<uint32_t>(items.size()), sizeof(Longer)};
  ErrorSlot error;
  return error.status(table_->commit(self(), &array, timeout_ms, error.slot()));
}

ostler_state_limits_t StateUnderTest::limits() {
  ostler_state_limits_t limits{};
  limits.struct_size = sizeof limits;
  table_->limits(self(), &limits);
  return limits;
}

std::string StateUnderTest::value(const std::string& path) {
  std::string value;
  int32_t version = 0;
  const Status status = get(path, value, version);
  if (status.ok()) return value;
  return status.code == OSTLER_NOT_FOUND ? "(none)" : "(" + status.message + ")";
}

std::string StateUnderTest::names(const std::string& path) {
  std::vector<std::string> names;
  const Status status = children(path, names);
  if (!status.ok()) return status.code == OSTLER_NOT_FOUND ? "(none)" : "(" + status.message + ")";
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : " ") + name;
  return joined;
}

std::optional<Status> StateUnderTest::wait_for_lost(uint32_t timeout_ms) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return lost_.has_value(); });
  return lost_;
}

int StateUnderTest::times_lost() {
  const std::lock_guard lock(mutex_);
  return times_lost_;
}

std::optional<std::string> StateUnderTest::wait_for_availability(const std::string& part,
                                                                 uint32_t timeout_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  std::unique_lock lock(mutex_);
  while (true) {
    if (!changed_.wait_until(lock, until, [&] { return !availability_.empty(); })) return std::nullopt;
    const std::string text = availability_.front();
    availability_.pop_front();
    if (part.empty() ? text.empty() : text.find(part) != std::string::npos) return text;
  }
}

}  // namespace ostler::test
