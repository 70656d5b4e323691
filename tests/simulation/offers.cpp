#include "simulation/offers.h"

#include <algorithm>

#include "mesos/codec.h"

namespace ostler::simulation {
namespace {

constexpr size_t kMaxTexts = 2000;

ostler_str_t keep(mesos::OfferBatch& batch, std::string_view text) { return mesos::str(batch.keep(text)); }

uint32_t kind_of(std::string_view name) {
  if (name == "cpus") return OSTLER_RES_CPUS;
  if (name == "mem") return OSTLER_RES_MEM;
  if (name == "disk") return OSTLER_RES_DISK;
  if (name == "ports") return OSTLER_RES_PORTS;
  return OSTLER_RES_OTHER;
}

std::string_view label(const mesos::Reservation& reservation, std::string_view key) {
  for (const auto& [name, value] : reservation.labels) {
    if (name == key) return value;
  }
  return {};
}

uint64_t hash_of(const mesos::Resource& resource) {
  uint64_t hash = std::hash<std::string_view>()(resource.name) ^ static_cast<uint64_t>(resource.milli) * 31;
  for (const mesos::Range& range : resource.ranges) hash = hash * 131 + range.begin * 7 + range.end;
  for (const auto& reservation : resource.reservations)
    hash = hash * 131 + std::hash<std::string_view>()(label(reservation, "resource_id"));
  return resource.disk ? ~hash : hash;
}

}  // namespace

const std::string& OfferWriter::text_of(const mesos::Resource& resource) {
  const uint64_t hash = hash_of(resource);
  const auto [from, to] = texts_.equal_range(hash);
  for (auto known = from; known != to; ++known) {
    if (known->second.first == resource) return known->second.second;
  }
  if (texts_.size() >= kMaxTexts) texts_.clear();
  return texts_.emplace(hash, std::pair(resource, mesos::to_text(resource)))->second.second;
}

// What host/mesos/offer_reader.cpp makes of the same resource.
void OfferWriter::write(const mesos::Resource& resource, const std::string& framework_id,
                        const std::vector<std::string>& roles, mesos::OfferBatch& batch) {
  ostler_resource_t flat{};
  flat.kind = kind_of(resource.name);
  flat.milli = resource.milli;
  flat.name = keep(batch, resource.name);
  flat.allocation_role = keep(batch, resource.allocation_role);
  flat.reservation_role = mesos::str("*");
  if (!resource.reservations.empty()) {
    const mesos::Reservation& outer = resource.reservations.back();
    const std::string_view id = label(outer, "resource_id");
    if (!outer.is_dynamic) {
      flat.flags |= OSTLER_RES_STATIC;
      flat.reservation_role = keep(batch, outer.role);
    } else if (id.empty() || label(outer, "framework_id") != framework_id ||
               std::find(roles.begin(), roles.end(), outer.role) == roles.end()) {
      flat.flags |= OSTLER_RES_FOREIGN;
    } else {
      flat.flags |= OSTLER_RES_RESERVED;
      flat.reservation_id = keep(batch, id);
    }
  }
  if (resource.disk && !resource.disk->persistence_id.empty()) {
    flat.flags |= OSTLER_RES_VOLUME;
    flat.persistence_id = keep(batch, resource.disk->persistence_id);
  }
  flat.ranges = {static_cast<uint32_t>(batch.ranges.size()), static_cast<uint32_t>(resource.ranges.size())};
  for (const mesos::Range& range : resource.ranges) batch.ranges.push_back({range.begin, range.end});
  if (flat.flags & OSTLER_RES_RESERVED)
    batch.reserved.push_back(static_cast<uint32_t>(batch.resources.size()));
  batch.resources.push_back(flat);
}

mesos::OfferBatch OfferWriter::write(std::vector<cluster::Offer>&& offers, const std::string& framework_id,
                                     const std::vector<std::string>& roles, bool is_exact) {
  mesos::OfferBatch batch;
  size_t resources = 0;
  for (const cluster::Offer& offer : offers) resources += offer.resources.size();
  batch.resources.reserve(resources);
  if (!is_exact) batch.known_resources.reserve(resources);
  for (cluster::Offer& offer : offers) {
    ostler_offer_t out{};
    out.id = keep(batch, offer.id);
    out.agent_id = keep(batch, offer.agent_id);
    out.hostname = keep(batch, offer.agent->address);
    out.region = keep(batch, offer.agent->region);
    out.zone = keep(batch, offer.agent->zone);
    out.resources = {static_cast<uint32_t>(batch.resources.size()),
                     static_cast<uint32_t>(offer.resources.size())};
    for (mesos::Resource& resource : offer.resources) {
      write(resource, framework_id, roles, batch);
      if (is_exact) {
        batch.raw_resources.push_back(batch.keep(text_of(resource)));
      } else {
        batch.known_resources.push_back(std::move(resource));
      }
    }
    out.executor_ids = {static_cast<uint32_t>(batch.executor_ids.size()),
                        static_cast<uint32_t>(offer.executor_ids.size())};
    for (const std::string& id : offer.executor_ids) batch.executor_ids.push_back(keep(batch, id));
    if (offer.maintenance) {
      const int64_t from_ms = offer.maintenance->from_unix_ms;
      batch.unavailable.push_back(
          {static_cast<uint32_t>(batch.offers.size()), from_ms, from_ms + offer.maintenance->duration_ms});
    }
    batch.offers.push_back(out);
  }
  return batch;
}

}  // namespace ostler::simulation
