#include "plugins/state_plugin.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

#include "base/log.h"
#include "plugins/sinks.h"

namespace ostler::plugins {
namespace {

// More than any backend takes in one value; what is longer is a plugin gone wrong.
constexpr size_t kMaxValue = 256u << 20;

Error too_large(const std::string& plugin, std::string_view path) {
  return {Code::kResourceExhausted,
          "plugin '" + plugin + "': the value of " + std::string(path) + " is larger than 256 MiB",
          {}};
}

// What a plugin answers in one get_each(): in order, or it is not listened to.
struct Answers {
  const std::function<void(size_t, std::string_view value)>& found;
  const size_t begin, end;
  size_t next = begin;
  bool is_out_of_order = false, is_over = false;

  void take(uint32_t index, ostler_status_t status, ostler_bytes_t value) {
    is_out_of_order |= begin + index != next || next == end;
    is_over |= value.size > kMaxValue;
    if (is_out_of_order || is_over) return;
    if (status == OSTLER_OK) found(next, view(value));
    ++next;
  }
};

}  // namespace

struct StatePlugin::Owner {
  ostler_state_owner_events_t events{};
  std::string plugin;
  std::atomic<bool> is_lost{false};
  mutable std::mutex mutex;
  std::function<void(const Error&)> on_lost;  // both empty once the StatePlugin is gone
  std::function<void(const std::string&)> on_availability;
  Error why{Code::kFailedPrecondition, {}, {}};
  std::string availability;

  static Owner& make() {
    static std::mutex all_mutex;
    static auto& all = *new std::vector<std::unique_ptr<Owner>>;
    const std::lock_guard lock(all_mutex);
    all.push_back(std::make_unique<Owner>());
    return *all.back();
  }

  void lost(const ostler_error_t* error) {
    std::function<void(const Error&)> tell;
    Error told;
    {
      const std::lock_guard lock(mutex);
      if (is_lost) return;
      std::string text;
      if (error != nullptr) text.assign(error->message, ::strnlen(error->message, sizeof error->message));
      why.message = "plugin '" + plugin + "': this process does not own the state any more: " +
                    (text.empty() ? "it left no message" : text);
      is_lost = true;
      told = why;
      tell = on_lost;
    }
    log::error(told.message);
    if (tell) tell(told);
  }

