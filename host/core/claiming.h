// Takes what one request needs from one agent's pool: the part of a claim that decides
// about resources. What is held is taken where it is, what is new gets ids; from both come
// the operations.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/agent_pool.h"
#include "core/claim.h"
#include "core/matching.h"
#include "core/names.h"
#include "core/provider_operations.h"

namespace ostler::core {

inline uint32_t kind_of(Need::Kind kind) {
  switch (kind) {
    case Need::Kind::kCpus:
      return OSTLER_RES_CPUS;
    case Need::Kind::kMem:
      return OSTLER_RES_MEM;
    case Need::Kind::kGpus:
      return OSTLER_RES_GPUS;
    case Need::Kind::kPort:
      return OSTLER_RES_PORTS;
    case Need::Kind::kDisk:
    case Need::Kind::kVolume:
      return OSTLER_RES_DISK;
  }
  return OSTLER_RES_OTHER;
}

// One claim under way, on a copy of the pool.
class Claiming {
 public:
  Claiming(const ClaimContext& context, const LaunchRequest& request, const AgentPool& pool)
      : context_(context), request_(request), pool_(pool), role_(request.pod->pre_reserved_role) {
    allocation_role_ = pool_.allocation_role();
    if (allocation_role_.empty()) allocation_role_ = context.role;
    for (const spec::ResourceSet& set : request.pod->resource_sets) {
      for (const spec::PortSpec& port : set.ports) {
        if (port.port != 0) static_ports_.push_back(port.port);
      }
    }
  }

  // Decides which need gets which disk or port where it has a choice: the judge counted on
  // the best division, and each taking what suits it best may leave the last with nothing.
  void divide(const std::vector<Need>& needs) {
    const auto is_mount = [](const Need& need) {
      return need.kind == Need::Kind::kVolume && need.volume->type == spec::VolumeType::kMount;
    };
    const auto is_any_port = [](const Need& need) {
      return need.kind == Need::Kind::kPort && need.port->port == 0;
    };
    const auto count_new = [&](const auto& is_wanted) {
      return static_cast<size_t>(std::count_if(
          needs.begin(), needs.end(), [&](const Need& need) { return is_wanted(need) && is_new(need); }));
    };
    if (count_new(is_mount) > 0) {
      divide(needs, is_mount,
             [&](const Need& need) { return pool_.mounts_for(need.milli, need.volume->profiles, role_); });
    }
    // As many choices as there are needs are enough: one is always left.
    if (const size_t most = count_new(is_any_port); most > 0)
      divide(needs, is_any_port, [&](const Need& need) { return ports_for(need, most); });
  }

  Result<void> take(const Need& need) {
    const auto held = request_.held.find(need.key);
    if (held == request_.held.end()) return take_new(need);
    const mesos::Resource* offered = pool_.reserved(resource_id_of(held->second->resource));
    if (offered == nullptr) {
      // An intent that never reached Mesos is asked for again; what Mesos confirmed is
      // only absent for now, and taking another in its place would leak it.
      if (!held->second->confirmed) return take_again(need, *held->second);
      return Error{Code::kUnavailable, "its reserved " + describe(need) + " is not offered", {}};
    }
    return take_held(need, *held->second, *offered);
  }

  // Gives back what the spec no longer asks for. Volumes stay: only replace,
  // decommission and uninstall destroy data.
  void release_unneeded(const std::vector<Need>& needs, const std::set<std::string, std::less<>>& scope) {
    for (const auto& [name, holding] : request_.held) {
      const std::string& key = name;  // clang 14 captures no binding
      if (!scope.contains(is_executor_key(key) ? std::string_view("executor") : resource_set_of_key(key)))
        continue;
      if (std::any_of(needs.begin(), needs.end(), [&](const Need& n) { return n.key == key; })) continue;
      if (holding->resource.disk && !holding->resource.disk->persistence_id.empty()) {
        holdings_[key] = *holding;
        continue;
      }
      if (const mesos::Resource* offered = pool_.reserved(resource_id_of(holding->resource))) {
        unreserve_.push_back(*offered);
      }
    }
  }

  std::map<std::string, Holding>& holdings() { return holdings_; }
  AgentPool& pool() { return pool_; }

