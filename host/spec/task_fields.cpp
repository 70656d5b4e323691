// The keys of a task.
#include <algorithm>

#include "spec/raw_spec.h"
#include "spec/template_file.h"
#include "spec/text_rules.h"

namespace ostler::spec {
namespace {

// A year: no check or wait is longer, and sums of seconds stay far from overflow.
constexpr int64_t kMostSeconds = 365 * 24 * 3600;
#define SECONDS "a whole number of seconds, 0 to 31536000"

constexpr Field<HealthCheck> kHealthFields[] = {
    {{"cmd", Need::kRequired, "a command", "", "Exits with 0 when the task is healthy."},
     text_that<&HealthCheck::cmd, is_not_empty>},
    {{"interval", Need::kRequired, SECONDS, "", "From one check to the next."},
     whole<&HealthCheck::interval_s, 0, kMostSeconds>},
    {{"grace-period", Need::kRequired, SECONDS, "", "How long failures are ignored after the start."},
     whole<&HealthCheck::grace_period_s, 0, kMostSeconds>},
    {{"max-consecutive-failures", Need::kRequired, "a whole number, 1 to 1000000", "",
      "After so many failures the task is killed."},
     whole<&HealthCheck::max_consecutive_failures, 1, 1'000'000>},
    {{"delay", Need::kRequired, SECONDS, "", "From the start to the first check."},
     whole<&HealthCheck::delay_s, 0, kMostSeconds>},
    {{"timeout", Need::kRequired, SECONDS, "", "A check that takes longer has failed."},
     whole<&HealthCheck::timeout_s, 0, kMostSeconds>},
};

constexpr Field<ReadinessCheck> kReadinessFields[] = {
    {{"cmd", Need::kRequired, "a command", "", "Exits with 0 when the task is ready; its step waits for it."},
     text_that<&ReadinessCheck::cmd, is_not_empty>},
    {{"interval", Need::kRequired, SECONDS, "", "From one check to the next."},
     whole<&ReadinessCheck::interval_s, 0, kMostSeconds>},
    {{"delay", Need::kOptional, SECONDS, "0", "From the start to the first check."},
     whole<&ReadinessCheck::delay_s, 0, kMostSeconds>},
    {{"timeout", Need::kRequired, SECONDS, "", "A check that takes longer has failed."},
     whole<&ReadinessCheck::timeout_s, 0, kMostSeconds>},
};
#undef SECONDS

// ---- Configs ----

struct RawConfig {
  ConfigFile file;
  std::string template_path;
};

constexpr Field<RawConfig> kConfigFields[] = {
    {{"template", Need::kRequired, "the path of a template below the folder of svc.yml", "",
      "The template that `bootstrap` renders in the task."},
     text_that<&RawConfig::template_path, is_not_empty>},
    {{"dest", Need::kRequired, "a path in the task's sandbox", "", "Where the rendered file is written."},
     [](const Scope&, const yaml::Node& value, RawConfig& into) {
       if (!as_text(value) || !is_not_blank(value.scalar)) return Outcome::kRefused;
       into.file.dest = value.scalar;
       return Outcome::kDone;
     }},
};

Outcome read_configs(const Scope& scope, const yaml::Node& node, RawTask& into) {
  auto& configs = into.spec.configs;
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string& name) {
    RawConfig config;
    config.file.name = name;
    if (!is_name(name)) inner.error(inner.mark, in_quotes(name), "a name without spaces and slashes");
    read_object(inner, value, UnknownKeys::kRefuse, Fill{kConfigFields, config});
    if (!config.template_path.empty()) {
      const Scope at = inner.inside("template", value.entry("template")->mark);
      auto content = read_template(scope.loading.folder, config.template_path);
      if (content) {
        config.file.content = std::move(*content);
      } else {
        at.error(at.mark, "that " + content.error().where + " " + content.error().message, "a readable template",
                 "paths are relative to the folder of svc.yml");
      }
    }
    const bool repeated = std::any_of(configs.begin(), configs.end(), [&](const ConfigFile& other) {
      return !other.dest.empty() && other.dest == config.file.dest;
    });
    if (repeated) {
      inner.error(inner.mark, "a second config written to " + in_quotes(config.file.dest),
                  "a dest of its own for each config");
    }
    configs.push_back(std::move(config.file));
  });
}