  void available(std::string_view text) {
    std::function<void(const std::string&)> tell;
    {
      const std::lock_guard lock(mutex);
      if (availability == text) return;
      availability = text;
      tell = on_availability;
    }
    if (tell) tell(std::string(text));
    if (text.empty()) {
      log::info("plugin '" + plugin + "': the state is available again");
    } else {
      log::warning("plugin '" + plugin + "': " + std::string(text));
    }
  }
};

StatePlugin::StatePlugin(Instance& instance, std::chrono::milliseconds timeout,
                         std::function<void(const Error&)> on_lost,
                         std::function<void(const std::string&)> on_availability)
    : instance_(instance), timeout_(timeout), owner_(Owner::make()) {
  owner_.plugin = instance.name();
  owner_.on_lost = std::move(on_lost);
  owner_.on_availability = std::move(on_availability);
  owner_.events.struct_size = sizeof owner_.events;
  owner_.events.ctx = &owner_;
  owner_.events.lost = [](void* ctx, const ostler_error_t* why) { static_cast<Owner*>(ctx)->lost(why); };
  owner_.events.availability = [](void* ctx, ostler_str_t text) {
    static_cast<Owner*>(ctx)->available(view(text));
  };
  const Result<void> done = instance.call("watch_owner", timeout, [&](ostler_error_t*) {
    instance_.table<ostler_state_t>().watch_owner(instance_.self(), &owner_.events);
    return OSTLER_OK;
  });
  if (!done.ok()) log::error(done.error().message);
}

StatePlugin::~StatePlugin() {
  const std::lock_guard lock(owner_.mutex);
  owner_.on_lost = {};
  owner_.on_availability = {};
}

Result<void> StatePlugin::fence() const {
  if (!owner_.is_lost) return {};
  const std::lock_guard lock(owner_.mutex);
  return owner_.why;
}

Result<std::string> StatePlugin::get(std::string_view path) {
  if (Result<void> owned = fence(); !owned.ok()) return owned.error();
  TextSink value(kMaxValue);
  int32_t version = 0;
  const Result<void> done = instance_.call("get", timeout_, [&](ostler_error_t* error) {
    return instance_.table<ostler_state_t>().get(
        instance_.self(), str(path), static_cast<uint32_t>(timeout_.count()), value.get(), &version, error);
  });
  if (!done.ok()) return done.error();
  if (value.is_over()) return too_large(instance_.name(), path);
  return value.take();
}

Result<void> StatePlugin::get_each(const std::vector<std::string>& paths,
                                   const std::function<void(size_t, std::string_view value)>& found) {
  const auto& table = instance_.table<ostler_state_t>();
  if (!OSTLER_HAS(&table, ostler_state_t, get_each) || table.get_each == nullptr)
    return StateTree::get_each(paths, found);
  constexpr size_t kAtOnce = 4096;  // so that one call is done well within its timeout
  for (size_t begin = 0; begin < paths.size();) {
    if (Result<void> owned = fence(); !owned.ok()) return owned;
    const size_t end = std::min(paths.size(), begin + kAtOnce);
    std::vector<ostler_str_t> flat(end - begin);
    std::transform(paths.begin() + static_cast<ptrdiff_t>(begin), paths.begin() + static_cast<ptrdiff_t>(end),
                   flat.begin(), [](const std::string& path) { return str(path); });
    const ostler_array_t array = {flat.data(), static_cast<uint32_t>(flat.size()), sizeof(ostler_str_t)};
    Answers answers{found, begin, end};
    ostler_state_answers_t taker{};
    taker.struct_size = sizeof taker;
    taker.ctx = &answers;
    taker.answer = [](void* ctx, uint32_t index, ostler_status_t status, ostler_bytes_t value, int32_t) {
      static_cast<Answers*>(ctx)->take(index, status, value);
    };
    const Result<void> done = instance_.call("get_each", timeout_, [&](ostler_error_t* error) {
      return table.get_each(instance_.self(), &array, static_cast<uint32_t>(timeout_.count()), &taker, error);
    });
    if (answers.is_over) return too_large(instance_.name(), paths[answers.next]);
    if (answers.is_out_of_order || (done.ok() && answers.next != end))
      return Error{Code::kInternal,
                   "plugin '" + instance_.name() + "': get_each() did not answer one path after the other",
                   {}};
    // A backend that is slow gets as many calls as it needs, while it answers at all.
    if (!done.ok() && (done.error().code != Code::kUnavailable || answers.next == begin)) return done;
    begin = answers.next;
  }
  return {};
}

Result<std::vector<std::string>> StatePlugin::children(std::string_view path) {
  if (Result<void> owned = fence(); !owned.ok()) return owned.error();
  ListSink names(kMaxValue);
  const Result<void> done = instance_.call("children", timeout_, [&](ostler_error_t* error) {
    return instance_.table<ostler_state_t>().children(
        instance_.self(), str(path), static_cast<uint32_t>(timeout_.count()), names.get(), error);
  });
  if (!done.ok()) return done.error();
  if (names.is_over())
    return Error{Code::kResourceExhausted,
                 "plugin '" + instance_.name() + "': " + std::string(path) + " has too many children",
                 {}};
  std::vector<std::string> sorted = names.take();
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

Result<void> StatePlugin::commit(const std::vector<core::StoreOp>& ops) {
  if (Result<void> owned = fence(); !owned.ok()) return owned;
  std::vector<ostler_state_op_t> flat;
  flat.reserve(ops.size());
  for (const core::StoreOp& op : ops) {
    flat.push_back({op.type == core::StoreOp::Type::kPut ? OSTLER_OP_PUT : OSTLER_OP_DELETE,
                    OSTLER_ANY_VERSION,
                    str(op.path),
                    {reinterpret_cast<const uint8_t*>(op.value.data()), op.value.size()}});
  }
  const ostler_array_t array = {flat.data(), static_cast<uint32_t>(flat.size()), sizeof(ostler_state_op_t)};
  return instance_.call("commit", timeout_, [&](ostler_error_t* error) {
    return instance_.table<ostler_state_t>().commit(instance_.self(), &array,
                                                    static_cast<uint32_t>(timeout_.count()), error);
  });
}

core::StateTree::Limits StatePlugin::limits() const {
  ostler_state_limits_t limits{};
  limits.struct_size = sizeof limits;
  const Result<void> done = instance_.call("limits", timeout_, [&](ostler_error_t*) {
    instance_.table<ostler_state_t>().limits(instance_.self(), &limits);
    return OSTLER_OK;
  });
  if (!done.ok()) return {};
  return {limits.max_value_bytes, limits.max_commit_bytes};
}

bool StatePlugin::is_owner() const { return !owner_.is_lost; }

std::string StatePlugin::availability() const {
  const std::lock_guard lock(owner_.mutex);
  return owner_.is_lost ? owner_.why.message : owner_.availability;
}

}  // namespace ostler::plugins
