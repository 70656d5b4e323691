// The keys of a pod.
#include <algorithm>

#include "spec/placement.h"
#include "spec/raw_spec.h"
#include "spec/text_rules.h"

namespace ostler::spec {
namespace {

// ---- Networks ----

Outcome read_port_list(const yaml::Node& value, std::vector<uint16_t>& into, const Scope& scope) {
  if (value.type != yaml::Node::Type::kList) return Outcome::kRefused;
  for (const yaml::Node& item : value.items) {
    const auto port = as_whole(scope, item, 0, 65535);
    if (!port) {
      scope.error(item.mark, item.found(), "a port number of 0 to 65535");
      continue;
    }
    into.push_back(static_cast<uint16_t>(*port));
  }
  return Outcome::kDone;
}

constexpr Field<Network> kNetworkFields[] = {
    {{"host-ports", Need::kOptional, "a list of port numbers", "none",
      "Ports of the agent, each mapped to the container port at the same place."},
     [](const Scope& scope, const yaml::Node& value, Network& into) {
       return read_port_list(value, into.host_ports, scope);
     }},
    {{"container-ports", Need::kOptional, "a list of port numbers", "none", "Ports inside the container."},
     [](const Scope& scope, const yaml::Node& value, Network& into) {
       return read_port_list(value, into.container_ports, scope);
     }},
    {{"labels", Need::kOptional, "labels as k:v,k:v", "none", "Labels for the network's plugin."},
     [](const Scope&, const yaml::Node& value, Network& into) {
       auto labels = as_text(value) ? parse_labels(value.scalar) : std::nullopt;
       if (!labels) return Outcome::kRefused;
       into.labels = std::move(*labels);
       return Outcome::kDone;
     }},
};

Outcome read_networks(const Scope& scope, const yaml::Node& node, RawPod& into) {
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string& name) {
    Network network;
    network.name = name;
    read_object(inner, value, UnknownKeys::kRefuse, Fill{kNetworkFields, network});
    const bool maps = !network.host_ports.empty() || !network.container_ports.empty();
    if (maps && name != "mesos-bridge") {
      inner.error(inner.mark, "port mapping on the network " + in_quotes(name),
                  "port mapping on 'mesos-bridge' only");
    } else if (network.host_ports.size() != network.container_ports.size()) {
      inner.error(inner.mark,
                  std::to_string(network.host_ports.size()) + " host-ports and " +
                      std::to_string(network.container_ports.size()) + " container-ports",
                  "as many of one as of the other");
    }
    for (auto port = network.host_ports.begin(); port != network.host_ports.end(); ++port) {
      if (std::find(network.host_ports.begin(), port, *port) == port) continue;
      inner.error(inner.mark, "the host port " + std::to_string(*port) + " a second time",
                  "each host port once in host-ports");
    }
    if (!is_not_blank(name)) {
      inner.error(inner.mark, in_quotes(name), "the name of a network");
    } else if (name != "dcos" && name != "mesos-bridge") {
      inner.warning(inner.mark, "the network " + in_quotes(name), "'dcos' or 'mesos-bridge'",
                    "it must exist on every agent");
    }
    into.spec.networks.push_back(std::move(network));
  });
}

// ---- rlimits ----

constexpr Field<RLimit> kRLimitFields[] = {
    {{"soft", Need::kOptional, "a whole number of -1 or more", "unlimited", "The limit that applies."},
     whole<&RLimit::soft, -1, int64_t{1} << 53>},
    {{"hard", Need::kOptional, "a whole number of -1 or more", "unlimited", "How far the task may raise it."},
     whole<&RLimit::hard, -1, int64_t{1} << 53>},
};

Outcome read_rlimits(const Scope& scope, const yaml::Node& node, RawPod& into) {
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string& name) {
    RLimit limit;
    limit.name = name;
    if (!is_rlimit_name(name)) inner.error(inner.mark, in_quotes(name), "one of " + rlimit_names());
    read_object(inner, value, UnknownKeys::kRefuse, Fill{kRLimitFields, limit});
    const bool one_unlimited = (limit.soft == -1) != (limit.hard == -1);
    if (limit.soft.has_value() != limit.hard.has_value() || one_unlimited) {
      inner.error(inner.mark, "only one of soft and hard", "both, or neither for no limit");
    } else if (limit.soft && *limit.soft > *limit.hard) {
      inner.error(inner.mark,
                  "soft " + std::to_string(*limit.soft) + " above hard " + std::to_string(*limit.hard),
                  "a soft limit that is not above the hard one");
    }
    if (limit.soft == -1) limit.soft = limit.hard = std::nullopt;
    into.spec.rlimits.push_back(std::move(limit));
  });
}