  // UNRESERVE, RESERVE and CREATE, each only where there is something and once a provider;
  // `room` for that many more.
  std::vector<mesos::Operation> take_operations(size_t room) {
    std::vector<mesos::Operation> out;
    out.reserve(3 + room);
    add_operations(out, mesos::Operation::Type::kUnreserve, std::move(unreserve_));
    add_operations(out, mesos::Operation::Type::kReserve, std::move(reserve_));
    add_operations(out, mesos::Operation::Type::kCreate, std::move(create_));
    return out;
  }

 private:
  // Whether something has to be taken for it that it had not before.
  bool is_new(const Need& need) {
    const auto held = request_.held.find(need.key);
    return held == request_.held.end() ||
           (!held->second->confirmed && pool_.reserved(resource_id_of(held->second->resource)) == nullptr);
  }

  template <typename IsWanted, typename Options>
  void divide(const std::vector<Need>& needs, const IsWanted& is_wanted, const Options& options_of) {
    std::vector<const Need*> wanting;
    std::vector<std::vector<uint32_t>> options;
    for (const Need& need : needs) {
      if (!is_wanted(need) || !is_new(need)) continue;
      wanting.push_back(&need);
      options.push_back(options_of(need));
    }
    const std::vector<std::optional<uint32_t>> got = match(options);
    for (size_t i = 0; i < wanting.size(); ++i) {
      if (got[i]) chosen_[wanting[i]->key] = *got[i];
    }
  }

  // The one an intent had comes first.
  std::vector<uint32_t> ports_for(const Need& need, size_t most) const {
    std::vector<mesos::Range> ranges;
    for (const spec::PortRange& range : need.port->ranges) ranges.push_back({range.begin, range.end});
    std::vector<uint32_t> out;
    const auto held = request_.held.find(need.key);
    if (held != request_.held.end() && !held->second->resource.ranges.empty()) {
      const uint64_t before = held->second->resource.ranges.front().begin;
      out = pool_.ports_for({{before, before}}, {}, role_, 1);
    }
    for (const uint32_t port : pool_.ports_for(ranges, static_ports_, role_, most)) {
      if (std::find(out.begin(), out.end(), port) == out.end()) out.push_back(port);
    }
    return out;
  }

  static std::string describe(const Need& need) {
    if (need.kind == Need::Kind::kPort) return "port '" + need.port->name + "'";
    if (need.kind == Need::Kind::kVolume) return "volume '" + need.volume->path + "'";
    return need.key;
  }

  // The reservation every resource of ours carries. A fresh id each, so that two
  // resources of one agent can always be told apart.
  mesos::Reservation reservation(const std::string& resource_id) const {
    mesos::Reservation r;
    r.role = role_ == "*" ? context_.role : role_ + "/" + context_.role;
    r.principal = context_.principal;
    r.labels = {{"framework_id", context_.framework_id}, {"resource_id", resource_id}};
    return r;
  }

  mesos::Resource fresh(const Need& need, const std::string& resource_id) const {
    mesos::Resource resource;
    resource.name = resource_name(need.kind);
    resource.milli = need.milli;
    resource.allocation_role = allocation_role_;
    if (role_ != "*") resource.reservations.push_back({false, role_, {}, {}});
    resource.reservations.push_back(reservation(resource_id));
    return resource;
  }

  Result<void> take_new(const Need& need) { return reserve(need, context_.ids.uuid(), {}); }

  // The same ids again, so that an operation which did arrive after all is recognised.
  Result<void> take_again(const Need& need, const Holding& held) {
    const std::string persistence = held.resource.disk ? held.resource.disk->persistence_id : std::string();
    return reserve(need, std::string(resource_id_of(held.resource)), persistence);
  }

