// Rounds for tests and benchmarks: agents and pods as plain structs, flattened into
// the arrays of ostler/offers.h.
#pragma once

#include <ostler/offers.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ostler::test {

struct Range {
  uint64_t first, last;
};

struct OfferedResource {
  uint32_t kind = OSTLER_RES_CPUS;
  int64_t milli = 0;
  std::vector<Range> ranges = {};
  uint32_t flags = 0;
  std::string allocation_role = "zk-role";
  std::string reservation_role = "*";
  std::string reservation_id = {}, profile = {};
};

using Attributes = std::vector<std::pair<std::string, std::string>>;

struct Offer {
  std::string agent, hostname, region, zone;
  Attributes attributes;
  std::vector<OfferedResource> resources;
};

struct PortNeed {
  uint32_t port = 0;
  std::vector<Range> ranges = {};
};
struct VolumeNeed {
  int64_t milli = 0;
  int32_t type = OSTLER_VOLUME_MOUNT;
  std::vector<std::string> profiles = {};
};

struct Pod {
  std::string name = "zk-0", type = "zk";
  int64_t cpus = 0, mem = 0, disk = 0, gpus = 0;  // thousandths
  std::vector<PortNeed> ports;
  std::vector<VolumeNeed> volumes;
  std::vector<std::string> resource_ids;
  uint64_t placement = 0;
  std::string role = "zk-role", pre_reserved_role = "*", agent;
};

struct Placed {
  std::string name, type, agent, hostname, region, zone;
  Attributes attributes = {};
  std::vector<std::string> tasks = {};
};

// Owns the flat form. Texts are copied, so the structs need not live on.
class RoundBuilder {
 public:
  void add(const Offer& offer) {
    ostler_offer_t flat{};
    flat.id = keep("offer-" + std::to_string(offers_.size()));
    flat.agent_id = keep(offer.agent);
    flat.hostname = keep(offer.hostname);
    flat.region = keep(offer.region);
    flat.zone = keep(offer.zone);
    flat.attributes = add(offer.attributes);
    flat.resources = {static_cast<uint32_t>(resources_.size()),
                      static_cast<uint32_t>(offer.resources.size())};
    for (const OfferedResource& resource : offer.resources) {
      ostler_resource_t r{};
      r.kind = resource.kind;
      r.flags = resource.flags;
      r.milli = resource.milli;
      r.ranges = add(resource.ranges, ranges_);
      r.allocation_role = keep(resource.allocation_role);
      r.reservation_role = keep(resource.reservation_role);
      r.reservation_id = keep(resource.reservation_id);
      r.profile = keep(resource.profile);
      resources_.push_back(r);
    }
    offers_.push_back(flat);
  }
  void add(const Pod& pod) {
    ostler_requirement_t flat{};
    flat.cpus_milli = pod.cpus;
    flat.mem_milli = pod.mem;
    flat.disk_milli = pod.disk;
    flat.gpus_milli = pod.gpus;
    flat.ports = {static_cast<uint32_t>(ports_.size()), static_cast<uint32_t>(pod.ports.size())};
    for (const PortNeed& port : pod.ports) ports_.push_back({port.port, 0, add(port.ranges, need_ranges_)});
    flat.volumes = {static_cast<uint32_t>(volumes_.size()), static_cast<uint32_t>(pod.volumes.size())};
    for (const VolumeNeed& volume : pod.volumes)
      volumes_.push_back({volume.milli, volume.type, 0, add(volume.profiles)});
    flat.resource_ids = add(pod.resource_ids);
    flat.placement = pod.placement;
    flat.pod = keep(pod.name);
    flat.pod_type = keep(pod.type);
    flat.role = keep(pod.role);
    flat.pre_reserved_role = keep(pod.pre_reserved_role);
    flat.agent_id = keep(pod.agent);
    requirements_.push_back(flat);
  }
  void add(const Placed& placed) {
    placed_.push_back({keep(placed.name), keep(placed.type), keep(placed.agent), keep(placed.hostname),
                       keep(placed.region), keep(placed.zone), add(placed.attributes), add(placed.tasks)});
  }
  void set_local_region(const std::string& region) { local_region_ = keep(region); }

  ostler_round_t round() const {
    ostler_round_t round{};
    round.struct_size = sizeof round;
    round.offers = array(offers_);
    round.resources = array(resources_);
    round.attributes = array(attributes_);
    round.ranges = array(ranges_);
    round.requirements = array(requirements_);
    round.ports = array(ports_);
    round.need_ranges = array(need_ranges_);
    round.volumes = array(volumes_);
    round.names = array(names_);
    round.placed = array(placed_);
    round.local_region = local_region_;
    return round;
  }

 private:
  template <typename T>
  static ostler_array_t array(const std::vector<T>& items) {
    return {items.data(), static_cast<uint32_t>(items.size()), sizeof(T)};
  }
  ostler_str_t keep(const std::string& text) {
    texts_.push_back(text);
    return {texts_.back().data(), texts_.back().size()};
  }
  static ostler_slice_t add(const std::vector<Range>& ranges, std::vector<ostler_range_t>& to) {
    const ostler_slice_t slice = {static_cast<uint32_t>(to.size()), static_cast<uint32_t>(ranges.size())};
    for (const Range& range : ranges) to.push_back({range.first, range.last});
    return slice;
  }
  ostler_slice_t add(const std::vector<std::string>& names) {
    const ostler_slice_t slice = {static_cast<uint32_t>(names_.size()), static_cast<uint32_t>(names.size())};
    for (const std::string& name : names) names_.push_back(keep(name));
    return slice;
  }
  ostler_slice_t add(const Attributes& attributes) {
    const ostler_slice_t slice = {static_cast<uint32_t>(attributes_.size()),
                                  static_cast<uint32_t>(attributes.size())};
    for (const auto& [name, text] : attributes) attributes_.push_back({keep(name), keep(text)});
    return slice;
  }

  std::deque<std::string> texts_;
  std::vector<ostler_offer_t> offers_;
  std::vector<ostler_resource_t> resources_;
  std::vector<ostler_attribute_t> attributes_;
  std::vector<ostler_range_t> ranges_, need_ranges_;
  std::vector<ostler_requirement_t> requirements_;
  std::vector<ostler_port_need_t> ports_;
  std::vector<ostler_volume_need_t> volumes_;
  std::vector<ostler_str_t> names_;
  std::vector<ostler_placed_t> placed_;
  ostler_str_t local_region_{};
};

}  // namespace ostler::test
