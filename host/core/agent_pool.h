// What one agent still has to give to one role in this round.
//
// All offers of the agent to that role merged: reserved and unreserved resources can come
// in different offers. Those to another role are another pool, because Mesos refuses an
// ACCEPT of offers to two roles as a whole. A claim works on a copy and replaces the pool when it succeeds,
// so that several steps can be served by one agent and a failed claim takes nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mesos/offer_batch.h"

namespace ostler::core {

// The role an offer was made to; empty where Mesos did not say.
std::string_view allocation_role(const mesos::OfferBatch& batch, uint32_t offer);
// Whether that role may use it.
bool is_offered_to(const mesos::OfferBatch& batch, uint32_t offer, std::string_view role);

class AgentPool {
 public:
  // `offers` are numbers of offers in `batch`, all of one agent and to one role. The batch
  // must outlive the pool.
  AgentPool(const mesos::OfferBatch& batch, std::vector<uint32_t> offers);

  const mesos::OfferBatch& batch() const { return *batch_; }
  const ostler_offer_t& offer() const { return batch_->offers[offers_.front()]; }
  const std::vector<uint32_t>& offers() const { return offers_; }

  // Take from what is not reserved for us yet; `reserved_role` is "*" or the role of a
  // static reservation. False, and nothing taken, when there is not enough.
  bool take_scalar(uint32_t kind, int64_t milli, std::string_view reserved_role);
  bool take_port(uint32_t port, std::string_view reserved_role);
  // The lowest ports within `ranges` (any, when empty) that are not in `avoid`.
  std::vector<uint32_t> ports_for(const std::vector<mesos::Range>& ranges, const std::vector<uint32_t>& avoid,
                                  std::string_view reserved_role, size_t most) const;
  // The whole MOUNT disks of at least that size whose profile is one of `profiles` (none
  // given: only disks without a profile), as numbers for take_mount(); the smallest first.
  std::vector<uint32_t> mounts_for(int64_t milli, const std::vector<std::string>& profiles,
                                   std::string_view reserved_role) const;
  mesos::Resource take_mount(uint32_t number);

  // Our own reserved resource of that id as it is offered, or nullptr, also once it is used.
  // Read from the offer when it is first asked for: most of what an agent's offer holds
  // belongs to other pods.
  const mesos::Resource* reserved(std::string_view resource_id);
  // It is spoken for: a task may share its resource set, but not at the same time.
  void use(std::string_view resource_id);
  // The role these offers were made to.
  std::string_view allocation_role() const;

 private:
  struct Free {
    std::string role;       // of the static reservation, or "*"
    int64_t milli[6] = {};  // by OSTLER_RES_*
    std::vector<mesos::Range> ports;
  };
  struct Reserved {
    std::string_view id;
    uint32_t number = 0;  // of the resource in the batch
    std::shared_ptr<const mesos::Resource> read;
    bool is_used = false;
  };
  std::vector<Reserved>::iterator find_reserved(std::string_view resource_id);
  Free* free_of(std::string_view role);
  const Free* free_of(std::string_view role) const;

  const mesos::OfferBatch* batch_;
  std::vector<uint32_t> offers_;
  std::vector<Free> free_;
  std::vector<uint32_t> mounts_;    // numbers of resources in the batch
  std::vector<Reserved> reserved_;  // by id, then in the offers' order
};

}  // namespace ostler::core
