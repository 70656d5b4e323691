// The walk over two trees, then what a field means by its path.
#include "spec/spec_diff.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "spec/spec_tree.h"

namespace ostler::spec {
namespace {

using Tree = nlohmann::ordered_json;

// Lists whose items have a name: compared by it, so that an item in the middle does not
// make all behind it different. Every other list is compared as a whole.
struct NamedList {
  std::string_view list, key;
};
constexpr NamedList kNamedLists[] = {
    {"pod-specs", "type"},
    {"task-specs", "name"},
    {"resource-sets", "id"},
    {"ports", "port-name"},
    {"volume-specifications", "container-path"},
    {"volumes", "container-path"},
    {"config-files", "name"},
    {"networks", "network-name"},
    {"rlimits", "name"},
    {"task-labels", "key"},
    {"network-labels", "key"},
    {"host-volumes", "container-path"},
    {"external-volumes", "container-path"},
    {"transport-encryption", "name"},
    {"driver-options", "key"},
    {"plans", "name"},
    {"phases", "name"},
    {"option-rules", "option"},
};

// What a pod's own fields mean where that is no restart. Everything else restarts.
struct Exception {
  std::string_view key;
  Impact impact;
};
constexpr Exception kPodFields[] = {
    {"count", Impact::kScale},
    {"allow-decommission", Impact::kNoRestart},
    {"placement-rule", Impact::kOnReplace},
    {"placement-error", Impact::kOnReplace},
    {"pre-reserved-role", Impact::kOnReplace},  // refused anyway, since it binds reservations
};
constexpr Exception kTaskFields[] = {
    {"essential", Impact::kNoRestart},  // read when a task fails, never sent to Mesos
};

std::string_view named_by(std::string_view list) {
  for (const NamedList& one : kNamedLists) {
    if (one.list == list) return one.key;
  }
  return {};
}

// The names of a list's items in order; empty when one has none or two have the same.
std::vector<std::string> names_of(const Tree& list, std::string_view key) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const Tree& item : list) {
    const auto name = item.find(key);
    if (name == item.end() || !name->is_string() || !seen.insert(name->get<std::string>()).second) return {};
    names.push_back(name->get<std::string>());
  }
  return names;
}

const Tree* item_of(const Tree& list, std::string_view key, const std::string& name) {
  for (const Tree& item : list) {
    if (item.at(std::string(key)) == name) return &item;
  }
  return nullptr;
}

