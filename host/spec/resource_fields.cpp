// The keys of a resource set: cpus, memory, ports, volumes, limits.
#include <algorithm>
#include <limits>

#include "spec/raw_spec.h"
#include "spec/text_rules.h"

namespace ostler::spec {
namespace {

// ---- Ports ----

constexpr Field<PortRange> kRangeFields[] = {
    {{"begin", Need::kOptional, "a port number of 0 to 65535", "0", "The first port of the range."},
     whole<&PortRange::begin, 0, 65535>},
    {{"end", Need::kOptional, "a port number of 0 to 65535", "65535", "The last port of the range."},
     whole<&PortRange::end, 0, 65535>},
};

constexpr Field<PortSpec> kVipFields[] = {
    {{"port", Need::kOptional, "a port number of 0 to 65535", "0",
      "The port at which clients reach the VIP."},
     whole<&PortSpec::vip_port, 0, 65535>},
    {{"prefix", Need::kOptional, "a name", "the port's name", "The first part of the VIP's host name."},
     [](const Scope&, const yaml::Node& value, PortSpec& into) {
       if (is_empty_scalar(value)) return Outcome::kAbsent;
       if (!as_text(value) || !is_name(value.scalar)) return Outcome::kRefused;
       into.vip_prefix = value.scalar;
       return Outcome::kDone;
     }},
};

Outcome read_vip(const Scope& scope, const yaml::Node& node, PortSpec& into) {
  into.vip_prefix = into.name;
  read_object(scope, node, UnknownKeys::kRefuse, Fill{kVipFields, into});
  return Outcome::kDone;
}

Outcome read_ranges(const Scope& scope, const yaml::Node& node, PortSpec& into) {
  if (node.type != yaml::Node::Type::kList) return Outcome::kRefused;
  for (const yaml::Node& item : node.items) {
    const Scope inner = scope.inside(std::to_string(into.ranges.size()), item.mark);
    PortRange range;
    read_object(inner, item, UnknownKeys::kRefuse, Fill{kRangeFields, range});
    // The SDK reads 0 as "not given".
    if (range.end == 0) range.end = 65535;
    if (range.begin > range.end) {
      inner.error(item.mark, std::to_string(range.begin) + " to " + std::to_string(range.end),
                  "a range whose begin is not after its end");
    }
    into.ranges.push_back(range);
  }
  return Outcome::kDone;
}

constexpr Field<PortSpec> kPortFields[] = {
    {{"port", Need::kRequired, "a port number of 0 to 65535", "",
      "The port that the task listens on. With 0, one is chosen from the offer."},
     whole<&PortSpec::port, 0, 65535>},
    {{"env-key", Need::kOptional, "a variable's name", "none", "The variable that tells the task its port."},
     text_that<&PortSpec::env_key, is_variable_name>},
    {{"advertise", Need::kOptional, "true or false", "false", "Whether `/v1/endpoints` lists the port."},
     flag<&PortSpec::advertise>},
    {{"vip", Need::kOptional, "a map with prefix and port", "none",
      "A virtual address in front of the port."},
     read_vip},
    {{"ranges", Need::kOptional, "a list of maps with begin and end", "any port",
      "Where a dynamic port is chosen from."},
     read_ranges},
};

Outcome read_ports(const Scope& scope, const yaml::Node& node, RawSet& into) {
  auto& ports = into.set.ports;
  const Outcome outcome =
      read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const auto& name) {
        PortSpec port;
        port.name = name;
        if (!is_name(name)) inner.error(inner.mark, in_quotes(name), "a name without spaces and slashes");
        read_object(inner, value, UnknownKeys::kRefuse, Fill{kPortFields, port});
        const auto same = std::find_if(ports.begin(), ports.end(), [&](const PortSpec& other) {
          return port.port != 0 && other.port == port.port;
        });
        if (same != ports.end()) {
          inner.error(inner.mark, "port " + std::to_string(port.port) + " a second time",
                      "each port once in a task", "'" + same->name + "' has it too");
        }
        if (port.vip_prefix && !port.ranges.empty()) {
          inner.warning(inner.mark, "ranges on a port with a VIP", "one of the two",
                        "the ranges are not used");
          port.ranges.clear();
        }
        ports.push_back(std::move(port));
      });
  for (const PortSpec& port : ports) {
    const bool clashes = port.vip_prefix && *port.vip_prefix != port.name &&
                         std::any_of(ports.begin(), ports.end(),
                                     [&](const PortSpec& other) { return other.name == *port.vip_prefix; });
    if (clashes) {
      const Scope inner = scope.inside(port.name, scope.mark);
      inner.error(scope.loading.places[inner.path], "the VIP prefix " + in_quotes(*port.vip_prefix),
                  "a prefix that is not another port's name");
    }
  }
  return outcome;
}