  Result<void> reserve(const Need& need, const std::string& resource_id, std::string persistence_id) {
    mesos::Resource resource = fresh(need, resource_id);
    switch (need.kind) {
      case Need::Kind::kPort: {
        Result<uint32_t> port = take_port(need);
        if (!port.ok()) return port.error();
        resource.type = mesos::ValueType::kRanges;
        resource.milli = 0;
        resource.ranges = {{*port, *port}};
        break;
      }
      case Need::Kind::kVolume: {
        if (need.volume->type == spec::VolumeType::kMount) {
          const auto chosen = chosen_.find(need.key);
          if (chosen == chosen_.end())
            return Error{Code::kResourceExhausted, "no MOUNT disk for " + describe(need), {}};
          resource = pool_.take_mount(chosen->second);
          resource.reservations.push_back(reservation(resource_id));
        } else if (!pool_.take_scalar(OSTLER_RES_DISK, need.milli, role_)) {
          return Error{Code::kResourceExhausted, "not enough disk for " + describe(need), {}};
        }
        reserve_.push_back(resource);
        if (persistence_id.empty()) persistence_id = context_.ids.uuid();
        make_volume(need, persistence_id, resource);
        create_.push_back(resource);
        hold(need, std::move(resource), false);
        return {};
      }
      default:
        if (!pool_.take_scalar(kind_of(need.kind), need.milli, role_)) {
          return Error{Code::kResourceExhausted, std::string("not enough ") + resource_name(need.kind), {}};
        }
    }
    reserve_.push_back(resource);
    hold(need, std::move(resource), false);
    return {};
  }

  void hold(const Need& need, mesos::Resource resource, bool confirmed) {
    holdings_[need.key] = Holding{need.key, std::move(resource), confirmed};
  }

  void make_volume(const Need& need, const std::string& persistence_id, mesos::Resource& resource) const {
    resource.disk.change([&](mesos::Disk& disk) {
      disk.persistence_id = persistence_id;
      disk.principal = context_.principal;
      disk.container_path = need.volume->path;
    });
  }

  Result<uint32_t> take_port(const Need& need) {
    const uint32_t wanted = need.port->port;
    if (wanted != 0) {
      if (pool_.take_port(wanted, role_)) return wanted;
      return Error{Code::kResourceExhausted, "port " + std::to_string(wanted) + " is not offered", {}};
    }
    const auto chosen = chosen_.find(need.key);
    if (chosen == chosen_.end() || !pool_.take_port(chosen->second, role_))
      return Error{Code::kResourceExhausted, "no port for '" + need.port->name + "' is offered", {}};
    return chosen->second;
  }

  Result<void> take_held(const Need& need, const Holding& held, const mesos::Resource& offered) {
    const std::string id(resource_id_of(offered));
    mesos::Resource now = offered;
    if (need.kind == Need::Kind::kPort) {
      const uint64_t port = offered.ranges.empty() ? 0 : offered.ranges.front().begin;
      if (need.port->port != 0 && need.port->port != port) {
        unreserve_.push_back(offered);
        return take_new(need);
      }
    } else if (need.kind == Need::Kind::kVolume) {
      if (!offered.disk || offered.disk->persistence_id.empty()) {
        // Reserved, but the CREATE that followed was lost: the same volume again.
        make_volume(need, held.resource.disk->persistence_id, now);
        create_.push_back(now);
      }
    } else if (offered.milli < need.milli) {
      mesos::Resource more = fresh(need, id);
      more.milli = need.milli - offered.milli;
      if (!pool_.take_scalar(kind_of(need.kind), more.milli, role_)) {
        return Error{
            Code::kResourceExhausted, std::string("not enough ") + resource_name(need.kind) + " to grow", {}};
      }
      reserve_.push_back(more);
      now.milli = need.milli;
    } else if (offered.milli > need.milli) {
      mesos::Resource less = offered;
      less.milli = offered.milli - need.milli;
      unreserve_.push_back(less);
      now.milli = need.milli;
    }
    pool_.use(id);
    hold(need, std::move(now), true);
    return {};
  }

  const ClaimContext& context_;
  const LaunchRequest& request_;
  AgentPool pool_;
  std::string role_;  // the static reservation it draws from, or "*"
  std::string allocation_role_;
  std::vector<uint32_t> static_ports_;
  std::map<std::string, uint32_t> chosen_;  // by need: a disk of the pool, or a port
  std::map<std::string, Holding> holdings_;
  std::vector<mesos::Resource> unreserve_, reserve_, create_;
};

}  // namespace ostler::core