// ---- Secrets ----

constexpr Field<SecretSpec> kSecretFields[] = {
    {{"secret", Need::kRequired, "a path in the secret store", "", "Which secret."},
     text_that<&SecretSpec::secret, is_secret_path>},
    {{"env-key", Need::kOptional, "a variable's name", "none", "The variable that holds the secret."},
     text_that<&SecretSpec::env_key, is_variable_name>},
    {{"file", Need::kOptional, "a relative path of letters, digits, '.', '_' and '-'",
      "the secret's path, unless env-key is given", "The file that holds the secret."},
     text_that<&SecretSpec::file, is_relative_path>},
};

Outcome read_secrets(const Scope& scope, const yaml::Node& node, RawPod& into) {
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string&) {
    SecretSpec secret;
    read_object(inner, value, UnknownKeys::kRefuse, Fill{kSecretFields, secret});
    if (secret.env_key.empty() && secret.file.empty()) secret.file = secret.secret;
    into.spec.secrets.push_back(std::move(secret));
  });
}

// ---- Volumes that are not Mesos resources ----

constexpr Field<HostVolume> kHostVolumeFields[] = {
    {{"host-path", Need::kRequired, "an absolute path of letters, digits, '.', '_' and '-'", "",
      "The agent's folder."},
     text_that<&HostVolume::host_path, is_absolute_path>},
    {{"container-path", Need::kRequired, "a relative path of letters, digits, '.', '_' and '-'", "",
      "Where it appears in the sandbox."},
     text_that<&HostVolume::container_path, is_relative_path>},
    {{"mode", Need::kOptional, "RW or RO", "RW", "Whether the task may write."},
     [](const Scope&, const yaml::Node& value, HostVolume& into) {
       if (value.scalar != "RW" && value.scalar != "RO") return Outcome::kRefused;
       into.read_only = value.scalar == "RO";
       return Outcome::kDone;
     }},
};

Outcome read_host_volumes(const Scope& scope, const yaml::Node& node, RawPod& into) {
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string&) {
    HostVolume volume;
    read_object(inner, value, UnknownKeys::kRefuse, Fill{kHostVolumeFields, volume});
    into.spec.host_volumes.push_back(std::move(volume));
  });
}

// "k=v;k=v;" with exactly one '=' in each piece.
Outcome read_driver_options(const Scope& scope, const yaml::Node& value, ExternalVolume& into) {
  if (!as_text(value)) return Outcome::kRefused;
  std::string_view rest = value.scalar;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (piece.empty() && rest.empty()) break;
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos || piece.find('=', equals + 1) != std::string_view::npos) {
      scope.error(scope.mark, "the driver option " + in_quotes(piece), "options as k=v;k=v");
      continue;
    }
    into.driver_options.emplace_back(piece.substr(0, equals), piece.substr(equals + 1));
  }
  return Outcome::kDone;
}

constexpr Field<ExternalVolume> kExternalVolumeFields[] = {
    {{"type", Need::kRequired, "DOCKER", "", "The kind of volume."},
     [](const Scope&, const yaml::Node& value, ExternalVolume&) {
       return value.scalar == "DOCKER" ? Outcome::kDone : Outcome::kRefused;
     }},
    {{"container-path", Need::kRequired, "a path", "", "Where it appears in the container."},
     text_that<&ExternalVolume::container_path, is_not_empty>},
    {{"volume-name", Need::kOptional, "a name", "the service's and the pod's name",
      "Its name at the driver."},
     text<&ExternalVolume::volume_name>},
    {{"volume-mode", Need::kOptional, "RW or RO", "the driver's", "Whether the task may write."},
     [](const Scope&, const yaml::Node& value, ExternalVolume& into) {
       if (value.scalar != "RW" && value.scalar != "RO") return Outcome::kRefused;
       into.mode = value.scalar;
       return Outcome::kDone;
     }},
    {{"driver-name", Need::kRequired, "a name", "", "The volume driver, such as pxd."},
     text_that<&ExternalVolume::driver_name, is_not_empty>},
    {{"driver-options", Need::kOptional, "options as k=v;k=v", "none", "Options for the driver."},
     read_driver_options},
};

