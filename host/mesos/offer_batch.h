// A batch of offers in the flat form of the plugin ABI.
//
// Four shared arrays and one block of text: an offer names its slices of the
// arrays by index, so a batch of 10,000 offers is a handful of allocations, and
// the offers plugin reads exactly what the parser wrote. What a judge does not
// need but an operation must repeat (reservations, disk sources, unknown fields)
// is kept as each resource's JSON text and only read for an offer that is used.
//
// Not thread-safe; the parser fills it, then the core owns it. Movable, since
// all text lives in blocks that do not move.
#pragma once

#include <ostler/offers.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesos/types.h"

namespace ostler::mesos {

// The agent of that offer is to be away in that time, in ms since 1970.
struct Unavailability {
  uint32_t offer = 0;
  int64_t from_ms = 0;
  int64_t until_ms = 0;
};

class SpareArrays;

class OfferBatch {
 public:
  OfferBatch() = default;
  // With the arrays that are spare now; its own become spare when it is dropped.
  explicit OfferBatch(std::shared_ptr<SpareArrays> home);
  OfferBatch(OfferBatch&& other) noexcept { *this = std::move(other); }
  OfferBatch& operator=(OfferBatch&& other) noexcept;
  ~OfferBatch();

  std::vector<ostler_offer_t> offers;
  std::vector<ostler_resource_t> resources;
  std::vector<ostler_attribute_t> attributes;
  std::vector<ostler_range_t> ranges;
  std::vector<ostler_str_t> executor_ids;
  // Which of `resources` are reserved by us, in order: few, and looked for again and again.
  std::vector<uint32_t> reserved;
  std::vector<Unavailability> unavailable;  // of few offers, in their order
  // Parallel to `resources`: the JSON object text the resource came as.
  std::vector<std::string_view> raw_resources;
  // Instead of those texts (all of them), where whoever made the batch has the resources themselves.
  std::vector<Resource> known_resources;

  size_t size() const { return offers.size(); }
  bool empty() const { return offers.empty(); }

  // Calls `look(index)` for each of an offer's resources that are reserved by us. Offers are
  // asked for in their order; `at` is 0 for the first and belongs to the walk.
  template <typename Look>
  void each_reserved(const ostler_offer_t& offer, size_t& at, Look look) const {
    const uint32_t end = offer.resources.first + offer.resources.count;
    while (at < reserved.size() && reserved[at] < offer.resources.first) ++at;
    for (; at < reserved.size() && reserved[at] < end; ++at) look(reserved[at]);
  }

  // Copies `text` into the batch and returns the copy, valid as long as the batch.
  std::string_view keep(std::string_view text);
  // Takes over a whole buffer (an event's bytes), so that views into it stay valid.
  std::string_view adopt(std::string&& buffer);

  // Appends the offers of `other`, whose text it takes over.
  void append(OfferBatch&& other);

  // Resource `index` with everything, for building operations.
  // Defined in codec_resource.cpp, because it reads JSON.
  Resource resource(size_t index) const;

 private:
  friend class SpareArrays;
  void take_arrays(OfferBatch& other) noexcept;

  std::shared_ptr<SpareArrays> home_;  // or null
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<std::string>> buffers_;
  char* free_ = nullptr;
  size_t left_ = 0;
};

// The arrays of a large batch that was dropped, for the next one: large arrays would come
// fresh from the system each time, page by page, which takes a quarter of the time of a
// decision over 50,000 offers. All functions are [any-thread].
class SpareArrays {
 public:
  void keep(OfferBatch& dropped) noexcept;
  void give(OfferBatch& to) noexcept;
  void release() noexcept;

 private:
  std::mutex mutex_;
  OfferBatch spare_;  // guarded by mutex_; without texts
};

inline std::string_view view(ostler_str_t s) {
  return s.data == nullptr ? std::string_view() : std::string_view(s.data, s.size);
}
inline ostler_str_t str(std::string_view s) { return ostler_str_t{s.data(), s.size()}; }

}  // namespace ostler::mesos
