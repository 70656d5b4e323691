#include "commit_plan.h"

#include <optional>
#include <ostler/plugin.hpp>
#include <set>

#include "support/state_checks.h"

namespace ostler::zookeeper {
namespace {

// What one operation adds to the request besides path and value: headers, and the
// rights of a node that is created.
constexpr uint64_t kCreateBytes = 80;
constexpr uint64_t kOtherBytes = 32;

class Planner {
 public:
  Planner(const KnownNodes& known, size_t root_bytes) : known_(known), root_bytes_(root_bytes) {}

  void add(const ostler_state_op_t& op, uint32_t source) {
    source_ = source;
    const std::string path(plugin::view(op.path));
    const std::string_view value = plugin::view(op.value);
    switch (op.type) {
      case OSTLER_OP_CREATE:
        create(path, value, true);
        break;
      case OSTLER_OP_SET:
        emit(PlannedOp::Kind::kSet, path, value, op.version, true);
        break;
      case OSTLER_OP_DELETE:
        remove(path, op.version);
        break;
      case OSTLER_OP_CHECK:
        emit(PlannedOp::Kind::kCheck, path, {}, op.version, true);
        break;
      default:  // OSTLER_OP_PUT: types are checked
        if (exists(path)) {
          emit(PlannedOp::Kind::kSet, path, value, OSTLER_ANY_VERSION, false);
        } else {
          create(path, value, false);
        }
    }
  }

  CommitPlan take() { return std::move(plan_); }

 private:
  bool exists(std::string_view path) {
    if (const auto changed = plan_.changes.find(path); changed != plan_.changes.end()) return changed->second;
    const std::optional<bool> known = known_.exists(path);
    if (!known) plan_.ask.emplace_back(path);
    return known.value_or(false);
  }

  void emit(PlannedOp::Kind kind, const std::string& path, std::string_view value, int32_t version,
            bool is_its_own) {
    plan_.bytes += root_bytes_ + path.size() + value.size() +
                   (kind == PlannedOp::Kind::kCreate ? kCreateBytes : kOtherBytes);
    plan_.ops.push_back({kind, path, value, version, source_, is_its_own});
  }

  void create(const std::string& path, std::string_view value, bool is_its_own) {
    if (path != "/") {
      const std::string parent(support::parent_of(path));
      if (!exists(parent)) create(parent, {}, false);
    }
    emit(PlannedOp::Kind::kCreate, path, value, OSTLER_ANY_VERSION, is_its_own);
    plan_.changes[path] = true;
  }

  void remove(const std::string& path, int32_t version) {
    const auto changed = plan_.changes.find(path);
    const std::optional<bool> known =
        changed != plan_.changes.end() ? std::optional(changed->second) : known_.exists(path);
    if (!known) plan_.ask_children.push_back(path);
    if (!known.value_or(false)) return;
    const std::set<std::string> below = all_below(path);
    // Descending: whatever lies below a node comes before it.
    for (auto node = below.rbegin(); node != below.rend(); ++node) remove_one(*node, OSTLER_ANY_VERSION);
    if (path == "/") {  // the root always exists
      emit(PlannedOp::Kind::kSet, path, {}, version, true);
    } else {
      remove_one(path, version);
    }
  }

  void remove_one(const std::string& path, int32_t version) {
    emit(PlannedOp::Kind::kDelete, path, {}, version, version != OSTLER_ANY_VERSION);
    plan_.changes[path] = false;
  }

  std::set<std::string> all_below(std::string_view path) {
    std::set<std::string> nodes;
    if (known_.exists(path).value_or(false)) {  // else it is this commit's, with all below it
      const auto known = known_.below(path, plan_.ask_children);
      if (known) nodes.insert(known->begin(), known->end());
    }
    const std::string first = support::below(path);
    std::string last = first;
    last.back() = '/' + 1;
    const auto end = plan_.changes.lower_bound(last);
    for (auto change = plan_.changes.lower_bound(first); change != end; ++change) {
      if (change->second) {
        nodes.insert(change->first);
      } else {
        nodes.erase(change->first);
      }
    }
    return nodes;
  }

  const KnownNodes& known_;
  const size_t root_bytes_;
  uint32_t source_ = 0;
  CommitPlan plan_;
};

}  // namespace

CommitPlan plan_commit(const ostler_array_t& ops, const KnownNodes& known, size_t root_bytes) {
  Planner planner(known, root_bytes);
  for (uint32_t i = 0; i < ops.count; ++i) planner.add(*OSTLER_AT(ostler_state_op_t, ops, i), i);
  return planner.take();
}

}  // namespace ostler::zookeeper