Outcome read_external_volumes(const Scope& scope, const yaml::Node& node, RawPod& into) {
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string&) {
    ExternalVolume volume;
    read_object(inner, value, UnknownKeys::kRefuse, Fill{kExternalVolumeFields, volume});
    const bool named_twice =
        !volume.volume_name.empty() && std::any_of(volume.driver_options.begin(), volume.driver_options.end(),
                                                   [](const auto& option) { return option.first == "name"; });
    if (named_twice) {
      inner.error(inner.mark, "both volume-name and the driver option 'name'", "one of the two");
    }
    into.spec.external_volumes.push_back(std::move(volume));
  });
}

// ---- The pod itself ----

Outcome read_tasks(const Scope& scope, const yaml::Node& node, RawPod& into) {
  if (node.type == yaml::Node::Type::kMap && node.entries.empty()) return Outcome::kRefused;
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string& name) {
    if (!is_task_name(name))
      inner.error(inner.mark, in_quotes(name), "a name without spaces, slashes and double underscores");
    RawTask task;
    task.spec.name = name;
    read_task(inner, value, task);
    into.tasks.push_back(std::move(task));
  });
}

Outcome read_resource_sets(const Scope& scope, const yaml::Node& node, RawPod& into) {
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string& name) {
    if (!is_name(name)) inner.error(inner.mark, in_quotes(name), "a name without spaces and slashes");
    RawSet set;
    set.set.id = name;
    read_resource_set(inner, value, set);
    into.spec.resource_sets.push_back(std::move(set.set));
  });
}

Outcome read_placement(const Scope& scope, const yaml::Node& value, RawPod& into) {
  if (!as_text(value)) return Outcome::kRefused;
  auto placement = parse_placement(value.scalar);
  for (const std::string& pattern : placement.bad_patterns) {
    scope.error(scope.mark, "the pattern " + in_quotes(pattern), "a regular expression",
                "in ECMAScript's grammar, which has no (?i), \\p{...}, \\Q...\\E and possessive quantifiers");
  }
  into.spec.placement = std::move(placement.rows);
  into.spec.placement_error = std::move(placement.error);
  return Outcome::kDone;
}

Outcome read_uris(const Scope& scope, const yaml::Node& node, RawPod& into) {
  if (node.type != yaml::Node::Type::kList) return Outcome::kRefused;
  for (const yaml::Node& item : node.items) {
    if (item.type != yaml::Node::Type::kScalar || !is_uri(item.scalar)) {
      scope.error(item.mark, item.found(), "a URI", scope.loading.report.missing_hint(item.mark));
      continue;
    }
    into.spec.uris.push_back(item.scalar);
  }
  return Outcome::kDone;
}

template <auto kRead>
Outcome of_spec(const Scope& scope, const yaml::Node& value, RawPod& into) {
  return kRead(scope, value, into.spec);
}

template <auto kRead>
Outcome into_volumes(const Scope& scope, const yaml::Node& value, RawPod& into) {
  return kRead(scope, value, into.spec.volumes);
}

