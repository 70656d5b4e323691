// Offers and a judge for tests of the core, made without JSON events or plugins.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/claim.h"
#include "core/ports.h"
#include "mesos/codec.h"
#include "mesos/event.h"
#include "mesos/offer_batch.h"

namespace ostler::core::test {

inline mesos::Resource scalar(std::string name, double value) {
  mesos::Resource r;
  r.name = std::move(name);
  r.milli = static_cast<int64_t>(value * 1000);
  r.allocation_role = "zk-role";
  return r;
}

inline mesos::Resource ports(uint64_t begin, uint64_t end) {
  mesos::Resource r;
  r.name = "ports";
  r.type = mesos::ValueType::kRanges;
  r.ranges = {{begin, end}};
  r.allocation_role = "zk-role";
  return r;
}

struct FakeOffer {
  std::string id, agent_id, hostname;
  std::vector<mesos::Resource> resources;
};

inline FakeOffer big_offer(int agent) {
  const std::string n = std::to_string(agent);
  static int number = 0;
  return {"O" + std::to_string(++number),
          "S" + n,
          "10.0.0." + n,
          {scalar("cpus", 4), scalar("mem", 8192), scalar("disk", 20000), ports(1025, 2180)}};
}

inline mesos::event::Offers offers_event(const std::vector<FakeOffer>& offers) {
  mesos::event::Offers event;
  mesos::OfferBatch& batch = event.batch;
  const auto keep = [&](std::string_view text) { return mesos::str(batch.keep(text)); };
  for (const FakeOffer& offer : offers) {
    ostler_offer_t out{};
    out.id = keep(offer.id);
    out.agent_id = keep(offer.agent_id);
    out.hostname = keep(offer.hostname);
    out.resources = {static_cast<uint32_t>(batch.resources.size()),
                     static_cast<uint32_t>(offer.resources.size())};
    for (const mesos::Resource& resource : offer.resources) {
      ostler_resource_t flat{};
      static const std::map<std::string, uint32_t> kKinds = {{"cpus", OSTLER_RES_CPUS},
                                                             {"mem", OSTLER_RES_MEM},
                                                             {"disk", OSTLER_RES_DISK},
                                                             {"gpus", OSTLER_RES_GPUS},
                                                             {"ports", OSTLER_RES_PORTS}};
      flat.kind = kKinds.at(resource.name);
      flat.milli = resource.milli;
      flat.name = keep(resource.name);
      flat.allocation_role = keep(resource.allocation_role);
      flat.reservation_role = keep("*");
      if (!resource.reservations.empty() && !resource.reservations.front().is_dynamic) {
        flat.flags |= OSTLER_RES_STATIC;
        flat.reservation_role = keep(resource.reservations.front().role);
      }
      flat.reservation_id = keep(resource_id_of(resource));
      if (flat.reservation_id.size != 0) flat.flags |= OSTLER_RES_RESERVED;
      if (resource.disk && !resource.disk->persistence_id.empty()) {
        flat.flags |= OSTLER_RES_VOLUME;
        flat.persistence_id = keep(resource.disk->persistence_id);
      }
      flat.ranges = {static_cast<uint32_t>(batch.ranges.size()),
                     static_cast<uint32_t>(resource.ranges.size())};
      for (const mesos::Range& range : resource.ranges) batch.ranges.push_back({range.begin, range.end});
      if (flat.flags & OSTLER_RES_RESERVED)
        batch.reserved.push_back(static_cast<uint32_t>(batch.resources.size()));
      batch.resources.push_back(flat);
      batch.raw_resources.push_back(batch.keep(mesos::to_text(resource)));
    }
    batch.offers.push_back(out);
  }
  return event;
}

// Counts free scalars and knows one placement rule: a host of its own for each pod.
class FakeJudge final : public Judge {
 public:
  Result<uint64_t> compile(std::string_view) override { return uint64_t{1}; }
  void release(uint64_t) override {}
  std::string explain(const ostler_round_t&, uint32_t, uint32_t) override { return "[]"; }

  Result<void> evaluate(const ostler_round_t& round, std::vector<ostler_verdict_t>& verdicts) override {
    ++rounds;
    verdicts.assign(size_t{round.requirements.count} * round.offers.count, {});
    for (uint32_t r = 0; r < round.requirements.count; ++r) {
      const auto* need = OSTLER_AT(ostler_requirement_t, round.requirements, r);
      for (uint32_t o = 0; o < round.offers.count; ++o) {
        verdicts[size_t{r} * round.offers.count + o] =
            judge(round, *need, *OSTLER_AT(ostler_offer_t, round.offers, o));
      }
    }
    return {};
  }
  int rounds = 0;

 private:
  static ostler_verdict_t judge(const ostler_round_t& round, const ostler_requirement_t& need,
                                const ostler_offer_t& offer) {
    ostler_verdict_t verdict{0, 0};
    int64_t cpus = 0, mem = 0, disk = 0;
    std::set<std::string> ids;
    for (uint32_t i = 0; i < offer.resources.count; ++i) {
      const auto* res = OSTLER_AT(ostler_resource_t, round.resources, offer.resources.first + i);
      if (res->flags & OSTLER_RES_RESERVED) {
        ids.insert(std::string(mesos::view(res->reservation_id)));
        continue;
      }
      if (res->kind == OSTLER_RES_CPUS) cpus += res->milli;
      if (res->kind == OSTLER_RES_MEM) mem += res->milli;
      if (res->kind == OSTLER_RES_DISK) disk += res->milli;
    }
    if (cpus < need.cpus_milli) verdict.reasons |= OSTLER_REASON_CPUS;
    if (mem < need.mem_milli) verdict.reasons |= OSTLER_REASON_MEM;
    if (disk < need.disk_milli) verdict.reasons |= OSTLER_REASON_DISK;
    if (need.agent_id.size != 0 && mesos::view(need.agent_id) != mesos::view(offer.agent_id))
      verdict.reasons |= OSTLER_REASON_AGENT;
    for (uint32_t i = 0; i < need.resource_ids.count; ++i) {
      const auto* id = OSTLER_AT(ostler_str_t, round.names, need.resource_ids.first + i);
      if (!ids.contains(std::string(mesos::view(*id)))) verdict.reasons |= OSTLER_REASON_RESERVED;
    }
    for (uint32_t i = 0; need.placement != 0 && i < round.placed.count; ++i) {
      const auto* placed = OSTLER_AT(ostler_placed_t, round.placed, i);
      if (mesos::view(placed->pod) == mesos::view(need.pod)) continue;
      if (mesos::view(placed->hostname) == mesos::view(offer.hostname))
        verdict.reasons |= OSTLER_REASON_PLACEMENT;
    }
    verdict.score = static_cast<double>(cpus);
    return verdict;
  }
};

}  // namespace ostler::core::test