std::string value_text(const Tree* value) {
  if (value == nullptr || value->is_null()) return "(none)";
  if (value->is_string()) return value->get<std::string>();
  return value->dump(-1, ' ', false, Tree::error_handler_t::replace);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t from = 0; from <= text.size();) {
    const size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

// Of two long texts, where they part.
void cut_to_first_difference(std::string& before, std::string& after) {
  if (before.find('\n') == std::string::npos && after.find('\n') == std::string::npos) return;
  const auto old_lines = lines_of(before), new_lines = lines_of(after);
  size_t at = 0;
  while (at < old_lines.size() && at < new_lines.size() && old_lines[at] == new_lines[at]) ++at;
  const auto line = [at](const std::vector<std::string_view>& lines) {
    if (at >= lines.size()) return "ends after line " + std::to_string(lines.size());
    return "line " + std::to_string(at + 1) + ": " + std::string(lines[at]);
  };
  std::string old_line = line(old_lines), new_line = line(new_lines);
  before = std::move(old_line);
  after = std::move(new_line);
}

class Walk {
 public:
  Walk(const ServiceSpec& before, const ServiceSpec& after) : before_(before), after_(after) {}

  // `steps` is the path so far, one key or name each.
  void compare(const Tree* before, const Tree* after, std::vector<std::string>& steps,
               const std::string& path) {
    if (before != nullptr && after != nullptr && *before == *after) return;
    const bool both = before != nullptr && after != nullptr;
    if (both && before->is_object() && after->is_object()) {
      compare_keys(*before, *after, steps, path);
    } else if (both && before->is_array() && after->is_array() &&
               compare_items(*before, *after, steps, path)) {
      return;
    } else {
      report(value_text(before), value_text(after), steps, path);
    }
  }

  std::vector<Difference> take() { return std::move(found_); }

 private:
  void compare_keys(const Tree& before, const Tree& after, std::vector<std::string>& steps,
                    const std::string& path) {
    const auto one = [&](const std::string& key) {
      const auto old_value = before.find(key), new_value = after.find(key);
      steps.push_back(key);
      compare(old_value == before.end() ? nullptr : &*old_value,
              new_value == after.end() ? nullptr : &*new_value, steps, path.empty() ? key : path + "." + key);
      steps.pop_back();
    };
    for (const auto& [key, value] : before.items()) one(key);
    for (const auto& [key, value] : after.items()) {
      if (!before.contains(key)) one(key);
    }
  }

  // False: these lists have no names to go by.
  bool compare_items(const Tree& before, const Tree& after, std::vector<std::string>& steps,
                     const std::string& path) {
    const std::string_view key = named_by(steps.back());
    if (key.empty()) return false;
    const std::vector<std::string> old_names = names_of(before, key), new_names = names_of(after, key);
    if (old_names.size() != before.size() || new_names.size() != after.size()) return false;
    const auto one = [&](const std::string& name) {
      steps.push_back(name);
      compare(item_of(before, key, name), item_of(after, key, name), steps, path + "[" + name + "]");
      steps.pop_back();
    };
    const auto has = [](const std::vector<std::string>& names, const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    std::vector<std::string> old_order, new_order;
    for (const std::string& name : old_names) {
      one(name);
      if (has(new_names, name)) old_order.push_back(name);
    }
    for (const std::string& name : new_names) {
      if (has(old_names, name)) {
        new_order.push_back(name);
      } else {
        one(name);
      }
    }
    if (old_order != new_order) {
      steps.emplace_back("(order)");
      report(Tree(old_order).dump(), Tree(new_order).dump(), steps, path + "(order)");
      steps.pop_back();
    }
    return true;
  }

  void report(std::string before, std::string after, const std::vector<std::string>& steps,
              const std::string& path) {
    Difference difference;
    difference.field = path;
    cut_to_first_difference(before, after);
    difference.before = std::move(before);
    difference.after = std::move(after);
    judge(steps, difference);
    found_.push_back(std::move(difference));
  }

  // steps: pod-specs zookeeper task-specs server environment NODE_HEAP
  void judge(const std::vector<std::string>& steps, Difference& out) const {
    out.impact = Impact::kNoRestart;
    // All tasks run as the service's user; the rest of the service's own fields is the scheduler's.
    if (steps.front() == "user") out.impact = Impact::kRestart;
    if (steps.front() != "pod-specs" || steps.size() < 2 || steps.back() == "(order)") return;
    out.pod = steps[1];
    out.impact = Impact::kRestart;
    if (steps.size() == 2) {
      out.impact = Impact::kScale;  // the whole pod comes or goes
      return;
    }
    if (steps.size() == 3) out.impact = exception(kPodFields, steps[2]);
    if (steps.size() < 4) return;
    if (steps[2] == "placement-rule") out.impact = Impact::kOnReplace;
    if (steps[2] == "task-specs") {
      out.tasks = {steps[3]};
      // A task that is new has nothing to restart; its siblings go on.
      if (steps.size() == 5) out.impact = exception(kTaskFields, steps[4]);
    }
    if (steps[2] == "resource-sets") {
      out.tasks = users_of(steps[1], steps[3]);
      if (out.tasks.empty()) out.impact = Impact::kNoRestart;  // nobody uses it
    }
  }

  template <size_t N>
  static Impact exception(const Exception (&table)[N], std::string_view key) {
    for (const Exception& one : table) {
      if (one.key == key) return one.impact;
    }
    return Impact::kRestart;
  }

  // The tasks that use a resource set, before or after.
  std::vector<std::string> users_of(const std::string& pod_type, const std::string& set) const {
    std::vector<std::string> users;
    for (const ServiceSpec* spec : {&before_, &after_}) {
      const PodSpec* pod = spec->pod(pod_type);
      if (pod == nullptr) continue;
      for (const TaskSpec& task : pod->tasks) {
        const bool is_known = std::find(users.begin(), users.end(), task.name) != users.end();
        if (task.resource_set == set && !is_known) users.push_back(task.name);
      }
    }
    return users;
  }

  const ServiceSpec& before_;
  const ServiceSpec& after_;
  std::vector<Difference> found_;
};

}  // namespace

std::string_view impact_name(Impact impact) {
  switch (impact) {
    case Impact::kRestart:
      return "restart";
    case Impact::kScale:
      return "scale";
    case Impact::kOnReplace:
      return "on replace";
    case Impact::kNoRestart:
      return "no restart";
  }
  return "restart";
}

std::vector<Difference> differences(const ServiceSpec& before, const ServiceSpec& after) {
  if (&before == &after) return {};
  if (before == after) return {};
  const Tree old_tree = complete_tree(before), new_tree = complete_tree(after);
  Walk walk(before, after);
  std::vector<std::string> steps;
  walk.compare(&old_tree, &new_tree, steps, {});
  return walk.take();
}

std::vector<const Difference*> restart_reasons(const std::vector<Difference>& all, std::string_view pod,
                                               std::string_view task) {
  std::vector<const Difference*> reasons;
  for (const Difference& one : all) {
    if (one.impact != Impact::kRestart) continue;
    if (!one.pod.empty() && one.pod != pod) continue;
    if (!one.tasks.empty() && std::find(one.tasks.begin(), one.tasks.end(), task) == one.tasks.end())
      continue;
    reasons.push_back(&one);
  }
  return reasons;
}

}  // namespace ostler::spec