constexpr Field<RawPod> kPodFields[] = {
    {{"count", Need::kRequired, "a whole number, 0 to 100000", "",
      "How many instances run. All pods together have at most as many."},
     of_spec<whole<&PodSpec::count, 0, kMostInstances>>},
    {{"tasks", Need::kRequired, "a map of names to tasks, at least one", "", "What runs in each instance."},
     read_tasks},
    {{"resource-sets", Need::kOptional, "a map of names to resource sets", "none",
      "Resources that several tasks use in turn."},
     read_resource_sets},
    {{"placement", Need::kOptional, "a Marathon constraint or a rule object, as text", "anywhere",
      "Which agents fit, such as [[\"hostname\",\"UNIQUE\"]]; also the SDK's rules, such as "
      "{\"@type\":\"TaskTypeRule\",\"type\":\"data\",\"behavior\":\"AVOID\"}."},
     read_placement},
    {{"image", Need::kOptional, "the name of a container image", "none", "The container's file system."},
     of_spec<text_that<&PodSpec::image, is_not_empty>>},
    {{"networks", Need::kOptional, "a map of names to networks", "the agent's network", "Networks to join."},
     read_networks},
    {{"rlimits", Need::kOptional, "a map of RLIMIT_ names to limits", "the agent's",
      "POSIX limits of the tasks."},
     read_rlimits},
    {{"uris", Need::kOptional, "a list of URIs", "none", "Files that the agent fetches into the sandbox."},
     read_uris},
    {{"volume", Need::kOptional, "a map with path, type and size", "none", "A volume that all tasks share."},
     into_volumes<read_volume>},
    {{"volumes", Need::kOptional, "a map of names to volumes", "none", "Volumes that all tasks share."},
     into_volumes<read_volumes>},
    {{"pre-reserved-role", Need::kOptional, "a role", "*", "The role whose static reservations are refined."},
     of_spec<text_that<&PodSpec::pre_reserved_role, is_not_empty>>},
    {{"secrets", Need::kOptional, "a map of names to secrets", "none", "Secrets for all tasks."},
     read_secrets},
    {{"host-volumes", Need::kOptional, "a map of names to host volumes", "none", "Folders of the agent."},
     read_host_volumes},
    {{"external-volumes", Need::kOptional, "a map of names to external volumes", "none",
      "Volumes of a volume driver."},
     read_external_volumes},
    {{"share-pid-namespace", Need::kOptional, "true or false", "false",
      "Whether the tasks see each other's processes."},
     of_spec<flag<&PodSpec::share_pid_namespace>>},
    {{"allow-decommission", Need::kOptional, "true or false", "false", "Whether count may become smaller."},
     of_spec<flag<&PodSpec::allow_decommission>>},
    {{"seccomp-unconfined", Need::kOptional, "true or false", "false", "Whether no seccomp profile applies."},
     of_spec<flag<&PodSpec::seccomp_unconfined>>},
    {{"seccomp-profile-name", Need::kOptional, "a name", "the agent's", "The seccomp profile."},
     of_spec<text<&PodSpec::seccomp_profile_name>>},
    {{"ipc-mode", Need::kOptional, "PRIVATE", "the agent's",
      "PRIVATE gives the pod shared memory of its own; SHARE_PARENT is for tasks only."},
     [](const Scope&, const yaml::Node& value, RawPod& into) {
       if (value.scalar != "PRIVATE") return Outcome::kRefused;
       into.spec.ipc_mode = value.scalar;
       return Outcome::kDone;
     }},
    {{"shm-size", Need::kOptional, "a whole number of megabytes, 1 to 1073741824", "the agent's",
      "Size of /dev/shm."},
     of_spec<whole<&PodSpec::shm_size_mb, 1, int64_t{1} << 30>>},
};

}  // namespace

void read_pod(const Scope& scope, const yaml::Node& node, RawPod& into) {
  into.mark = scope.mark;
  read_object(scope, node, UnknownKeys::kWarn, Fill{kPodFields, into});
  // An error in a task; in a pod the SDK has always let it pass.
  for (VolumeSpec& volume : into.spec.volumes) {
    if (volume.type != VolumeType::kRoot || volume.profiles.empty()) continue;
    scope.warning(scope.mark, "profiles on the ROOT volume " + in_quotes(volume.path),
                  "profiles on MOUNT volumes only", "they are not used");
    volume.profiles.clear();
  }
  if (into.spec.seccomp_unconfined && !into.spec.seccomp_profile_name.empty()) {
    scope.error(scope.mark, "both seccomp-unconfined and seccomp-profile-name", "one of the two");
  }
}

std::vector<Level> describe_pod_levels() {
  return {describe("pod", kPodFields),
          describe("networks", kNetworkFields),
          describe("rlimits", kRLimitFields),
          describe("secrets", kSecretFields),
          describe("host-volumes", kHostVolumeFields),
          describe("external-volumes", kExternalVolumeFields)};
}

}  // namespace ostler::spec
