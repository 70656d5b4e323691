#include "core/agent_pool.h"

#include <algorithm>
#include <utility>

namespace ostler::core {

using mesos::view;

std::string_view allocation_role(const mesos::OfferBatch& batch, uint32_t offer) {
  const ostler_slice_t slice = batch.offers[offer].resources;
  return slice.count == 0 ? std::string_view() : view(batch.resources[slice.first].allocation_role);
}

bool is_offered_to(const mesos::OfferBatch& batch, uint32_t offer, std::string_view role) {
  const std::string_view offered = allocation_role(batch, offer);
  return offered.empty() || offered == role;
}

AgentPool::AgentPool(const mesos::OfferBatch& batch, std::vector<uint32_t> offers)
    : batch_(&batch), offers_(std::move(offers)) {
  for (const uint32_t number : offers_) {
    const ostler_offer_t& one = batch.offers[number];
    for (uint32_t i = 0; i < one.resources.count; ++i) {
      const uint32_t at = one.resources.first + i;
      const ostler_resource_t& resource = batch.resources[at];
      if (resource.flags & (OSTLER_RES_FOREIGN | OSTLER_RES_REVOCABLE | OSTLER_RES_SHARED)) continue;
      if (resource.flags & OSTLER_RES_RESERVED) {
        reserved_.push_back({view(resource.reservation_id), at, nullptr, false});
        continue;
      }
      if (resource.flags & OSTLER_RES_VOLUME) continue;  // of whomever: it is no free disk
      if (resource.flags & OSTLER_RES_MOUNT) {
        mounts_.push_back(at);
        continue;
      }
      std::string_view role = view(resource.reservation_role);
      if (role.empty()) role = "*";
      Free* free = free_of(role);
      if (free == nullptr) {
        free_.emplace_back().role = std::string(role);
        free = &free_.back();
      }
      if (resource.kind == OSTLER_RES_PORTS) {
        for (uint32_t r = 0; r < resource.ranges.count; ++r) {
          const ostler_range_t& range = batch.ranges[resource.ranges.first + r];
          free->ports.push_back({range.first, range.last});
        }
      } else if (resource.kind > OSTLER_RES_OTHER && resource.kind < 6) {
        free->milli[resource.kind] += resource.milli;
      }
    }
  }
  std::sort(reserved_.begin(), reserved_.end(), [](const Reserved& a, const Reserved& b) {
    return a.id != b.id ? a.id < b.id : a.number < b.number;
  });
  for (Free& free : free_) {
    std::sort(free.ports.begin(), free.ports.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
  }
}

const AgentPool::Free* AgentPool::free_of(std::string_view role) const {
  for (const Free& free : free_) {
    if (free.role == role) return &free;
  }
  return nullptr;
}

AgentPool::Free* AgentPool::free_of(std::string_view role) {
  return const_cast<Free*>(std::as_const(*this).free_of(role));
}

bool AgentPool::take_scalar(uint32_t kind, int64_t milli, std::string_view reserved_role) {
  Free* free = free_of(reserved_role);
  if (free == nullptr || kind >= 6 || free->milli[kind] < milli) return false;
  free->milli[kind] -= milli;
  return true;
}

bool AgentPool::take_port(uint32_t port, std::string_view reserved_role) {
  Free* free = free_of(reserved_role);
  if (free == nullptr) return false;
  for (size_t i = 0; i < free->ports.size(); ++i) {
    mesos::Range& range = free->ports[i];
    if (port < range.begin || port > range.end) continue;
    const mesos::Range above{uint64_t{port} + 1, range.end};
    const bool is_first = port == range.begin;
    if (is_first && above.begin > above.end) {
      free->ports.erase(free->ports.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (is_first) {
      range.begin = above.begin;
    } else {
      range.end = port - 1;
      if (above.begin <= above.end)
        free->ports.insert(free->ports.begin() + static_cast<std::ptrdiff_t>(i) + 1, above);
    }
    return true;
  }
  return false;
}

std::vector<uint32_t> AgentPool::ports_for(const std::vector<mesos::Range>& ranges,
                                           const std::vector<uint32_t>& avoid, std::string_view reserved_role,
                                           size_t most) const {
  std::vector<uint32_t> out;
  const Free* free = free_of(reserved_role);
  if (free == nullptr) return out;
  const std::vector<mesos::Range> anywhere{{0, 65535}};
  for (const mesos::Range& offered : free->ports) {
    for (const mesos::Range& wanted : ranges.empty() ? anywhere : ranges) {
      const uint64_t last = std::min(offered.end, wanted.end);
      for (uint64_t port = std::max(offered.begin, wanted.begin); port <= last && out.size() < most; ++port) {
        if (std::find(avoid.begin(), avoid.end(), port) != avoid.end()) continue;
        if (std::find(out.begin(), out.end(), port) != out.end()) continue;
        out.push_back(static_cast<uint32_t>(port));
      }
    }
  }
  return out;
}

std::vector<uint32_t> AgentPool::mounts_for(int64_t milli, const std::vector<std::string>& profiles,
                                            std::string_view reserved_role) const {
  std::vector<uint32_t> out;
  for (const uint32_t number : mounts_) {
    const ostler_resource_t& disk = batch_->resources[number];
    std::string_view role = view(disk.reservation_role);
    if (role.empty()) role = "*";
    const std::string_view profile = view(disk.profile);
    const bool profile_fits = profiles.empty()
                                  ? profile.empty()
                                  : std::find(profiles.begin(), profiles.end(), profile) != profiles.end();
    if (disk.milli >= milli && role == reserved_role && profile_fits) out.push_back(number);
  }
  std::stable_sort(out.begin(), out.end(), [&](uint32_t a, uint32_t b) {
    return batch_->resources[a].milli < batch_->resources[b].milli;
  });
  return out;
}

mesos::Resource AgentPool::take_mount(uint32_t number) {
  mounts_.erase(std::remove(mounts_.begin(), mounts_.end(), number), mounts_.end());
  return batch_->resource(number);
}

std::vector<AgentPool::Reserved>::iterator AgentPool::find_reserved(std::string_view resource_id) {
  const auto found = std::lower_bound(reserved_.begin(), reserved_.end(), resource_id,
                                      [](const Reserved& r, std::string_view id) { return r.id < id; });
  return found == reserved_.end() || found->id != resource_id ? reserved_.end() : found;
}

void AgentPool::use(std::string_view resource_id) {
  const auto found = find_reserved(resource_id);
  if (found != reserved_.end()) found->is_used = true;
}

const mesos::Resource* AgentPool::reserved(std::string_view resource_id) {
  const auto found = find_reserved(resource_id);
  if (found == reserved_.end() || found->is_used) return nullptr;
  if (found->read) return found->read.get();
  mesos::Resource whole = batch_->resource(found->number);
  // One reservation in two offers of the agent.
  for (auto more = found + 1; more != reserved_.end() && more->id == resource_id; ++more) {
    const mesos::Resource part = batch_->resource(more->number);
    whole.milli += part.milli;
    whole.ranges.insert(whole.ranges.end(), part.ranges.begin(), part.ranges.end());
  }
  found->read = std::make_shared<const mesos::Resource>(std::move(whole));
  return found->read.get();
}

std::string_view AgentPool::allocation_role() const {
  for (const uint32_t number : offers_) {
    if (const std::string_view role = core::allocation_role(*batch_, number); !role.empty()) return role;
  }
  return {};
}

}  // namespace ostler::core
