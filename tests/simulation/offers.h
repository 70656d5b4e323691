// The model's offers as the parser would hand them to the core.
#pragma once

#include <string>
#include <unordered_map>

#include "cluster/model/events.h"
#include "mesos/offer_batch.h"

namespace ostler::simulation {

// Writing a resource's JSON costs more than all else about an offer, and the same
// resources come again and again; so their texts are kept. One owner, one thread.
class OfferWriter {
 public:
  // `is_exact`: each resource goes as JSON text, to be read again by the product's codec;
  // else as the value it is.
  mesos::OfferBatch write(std::vector<cluster::Offer>&& offers, const std::string& framework_id,
                          const std::vector<std::string>& roles, bool is_exact);

 private:
  void write(const mesos::Resource& resource, const std::string& framework_id,
             const std::vector<std::string>& roles, mesos::OfferBatch& batch);
  const std::string& text_of(const mesos::Resource& resource);

  std::unordered_multimap<uint64_t, std::pair<mesos::Resource, std::string>> texts_;
};

}  // namespace ostler::simulation