// ---- Smaller objects ----

Outcome read_visibility(const Scope&, const yaml::Node& value, DiscoverySpec& into) {
  if (value.scalar != "FRAMEWORK" && value.scalar != "CLUSTER" && value.scalar != "EXTERNAL")
    return Outcome::kRefused;
  into.visibility = value.scalar;
  return Outcome::kDone;
}

constexpr Field<DiscoverySpec> kDiscoveryFields[] = {
    {{"prefix", Need::kOptional, "a name", "the task's name",
      "The first part of the task's host name, before the instance's number."},
     text_that<&DiscoverySpec::prefix, is_name>},
    {{"visibility", Need::kOptional, "FRAMEWORK, CLUSTER or EXTERNAL", "CLUSTER",
      "Who is meant to find the task."},
     read_visibility},
};

Outcome read_encryption_type(const Scope&, const yaml::Node& value, TransportEncryption& into) {
  if (value.scalar != "TLS" && value.scalar != "KEYSTORE") return Outcome::kRefused;
  into.type = value.scalar;
  return Outcome::kDone;
}

constexpr Field<TransportEncryption> kEncryptionFields[] = {
    {{"name", Need::kRequired, "a name", "", "The first part of the files' names."},
     text_that<&TransportEncryption::name, is_name>},
    {{"type", Need::kRequired, "TLS or KEYSTORE", "", "PEM files, or Java key stores."},
     read_encryption_type},
};

Outcome read_encryption(const Scope& scope, const yaml::Node& node, RawTask& into) {
  if (node.type != yaml::Node::Type::kList) return Outcome::kRefused;
  auto& list = into.spec.transport_encryption;
  for (const yaml::Node& item : node.items) {
    const Scope inner = scope.inside(std::to_string(list.size()), item.mark);
    TransportEncryption encryption;
    read_object(inner, item, UnknownKeys::kRefuse, Fill{kEncryptionFields, encryption});
    list.push_back(std::move(encryption));
  }
  return Outcome::kDone;
}

Outcome read_goal(const Scope&, const yaml::Node& value, RawTask& into) {
  std::string goal = value.scalar;
  for (char& c : goal) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (goal == "RUNNING") {
    into.spec.goal = Goal::kRunning;
  } else if (goal == "FINISH") {
    into.spec.goal = Goal::kFinish;
  } else if (goal == "ONCE") {
    into.spec.goal = Goal::kOnce;
  } else {
    return Outcome::kRefused;
  }
  return Outcome::kDone;
}

Outcome read_env(const Scope& scope, const yaml::Node& node, RawTask& into) {
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string& name) {
    if (!is_variable_name(name)) inner.error(inner.mark, in_quotes(name), "a variable's name, without '='");
    const bool is_text = value.type == yaml::Node::Type::kScalar || value.type == yaml::Node::Type::kNull;
    if (!is_text) inner.error(inner.mark, value.found(), "a text", "put a list or map into quotes");
    into.spec.env[name] = value.scalar;
  });
}

Outcome read_ipc_mode(const Scope&, const yaml::Node& value, RawTask& into) {
  if (value.scalar != "PRIVATE" && value.scalar != "SHARE_PARENT") return Outcome::kRefused;
  into.spec.ipc_mode = value.scalar;
  return Outcome::kDone;
}

// Lifts a reader of TaskSpec's members to RawTask.
template <auto kRead>
Outcome of_spec(const Scope& scope, const yaml::Node& value, RawTask& into) {
  return kRead(scope, value, into.spec);
}

template <auto kMember, const auto& kFields>
Outcome object(const Scope& scope, const yaml::Node& value, RawTask& into) {
  auto& member = (into.spec.*kMember).emplace();
  read_object(scope, value, UnknownKeys::kRefuse, Fill{kFields, member});
  return Outcome::kDone;
}