// ---- Volumes ----

Outcome read_volume_type(const Scope&, const yaml::Node& value, VolumeSpec& into) {
  if (value.scalar == "ROOT") {
    into.type = VolumeType::kRoot;
  } else if (value.scalar == "MOUNT" || value.scalar == "PATH") {
    into.type = VolumeType::kMount;
  } else {
    return Outcome::kRefused;
  }
  return Outcome::kDone;
}

Outcome read_profiles(const Scope& scope, const yaml::Node& value, VolumeSpec& into) {
  if (value.type != yaml::Node::Type::kList) return Outcome::kRefused;
  for (const yaml::Node& item : value.items) {
    const bool repeated = std::count(into.profiles.begin(), into.profiles.end(), item.scalar) > 0;
    if (item.type != yaml::Node::Type::kScalar || !is_volume_profile(item.scalar) || repeated) {
      scope.error(item.mark, repeated ? "a second " + item.found() : item.found(),
                  "different names of at most 128 letters, digits, '_', '.' and '-'");
      continue;
    }
    into.profiles.push_back(item.scalar);
  }
  return Outcome::kDone;
}

// A petabyte: more than any volume, and sums stay far from overflow.
constexpr int64_t kMostMegabytes = int64_t{1} << 30;

constexpr Field<VolumeSpec> kVolumeFields[] = {
    {{"path", Need::kRequired, "one name of letters, digits, '_' and '-', without slashes or dots", "",
      "Where the volume appears in the task's sandbox."},
     text_that<&VolumeSpec::path, is_volume_path>},
    {{"type", Need::kRequired, "ROOT, MOUNT or PATH", "",
      "ROOT shares the agent's disk; MOUNT takes a whole disk of its own."},
     read_volume_type},
    {{"profiles", Need::kOptional, "a list of profile names", "none",
      "The disk profiles that a MOUNT volume may have."},
     read_profiles},
    {{"size", Need::kRequired, "a whole number of megabytes, 1 to 1073741824", "", "The size in megabytes."},
     whole<&VolumeSpec::size_mb, 1, kMostMegabytes>},
};

// ---- The set itself ----

Outcome read_limit(const yaml::Node& value, RawSet& into, const char* name, double most) {
  if (value.type != yaml::Node::Type::kScalar) return Outcome::kRefused;
  std::string limit = value.scalar;
  limit.erase(0, limit.find_first_not_of(" \t"));
  limit.erase(limit.find_last_not_of(" \t") + 1);
  if (limit.empty()) return Outcome::kAbsent;
  if (limit == "unlimited") {
    into.set.limits[name] = std::numeric_limits<double>::infinity();
    return Outcome::kDone;
  }
  yaml::Node number = value;
  number.scalar = limit;
  const auto milli = as_amount_milli(number, most);
  if (!milli) return Outcome::kRefused;
  into.set.limits[name] = static_cast<double>(*milli) / 1000;
  return Outcome::kDone;
}

constexpr Field<RawSet> kLimitFields[] = {
    {{"cpus", Need::kOptional, "a number, 0.001 to 1000000, or 'unlimited'", "none",
      "The most cpus the task may use."},
     [](const Scope&, const yaml::Node& value, RawSet& into) {
       return read_limit(value, into, "cpus", kMostAmount);
     }},
    {{"memory", Need::kOptional, "a number of megabytes, 0.001 to 1073741824, or 'unlimited'", "none",
      "The most memory the task may use."},
     [](const Scope&, const yaml::Node& value, RawSet& into) {
       return read_limit(value, into, "mem", static_cast<double>(kMostMegabytes));
     }},
};

template <auto kMember>
Outcome in_set(const Scope& scope, const yaml::Node& value, RawSet& into) {
  into.has_resources = into.has_any = true;
  return amount_milli<kMember>(scope, value, into.set);
}

