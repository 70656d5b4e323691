#include "core/round.h"

#include <nlohmann/json.hpp>

#include "base/large_pages.h"
#include "core/names.h"
#include "spec/placement.h"

namespace ostler::core {
namespace {

template <typename T>
ostler_array_t array(const std::vector<T>& items) {
  return {items.data(), static_cast<uint32_t>(items.size()), sizeof(T)};
}

// The batch's items, with some room for those of the round.
template <typename T>
void take_over(std::vector<T>& mine, const std::vector<T>& of_batch) {
  reserve_large(mine, of_batch.size() + of_batch.size() / 16);
  mine.assign(of_batch.begin(), of_batch.end());
}

template <typename T>
uint32_t count(const std::vector<T>& items) {
  return static_cast<uint32_t>(items.size());
}

}  // namespace

PlacementRules::~PlacementRules() {
  for (const Known& known : known_) judge_.release(known.handle);
}

bool PlacementRules::adds_region(const Settings& settings, const spec::PodSpec& pod) {
  return settings.is_region_aware && !spec::placement_names(pod.placement, "@region");
}

Result<uint64_t> PlacementRules::handle(const Settings& settings, const spec::ServiceSpec& service,
                                        const spec::PodSpec& pod) {
  if (!pod.placement_error.empty()) return Error{Code::kInvalidArgument, pod.placement_error, {}};
  const bool is_regional = adds_region(settings, pod);
  const bool is_local = is_regional && service.region.empty();
  const std::string_view region = is_regional ? std::string_view(service.region) : std::string_view();
  if (pod.placement.empty() && !is_regional) return uint64_t{0};
  for (const Known& known : known_) {
    if (known.is_local == is_local && known.region == region && known.placement == pod.placement)
      return known.handle;
  }
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& row : pod.placement) {
    rows.push_back(spec::is_rule_object(row) ? nlohmann::json::parse(row.front(), nullptr, false)
                                             : nlohmann::json(row));
  }
  if (is_local) rows.push_back({{"@type", "IsLocalRegionRule"}});
  if (!region.empty()) rows.push_back({"@region", "IS", region});
  Result<uint64_t> compiled =
      judge_.compile(rows.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (compiled.ok()) known_.push_back({pod.placement, is_local, std::string(region), *compiled});
  return compiled;
}

std::map<std::string, std::string> PlacementRules::refusals(const Settings& settings,
                                                            const spec::ServiceSpec& service) {
  std::map<std::string, std::string> out;
  for (const spec::PodSpec& pod : service.pods) {
    if (!pod.placement_error.empty()) continue;
    Result<uint64_t> rule = handle(settings, service, pod);
    if (!rule.ok()) out.emplace(pod.type, rule.error().message);
  }
  return out;
}

Round::Round(const mesos::OfferBatch& batch, const TaskTable& tasks, std::string local_region)
    : batch_(batch), local_region_(std::move(local_region)) {
  take_over(names_, batch.executor_ids);
  take_over(attributes_, batch.attributes);
  for (const auto& [key, pod] : tasks.by_pod()) add_placed(key, pod);
}

ostler_str_t Round::keep(std::string text) {
  texts_.push_back(std::move(text));
  return mesos::str(texts_.back());
}

// A pod instance counts where it runs or holds resources, also while it is down: that is
// where it will come back. One that is to be replaced counts until it is dead; an intent that
// died holds nothing. The texts stay those of the records, which outlive the round.
void Round::add_placed(const PodKey& key, const std::vector<const TaskTable::Entry*>& tasks) {
  const LaunchRecord* where = nullptr;
  ostler_placed_t placed{};
  placed.tasks.first = count(names_);
  for (const TaskTable::Entry* entry : tasks) {
    const Task& task = entry->second;
    if (task.launch == nullptr) continue;
    if (!task.live() && (task.launch->permanently_failed || !task.launch->is_confirmed())) continue;
    if (where == nullptr) where = task.launch.get();
    names_.push_back(mesos::str(entry->first));
    ++placed.tasks.count;
  }
  if (where == nullptr) return;
  placed.pod = keep(pod_name(key.first, key.second));
  placed.pod_type = mesos::str(where->pod_type);
  placed.agent_id = mesos::str(where->task->agent_id);
  placed.hostname = mesos::str(where->hostname);
  placed.region = mesos::str(where->region);
  placed.zone = mesos::str(where->zone);
  placed.attributes = {count(attributes_), count(where->attributes)};
  for (const auto& [name, text] : where->attributes)
    attributes_.push_back({mesos::str(name), mesos::str(text)});
  placed_.push_back(placed);
}

void Round::place(const LaunchRequest& request, const Place& where) {
  ostler_placed_t placed{};
  placed.pod = keep(pod_name(request.pod->type, request.index));
  placed.pod_type = mesos::str(request.pod->type);
  placed.agent_id = keep(where.agent_id);
  placed.hostname = keep(where.hostname);
  placed.region = keep(where.region);
  placed.zone = keep(where.zone);
  placed.attributes = {count(attributes_), count(where.attributes)};
  for (const auto& [name, text] : where.attributes) attributes_.push_back({keep(name), keep(text)});
  placed.tasks = {count(names_), count(request.pod->tasks)};
  for (const spec::TaskSpec& task : request.pod->tasks)
    names_.push_back(keep(task_name(request.pod->type, request.index, task.name)));
  placed_.push_back(placed);
}

void Round::add(const Settings& settings, const LaunchRequest& request, uint64_t rule,
                const std::string& role) {
  ostler_requirement_t r{};
  r.placement = request.in_place() ? 0 : rule;  // what holds its place keeps it, whatever the rule says now
  r.pod = keep(pod_name(request.pod->type, request.index));
  r.pod_type = keep(request.pod->type);
  const std::string& pre_reserved = request.pod->pre_reserved_role;
  r.role = keep(allocation_role_of(request, role));
  r.pre_reserved_role = keep(pre_reserved);
  r.agent_id = keep(request.agent_id);
  r.ports.first = count(ports_);
  r.volumes.first = count(volumes_);
  std::vector<ostler_str_t> ids;
  for (const Need& need : needs_of(settings, request)) {
    const auto held = request.held.find(need.key);
    if (held != request.held.end() && held->second->confirmed) {
      ids.push_back(keep(std::string(resource_id_of(held->second->resource))));
      // Only what it grows by must be free; a port or volume changes as a whole.
      const int64_t more = need.milli - held->second->resource.milli;
      if (need.kind == Need::Kind::kCpus && more > 0) r.cpus_milli += more;
      if (need.kind == Need::Kind::kMem && more > 0) r.mem_milli += more;
      if (need.kind == Need::Kind::kGpus && more > 0) r.gpus_milli += more;
      if (need.kind == Need::Kind::kDisk && more > 0) r.disk_milli += more;
      continue;
    }
    switch (need.kind) {
      case Need::Kind::kCpus:
        r.cpus_milli += need.milli;
        break;
      case Need::Kind::kMem:
        r.mem_milli += need.milli;
        break;
      case Need::Kind::kGpus:
        r.gpus_milli += need.milli;
        break;
      case Need::Kind::kDisk:
        r.disk_milli += need.milli;
        break;
      case Need::Kind::kPort: {
        ostler_port_need_t port{};
        port.port = need.port->port;
        port.ranges = {count(need_ranges_), static_cast<uint32_t>(need.port->ranges.size())};
        for (const spec::PortRange& range : need.port->ranges)
          need_ranges_.push_back({range.begin, range.end});
        ports_.push_back(port);
        break;
      }
      case Need::Kind::kVolume: {
        const bool is_mount = need.volume->type == spec::VolumeType::kMount;
        if (!is_mount) r.disk_milli += need.milli;
        ostler_volume_need_t volume{};
        volume.milli = need.milli;
        volume.type = is_mount ? OSTLER_VOLUME_MOUNT : OSTLER_VOLUME_ROOT;
        volume.profiles = {count(names_), static_cast<uint32_t>(need.volume->profiles.size())};
        for (const std::string& profile : need.volume->profiles) names_.push_back(mesos::str(profile));
        volumes_.push_back(volume);
        break;
      }
    }
  }
  r.ports.count = count(ports_) - r.ports.first;
  r.volumes.count = count(volumes_) - r.volumes.first;
  r.resource_ids = {count(names_), count(ids)};
  names_.insert(names_.end(), ids.begin(), ids.end());
  requirements_.push_back(r);
}

ostler_round_t Round::view() const {
  ostler_round_t round{};
  round.struct_size = sizeof round;
  round.offers = array(batch_.offers);
  round.resources = array(batch_.resources);
  round.attributes = array(attributes_);
  round.ranges = array(batch_.ranges);
  round.requirements = array(requirements_);
  round.ports = array(ports_);
  round.need_ranges = array(need_ranges_);
  round.volumes = array(volumes_);
  round.names = array(names_);
  round.placed = array(placed_);
  round.local_region = mesos::str(local_region_);
  return round;
}

ostler_round_t Round::view(uint32_t r) const {
  ostler_round_t round = view();
  round.requirements = {&requirements_[r], 1, sizeof(ostler_requirement_t)};
  return round;
}

}  // namespace ostler::core