constexpr Field<RawTask> kTaskFields[] = {
    {{"goal", Need::kRequired, "RUNNING, FINISH or ONCE", "",
      "RUNNING: kept running. FINISH: runs to its end once per configuration. ONCE: runs to its end once "
      "ever."},
     read_goal},
    {{"cmd", Need::kRequired, "a command", "", "Run by a shell in the task's sandbox."},
     of_spec<text<&TaskSpec::cmd>>},
    {{"essential", Need::kOptional, "true or false", "true",
      "Whether its failure relaunches the other tasks of the pod too."},
     of_spec<flag<&TaskSpec::essential>>},
    {{"env", Need::kOptional, "a map of variables to values", "none",
      "Variables for the task; TASKCFG_* of the scheduler's environment are added."},
     read_env},
    {{"configs", Need::kOptional, "a map of names to configs", "none",
      "Files rendered in the task by `bootstrap`."},
     read_configs},
    {{"resource-set", Need::kOptional, "the name of a resource set of the pod", "the task's own keys",
      "Resources shared with, or apart from, the task."},
     [](const Scope& scope, const yaml::Node& value, RawTask& into) {
       if (as_text(value) && !is_not_blank(value.scalar)) return Outcome::kAbsent;
       return text<&TaskSpec::resource_set>(scope, value, into.spec);
     }},
    {{"health-check", Need::kOptional, "a map", "none", "Decides whether a running task must be restarted."},
     object<&TaskSpec::health_check, kHealthFields>},
    {{"readiness-check", Need::kOptional, "a map", "none", "Decides when a step is complete."},
     object<&TaskSpec::readiness_check, kReadinessFields>},
    {{"labels", Need::kOptional, "labels as k:v,k:v", "none", "Labels of the Mesos task."},
     [](const Scope&, const yaml::Node& value, RawTask& into) {
       auto labels = as_text(value) ? parse_labels(value.scalar) : std::nullopt;
       if (!labels) return Outcome::kRefused;
       into.spec.labels = std::move(*labels);
       return Outcome::kDone;
     }},
    {{"discovery", Need::kOptional, "a map with prefix and visibility", "the task's name",
      "How the task is found in DNS."},
     object<&TaskSpec::discovery, kDiscoveryFields>},
    {{"kill-grace-period", Need::kOptional, "a whole number of seconds, 0 to 3600", "0",
      "From SIGTERM to SIGKILL."},
     of_spec<whole<&TaskSpec::kill_grace_period_s, 0, 3600>>},
    {{"transport-encryption", Need::kOptional, "a list of maps with name and type", "none",
      "Certificates made for the task. Read, but not carried out: a service that wants them is not "
      "deployed."},
     read_encryption},
    {{"ipc-mode", Need::kOptional, "PRIVATE or SHARE_PARENT", "the agent's",
      "Whose shared memory the task sees."},
     read_ipc_mode},
    {{"shm-size", Need::kOptional, "a whole number of megabytes, 1 to 1073741824", "the agent's",
      "Size of /dev/shm; needs a memory of its own (PRIVATE)."},
     of_spec<whole<&TaskSpec::shm_size_mb, 1, int64_t{1} << 30>>},
};

}  // namespace

void read_task(const Scope& scope, const yaml::Node& node, RawTask& into) {
  into.mark = scope.mark;
  read_object(scope, node, UnknownKeys::kRefuse, Fill<RawTask>{kTaskFields, into},
              Fill<RawSet>{resource_fields(), into.inline_set});
  if (into.spec.ipc_mode == "SHARE_PARENT" && into.spec.shm_size_mb) {
    scope.error(scope.mark, "shm-size with ipc-mode SHARE_PARENT", "shm-size only where ipc-mode is PRIVATE");
  }
  if (into.spec.resource_set.empty()) {
    check_resource_set(scope, into.inline_set);
  } else if (into.inline_set.has_any) {
    scope.warning(scope.mark, "resources beside 'resource-set'", "one of the two",
                  "the task uses those of " + in_quotes(into.spec.resource_set));
  }
}

std::vector<Level> describe_task_levels() {
  return {describe("task", kTaskFields),
          describe("health-check", kHealthFields),
          describe("readiness-check", kReadinessFields),
          describe("configs", kConfigFields),
          describe("discovery", kDiscoveryFields),
          describe("transport-encryption", kEncryptionFields)};
}

}  // namespace ostler::spec
