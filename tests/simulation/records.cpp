#include "simulation/records.h"

namespace ostler::simulation {
namespace {

namespace change = core::change;

// Takes a change that is kept as a value; false for all others.
struct Keep {
  Kept& kept;
  bool operator()(const change::PutConfig& c) const {
    kept.configs[c.id] = c.spec;
    return true;
  }
  bool operator()(const change::DeleteConfig& c) const {
    kept.configs.erase(c.id);
    return true;
  }
  bool operator()(const change::PutTarget& c) const {
    kept.target_config = c.config_id;
    return true;
  }
  bool operator()(const change::PutLaunch& c) const {
    kept.tasks()[c.task].launch = c.launch;
    return true;
  }
  bool operator()(const change::PutStatus& c) const {
    kept.tasks()[c.task].status = c.status;
    return true;
  }
  bool operator()(const change::PutGoalOverride& c) const {
    kept.tasks()[c.task].goal = c.goal;
    return true;
  }
  bool operator()(const change::PutBackoff& c) const {
    kept.tasks()[c.task].backoff = c.backoff;
    return true;
  }
  bool operator()(const change::DeleteTask& c) const {
    kept.erase(c.task);
    return true;
  }
  template <typename Other>
  bool operator()(const Other&) const {
    return false;
  }
};

// About what its JSON has.
uint64_t size_of(const core::Change& one) {
  if (std::holds_alternative<change::PutLaunch>(one)) return 5000;
  if (std::holds_alternative<change::PutConfig>(one)) return 3000;
  return 400;
}

}  // namespace

Result<void> Records::commit(const std::vector<const core::Change*>& changes) {
  return session_.commit_with([&] {
    std::vector<core::StoreOp> ops;
    for (const core::Change* one : changes) {
      if (std::visit(Keep{store_.kept}, *one)) continue;
      for (core::StoreOp& op : store::encode(*one)) ops.push_back(std::move(op));
    }
    store_.apply(ops);
  });
}

Result<void> Records::apply(store::ServiceStore::Groups groups) {
  if (is_exact_) return exact_.apply(groups);
  const uint64_t limit = session_.limits().max_commit_bytes;
  std::vector<const core::Change*> batch;
  uint64_t batch_bytes = 0;
  for (const std::vector<core::Change>& group : groups) {
    uint64_t bytes = 0;
    for (const core::Change& one : group) bytes += size_of(one);
    if (limit != 0 && bytes > limit)
      return Error{Code::kResourceExhausted, "one change is more than the state takes at once", {}};
    if (limit != 0 && !batch.empty() && batch_bytes + bytes > limit) {
      if (Result<void> stored = commit(batch); !stored.ok()) return stored;
      batch.clear();
      batch_bytes = 0;
    }
    batch_bytes += bytes;
    for (const core::Change& one : group) batch.push_back(&one);
  }
  return batch.empty() ? Result<void>() : commit(batch);
}

Result<core::StoredState> Records::load(const std::string& service_name) {
  Result<core::StoredState> state = exact_.load(service_name);
  if (!state.ok() || is_exact_) return state;
  state->configs = store_.kept.configs;
  state->target_config = store_.kept.target_config;
  state->tasks = store_.kept.tasks();
  return state;
}

}  // namespace ostler::simulation
