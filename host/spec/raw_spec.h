// What the tables fill: svc.yml as written, before names are resolved.
//
// Most of a ServiceSpec is read in place; these add what only makes sense
// together with the rest of the file (inline resources, plan steps, templates).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/field.h"
#include "spec/service_spec.h"

namespace ostler::spec {

// 100000 pod instances with all their steps still fit into memory; nobody has more.
inline constexpr int64_t kMostInstances = 100'000;

// A resource set, or the same keys inside a task.
struct RawSet {
  ResourceSet set;
  bool has_resources = false;  // cpus, gpus, memory or ports are there
  bool has_any = false;
  std::optional<Mark> volume, volumes;
};

struct RawTask {
  TaskSpec spec;
  RawSet inline_set;
  Mark mark;
};

struct RawPod {
  PodSpec spec;
  std::vector<RawTask> tasks;
  Mark mark;
};

// One entry of a phase's `steps`.
struct RawStep {
  std::optional<int32_t> pod_index;  // none: "default"
  std::vector<std::vector<std::string>> launches;
  Mark mark;
};

struct RawPhase {
  std::string name;
  std::string pod;
  Strategy strategy = Strategy::kSerial;
  std::optional<std::vector<RawStep>> steps;
};

struct RawPlan {
  std::string name;
  Strategy strategy = Strategy::kSerial;
  std::vector<RawPhase> phases;
};

struct RawService {
  ServiceSpec spec;
  std::vector<RawPod> pods;
  std::optional<std::vector<RawPlan>> plans;
};

// The readers of each level. Each fills `into` from the value at `scope` and
// reports what is wrong; the tables are in <level>_fields.cpp.
void read_service(const Scope& scope, const yaml::Node& node, RawService& into);
void read_pod(const Scope& scope, const yaml::Node& node, RawPod& into);
void read_task(const Scope& scope, const yaml::Node& node, RawTask& into);
void read_resource_set(const Scope& scope, const yaml::Node& node, RawSet& into);
void read_plan(const Scope& scope, const yaml::Node& node, RawPlan& into);
Outcome read_extension(const Scope& scope, const yaml::Node& node, RawService& into);

// The keys of a resource set, as a task's inline keys.
std::span<const Field<RawSet>> resource_fields();
// What must hold between the keys of one set.
void check_resource_set(const Scope& scope, RawSet& set);

// `volume` and `volumes`, at both levels that have them.
Outcome read_volume(const Scope& scope, const yaml::Node& node, std::vector<VolumeSpec>& into);
Outcome read_volumes(const Scope& scope, const yaml::Node& node, std::vector<VolumeSpec>& into);

// The tables' columns for people, for the reference page. `level` is a path such
// as "pods.<pod>.tasks.<task>".
struct Level {
  std::string_view path;
  std::vector<FieldText> fields;
};
std::vector<Level> describe_service_levels();
std::vector<Level> describe_pod_levels();
std::vector<Level> describe_task_levels();
std::vector<Level> describe_resource_levels();
std::vector<Level> describe_plan_levels();
std::vector<Level> describe_extension_levels();

template <class T, size_t N>
Level describe(std::string_view path, const Field<T> (&fields)[N]) {
  Level level{path, {}};
  for (const Field<T>& field : fields) level.fields.push_back(field.text);
  return level;
}

}  // namespace ostler::spec