constexpr Field<RawSet> kSetFields[] = {
    {{"cpus", Need::kOptional, "a number, 0.001 to 1000000", "none", "CPU shares, in thousandths of a core."},
     in_set<&ResourceSet::cpus_milli>},
    {{"gpus", Need::kOptional, "a whole number, 1 to 1000000", "none", "GPUs: Mesos gives whole ones only."},
     [](const Scope& scope, const yaml::Node& value, RawSet& into) {
       into.has_resources = into.has_any = true;
       const Outcome outcome = amount_milli<&ResourceSet::gpus_milli>(scope, value, into.set);
       return into.set.gpus_milli % 1000 == 0 ? outcome : Outcome::kRefused;
     }},
    {{"memory", Need::kOptional, "a whole number of megabytes, 1 to 1073741824", "none",
      "Memory in megabytes."},
     [](const Scope& scope, const yaml::Node& value, RawSet& into) {
       into.has_resources = into.has_any = true;
       return whole<&ResourceSet::memory_mb, 1, kMostMegabytes>(scope, value, into.set);
     }},
    {{"ports", Need::kOptional, "a map of names to ports", "none", "The ports that the task listens on."},
     [](const Scope& scope, const yaml::Node& value, RawSet& into) {
       into.has_resources = into.has_any = true;
       return read_ports(scope, value, into);
     }},
    {{"volume", Need::kOptional, "a map with path, type and size", "none", "The only persistent volume."},
     [](const Scope& scope, const yaml::Node& value, RawSet& into) {
       into.has_any = true;
       into.volume = scope.mark;
       return read_volume(scope, value, into.set.volumes);
     }},
    {{"volumes", Need::kOptional, "a map of names to volumes", "none", "Several persistent volumes."},
     [](const Scope& scope, const yaml::Node& value, RawSet& into) {
       into.has_any = true;
       into.volumes = scope.mark;
       return read_volumes(scope, value, into.set.volumes);
     }},
    {{"resource-limits", Need::kOptional, "a map with cpus and memory", "none",
      "How far a task may go beyond what it asks for."},
     [](const Scope& scope, const yaml::Node& value, RawSet& into) {
       into.has_any = true;
       read_object(scope, value, UnknownKeys::kRefuse, Fill{kLimitFields, into});
       return Outcome::kDone;
     }},
};

}  // namespace

Outcome read_volume(const Scope& scope, const yaml::Node& node, std::vector<VolumeSpec>& into) {
  VolumeSpec volume;
  read_object(scope, node, UnknownKeys::kRefuse, Fill{kVolumeFields, volume});
  const bool repeated = std::any_of(into.begin(), into.end(), [&](const VolumeSpec& other) {
    return !volume.path.empty() && other.path == volume.path;
  });
  if (repeated) {
    scope.error(scope.mark, "a second volume with the path " + in_quotes(volume.path),
                "a path of its own for each volume");
  }
  into.push_back(std::move(volume));
  return Outcome::kDone;
}

Outcome read_volumes(const Scope& scope, const yaml::Node& node, std::vector<VolumeSpec>& into) {
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string&) {
    read_volume(inner, value, into);
  });
}

std::span<const Field<RawSet>> resource_fields() { return kSetFields; }

void check_resource_set(const Scope& scope, RawSet& set) {
  if (!set.has_resources) {
    scope.error(scope.mark, "no resources", "at least one of cpus, gpus, memory and ports");
  }
  if (set.volume && set.volumes) {
    scope.error(*set.volumes, "both 'volume' and 'volumes'", "one of the two");
  }
  for (const VolumeSpec& volume : set.set.volumes) {
    if (volume.type == VolumeType::kRoot && !volume.profiles.empty()) {
      scope.error(set.volume.value_or(set.volumes.value_or(scope.mark)),
                  "profiles on the ROOT volume " + in_quotes(volume.path), "profiles on MOUNT volumes only");
    }
  }
}

void read_resource_set(const Scope& scope, const yaml::Node& node, RawSet& into) {
  read_object(scope, node, UnknownKeys::kRefuse, Fill<RawSet>{kSetFields, into});
  check_resource_set(scope, into);
}

std::vector<Level> describe_resource_levels() {
  return {describe("resource set", kSetFields), describe("port", kPortFields),
          describe("vip", kVipFields),          describe("ranges", kRangeFields),
          describe("volume", kVolumeFields),    describe("resource-limits", kLimitFields)};
}

}  // namespace ostler::spec
