#include "store/service_store.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/log.h"
#include "mesos/codec.h"
#include "spec/spec_json.h"
#include "store/launch_json.h"
#include "store/plan_control_json.h"

namespace ostler::store {
namespace {

using core::StoreOp;
namespace change = core::change;

constexpr std::string_view kPaused = "PAUSED";
// Groups share a commit up to this: a ZooKeeper server keeps its last 500 in memory, and
// with commits as large as it takes that alone would be 450 MB.
constexpr uint64_t kEnoughBytes = 128 * 1024;
constexpr std::string_view kSchemaVersion = "1";  // single-service, the SDK's number

StoreOp put(std::string path, std::string value) {
  return {StoreOp::Type::kPut, std::move(path), std::move(value)};
}
StoreOp drop(std::string path) { return {StoreOp::Type::kDelete, std::move(path), {}}; }

// A plan's name may hold what a path may not: '%' and '/' and control characters are
// written as %25, %2F ...
std::string as_node(std::string_view name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '/' || c == '.' || byte < 0x20 || byte == 0x7F) {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out += c;
    }
  }
  return out;
}
std::string from_node(std::string_view node) {
  std::string out;
  for (size_t i = 0; i < node.size(); ++i) {
    if (node[i] == '%' && i + 2 < node.size()) {
      out += static_cast<char>(std::strtol(std::string(node.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      out += node[i];
    }
  }
  return out;
}

struct Encoder {
  std::vector<StoreOp> operator()(const change::PutFrameworkId& c) const {
    return {put("/FrameworkID", c.id)};
  }
  std::vector<StoreOp> operator()(const change::PutConfig& c) const {
    return {put("/Configurations/" + c.id, spec::to_json(*c.spec))};
  }
  std::vector<StoreOp> operator()(const change::DeleteConfig& c) const {
    return {drop("/Configurations/" + c.id)};
  }
  std::vector<StoreOp> operator()(const change::PutTarget& c) const {
    return {put("/ConfigTarget", c.config_id)};
  }
  std::vector<StoreOp> operator()(const change::PutLaunch& c) const {
    return {put("/Tasks/" + c.task + "/TaskInfo", launch_text(*c.launch))};
  }
  std::vector<StoreOp> operator()(const change::PutStatus& c) const {
    return {put("/Tasks/" + c.task + "/TaskStatus", mesos::to_text(c.status))};
  }
  std::vector<StoreOp> operator()(const change::DeleteTask& c) const {
    return {drop("/Tasks/" + c.task), drop("/Overrides/" + c.task), drop("/Backoffs/" + c.task)};
  }
  std::vector<StoreOp> operator()(const change::PutProperty& c) const {
    return {put("/Properties/" + c.key, c.value)};
  }
  std::vector<StoreOp> operator()(const change::DeleteProperty& c) const {
    return {drop("/Properties/" + c.key)};
  }
  std::vector<StoreOp> operator()(const change::DeleteService&) const {
    return {drop("/Tasks"),     drop("/Configurations"), drop("/ConfigTarget"), drop("/Plans"),
            drop("/Overrides"), drop("/Backoffs"),       drop("/Properties")};
  }
  std::vector<StoreOp> operator()(const change::DeleteIdentity&) const {
    return {drop("/FrameworkID"), drop("/SchemaVersion"), drop("/servicename")};
  }
  std::vector<StoreOp> operator()(const change::PutGoalOverride& c) const {
    const std::string path = "/Overrides/" + c.task;
    if (c.goal == core::GoalOverride::kNone) return {drop(path)};
    return {put(path, std::string(kPaused))};
  }
  std::vector<StoreOp> operator()(const change::PutBackoff& c) const {
    const std::string path = "/Backoffs/" + c.task;
    if (c.backoff.failures == 0) return {drop(path)};
    return {
        put(path, std::to_string(c.backoff.failures) + " " + std::to_string(c.backoff.not_before_unix_ms))};
  }
  std::vector<StoreOp> operator()(const change::PutPlanControl& c) const {
    return {put("/Plans/" + as_node(c.plan), plan_control_text(c.control))};
  }
  std::vector<StoreOp> operator()(const change::DeletePlanControl& c) const {
    return {drop("/Plans/" + as_node(c.plan))};
  }
};

bool is_missing(const Error& error) { return error.code == Code::kNotFound; }

// An absent node reads as empty.
Result<std::string> get_or_empty(core::StateTree& tree, const std::string& path) {
  Result<std::string> value = tree.get(path);
  if (!value.ok() && is_missing(value.error())) return std::string();
  return value;
}

Result<std::vector<std::string>> children_or_none(core::StateTree& tree, const std::string& path) {
  Result<std::vector<std::string>> names = tree.children(path);
  if (!names.ok() && is_missing(names.error())) return std::vector<std::string>();
  return names;
}

}  // namespace

std::vector<StoreOp> encode(const core::Change& one) { return std::visit(Encoder{}, one); }

std::vector<StoreOp> ServiceStore::encode_keeping_unknown(const core::Change& one) {
  const auto* launch = std::get_if<change::PutLaunch>(&one);
  const auto known = launch == nullptr ? unknown_.end() : unknown_.find(launch->task);
  // What is said of a task says nothing of the one that is launched in its place.
  if (known == unknown_.end() || known->second.task_id != launch->launch->task->task_id) return encode(one);
  return {put("/Tasks/" + launch->task + "/TaskInfo", launch_text(*launch->launch, known->second.json))};
}

uint64_t ServiceStore::max_config_bytes() const {
  constexpr uint64_t kPathsAndTarget = 256;  // two paths and two UUIDs
  const core::StateTree::Limits limits = tree_.limits();
  const uint64_t commit = limits.max_commit_bytes > kPathsAndTarget
                              ? limits.max_commit_bytes - kPathsAndTarget
                              : limits.max_commit_bytes;
  if (limits.max_value_bytes == 0) return commit;
  return commit == 0 ? limits.max_value_bytes : std::min(limits.max_value_bytes, commit);
}

Result<size_t> ServiceStore::apply_first(Groups groups) {
  const core::StateTree::Limits limits = tree_.limits();
  const uint64_t enough =
      limits.max_commit_bytes == 0 ? kEnoughBytes : std::min(kEnoughBytes, limits.max_commit_bytes);
  std::vector<StoreOp> batch;
  uint64_t batch_bytes = 0;
  size_t taken = 0;
  for (; taken < groups.size(); ++taken) {
    const size_t before = batch.size();
    uint64_t bytes = 0;
    std::optional<Error> too_large;
    for (const core::Change& one : groups[taken]) {
      for (StoreOp& op : encode_keeping_unknown(one)) {
        if (!too_large && limits.max_value_bytes != 0 && op.value.size() > limits.max_value_bytes) {
          too_large = Error{Code::kResourceExhausted,
                            "the record has " + std::to_string(op.value.size()) +
                                " bytes, but the state plugin holds at most " +
                                std::to_string(limits.max_value_bytes) + " in one",
                            op.path};
        }
        bytes += op.path.size() + op.value.size();
        batch.push_back(std::move(op));
      }
    }
    if (!too_large && limits.max_commit_bytes != 0 && bytes > limits.max_commit_bytes) {
      too_large = Error{Code::kResourceExhausted,
                        "one change of " + std::to_string(bytes) +
                            " bytes is more than the state plugin takes at once (" +
                            std::to_string(limits.max_commit_bytes) + ")",
                        batch[before].path};
    }
    if (too_large && taken == 0) return std::move(*too_large);
    if (taken > 0 && (too_large || batch_bytes + bytes > enough)) {
      batch.resize(before);  // for the next commit
      break;
    }
    batch_bytes += bytes;
  }
  if (!batch.empty()) {
    if (Result<void> stored = tree_.commit(batch); !stored.ok()) return stored.error();
  }
  return taken;
}

Result<void> ServiceStore::apply(Groups groups) {
  while (!groups.empty()) {
    const Result<size_t> stored = apply_first(groups);
    if (!stored.ok()) return stored.error();
    groups = groups.subspan(*stored);
  }
  return {};
}

Result<void> ServiceStore::check_identity(const std::string& service_name) {
  Result<std::string> name = get_or_empty(tree_, "/servicename");
  if (!name.ok()) return name.error();
  Result<std::string> version = get_or_empty(tree_, "/SchemaVersion");
  if (!version.ok()) return version.error();
  if (!name->empty() && *name != service_name) {
    return Error{
        Code::kFailedPrecondition,
        "the state belongs to service '" + *name + "', not to '" + service_name +
            "'; their names differ only in characters that are the same in the path. Rename one of them",
        "/servicename"};
  }
  if (!version->empty() && *version != kSchemaVersion) {
    return Error{Code::kFailedPrecondition,
                 "the state has schema version '" + *version + "', but this scheduler reads version " +
                     std::string(kSchemaVersion),
                 "/SchemaVersion"};
  }
  if (!name->empty() && !version->empty()) return {};
  return tree_.commit(
      {put("/servicename", service_name), put("/SchemaVersion", std::string(kSchemaVersion))});
}

Result<void> ServiceStore::load_configs(core::StoredState& out) {
  Result<std::vector<std::string>> ids = children_or_none(tree_, "/Configurations");
  if (!ids.ok()) return ids.error();
  for (const std::string& id : *ids) {
    const std::string path = "/Configurations/" + id;
    Result<std::string> text = tree_.get(path);
    if (!text.ok()) return text.error();
    Result<spec::ServiceSpec> spec = spec::from_json(*text);
    if (!spec.ok()) {
      if (id == out.target_config) return Error{Code::kDataLoss, spec.error().text(), path};
      // Not the target, so nothing depends on it but tasks that are to be rolled anyway.
      log::warning("a stored configuration cannot be read and is left alone: " + spec.error().text(),
                   {{"path", path}});
      continue;
    }
    out.configs[id] = std::make_shared<const spec::ServiceSpec>(std::move(*spec));
  }
  if (!out.target_config.empty() && !out.configs.contains(out.target_config)) {
    return Error{Code::kDataLoss, "the target configuration '" + out.target_config + "' is not stored",
                 "/ConfigTarget"};
  }
  return {};
}

// All at once: of ten thousand tasks, each record on its own would be a wait.
Result<void> ServiceStore::load_tasks(core::StoredState& out) {
  Result<std::vector<std::string>> names = children_or_none(tree_, "/Tasks");
  if (!names.ok()) return names.error();
  std::vector<std::string> paths;
  paths.reserve(2 * names->size());
  for (const std::string& name : *names) {
    paths.push_back("/Tasks/" + name + "/TaskInfo");
    paths.push_back("/Tasks/" + name + "/TaskStatus");
    out.tasks[name];  // also one without a record
  }
  std::optional<Error> damage;
  Result<void> read = tree_.get_each(paths, [&](size_t i, std::string_view text) {
    if (damage || text.empty()) return;
    const std::string& name = (*names)[i / 2];
    Result<void> loaded = i % 2 == 0 ? load_launch(name, text, out) : load_status(name, text, out);
    if (!loaded.ok()) damage = Error{Code::kDataLoss, loaded.error().text(), paths[i]};
  });
  if (damage) return std::move(*damage);
  return read;
}

Result<void> ServiceStore::load_launch(const std::string& task, std::string_view text,
                                       core::StoredState& out) {
  std::string unknown;
  auto record = launch_from_text(text, &unknown);
  if (!record.ok()) return record.error();
  if (!unknown.empty()) unknown_[task] = {(*record)->task->task_id, std::move(unknown)};
  out.tasks[task].launch = std::move(*record);
  return {};
}

Result<void> ServiceStore::load_status(const std::string& task, std::string_view text,
                                       core::StoredState& out) {
  auto status = mesos::task_status_from_text(text);
  if (!status.ok()) return status.error();
  out.tasks[task].status = std::move(*status);
  return {};
}

// What few tasks have lies in folders of its own, so that it costs nothing to the others.
Result<void> ServiceStore::load_marks(core::StoredState& out) {
  Result<std::vector<std::string>> paused = children_or_none(tree_, "/Overrides");
  if (!paused.ok()) return paused.error();
  for (const std::string& name : *paused) {
    Result<std::string> goal = tree_.get("/Overrides/" + name);
    if (!goal.ok()) return goal.error();
    if (*goal == kPaused) out.tasks[name].goal = core::GoalOverride::kPaused;
  }
  Result<std::vector<std::string>> failing = children_or_none(tree_, "/Backoffs");
  if (!failing.ok()) return failing.error();
  for (const std::string& name : *failing) {
    Result<std::string> text = tree_.get("/Backoffs/" + name);
    if (!text.ok()) return text.error();
    char* rest = nullptr;
    core::Backoff& backoff = out.tasks[name].backoff;
    backoff.failures = static_cast<uint32_t>(std::strtoul(text->c_str(), &rest, 10));
    backoff.not_before_unix_ms = std::strtoll(rest, nullptr, 10);
  }
  return {};
}

Result<core::StoredState> ServiceStore::load(const std::string& service_name) {
  core::StoredState out;
  out.service_name = service_name;
  Result<void> identity = check_identity(service_name);
  if (!identity.ok()) return identity.error();
  Result<std::string> framework = get_or_empty(tree_, "/FrameworkID");
  if (!framework.ok()) return framework.error();
  out.framework_id = std::move(*framework);
  Result<std::string> target = get_or_empty(tree_, "/ConfigTarget");
  if (!target.ok()) return target.error();
  out.target_config = std::move(*target);
  Result<void> configs = load_configs(out);
  if (!configs.ok()) return configs.error();
  Result<void> tasks = load_tasks(out);
  if (!tasks.ok()) return tasks.error();
  Result<void> marks = load_marks(out);
  if (!marks.ok()) return marks.error();
  Result<std::vector<std::string>> keys = children_or_none(tree_, "/Properties");
  if (!keys.ok()) return keys.error();
  for (const std::string& key : *keys) {
    Result<std::string> value = tree_.get("/Properties/" + key);
    if (!value.ok()) return value.error();
    out.properties[key] = std::move(*value);
  }
  Result<std::vector<std::string>> plans = children_or_none(tree_, "/Plans");
  if (!plans.ok()) return plans.error();
  for (const std::string& node : *plans) {
    Result<std::string> text = tree_.get("/Plans/" + node);
    if (!text.ok()) return text.error();
    Result<core::PlanControl> control = plan_control_from_text(*text);
    if (!control.ok()) return Error{Code::kDataLoss, control.error().message, "/Plans/" + node};
    out.plan_controls[from_node(node)] = std::move(*control);
  }
  return out;
}

}  // namespace ostler::store
