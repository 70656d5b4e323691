// Where the text of a batch lives: blocks that never move, and whole buffers.
#include "mesos/offer_batch.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace ostler::mesos {
namespace {
constexpr size_t kBlock = 4096;
constexpr size_t kFewResources = 8192;  // 1 MiB: what malloc has at hand
}  // namespace

OfferBatch::OfferBatch(std::shared_ptr<SpareArrays> home) : home_(std::move(home)) { home_->give(*this); }

OfferBatch::~OfferBatch() {
  if (home_ != nullptr) home_->keep(*this);
}

void OfferBatch::take_arrays(OfferBatch& other) noexcept {
  offers = std::move(other.offers);
  resources = std::move(other.resources);
  attributes = std::move(other.attributes);
  ranges = std::move(other.ranges);
  executor_ids = std::move(other.executor_ids);
  raw_resources = std::move(other.raw_resources);
  reserved = std::move(other.reserved);
}

// By hand, because the batch moved from must forget where its free room was: that
// block now belongs to this one.
OfferBatch& OfferBatch::operator=(OfferBatch&& other) noexcept {
  if (this == &other) return *this;
  if (home_ != nullptr) home_->keep(*this);
  take_arrays(other);
  home_ = std::move(other.home_);
  unavailable = std::move(other.unavailable);
  known_resources = std::move(other.known_resources);
  blocks_ = std::move(other.blocks_);
  buffers_ = std::move(other.buffers_);
  free_ = std::exchange(other.free_, nullptr);
  left_ = std::exchange(other.left_, 0);
  return *this;
}

void SpareArrays::keep(OfferBatch& dropped) noexcept {
  const std::lock_guard lock(mutex_);
  if (dropped.resources.capacity() < std::max(kFewResources, spare_.resources.capacity())) return;
  spare_.take_arrays(dropped);
  spare_.offers.clear();
  spare_.resources.clear();
  spare_.attributes.clear();
  spare_.ranges.clear();
  spare_.executor_ids.clear();
  spare_.raw_resources.clear();
  spare_.reserved.clear();
}

void SpareArrays::give(OfferBatch& to) noexcept {
  const std::lock_guard lock(mutex_);
  to.take_arrays(spare_);
}

void SpareArrays::release() noexcept {
  const std::lock_guard lock(mutex_);
  spare_ = OfferBatch();
}

std::string_view OfferBatch::keep(std::string_view text) {
  if (text.empty()) return {};
  if (text.size() > left_) {
    const size_t size = std::max(kBlock, text.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    free_ = blocks_.back().get();
    left_ = size;
  }
  char* const start = free_;
  std::memcpy(start, text.data(), text.size());
  free_ += text.size();
  left_ -= text.size();
  return {start, text.size()};
}

std::string_view OfferBatch::adopt(std::string&& buffer) {
  // On the heap as a whole: a short string moves its characters with itself.
  buffers_.push_back(std::make_unique<std::string>(std::move(buffer)));
  return *buffers_.back();
}

void OfferBatch::append(OfferBatch&& other) {
  const auto shift = [](ostler_slice_t& slice, size_t by) { slice.first += static_cast<uint32_t>(by); };
  for (ostler_resource_t& resource : other.resources) shift(resource.ranges, ranges.size());
  for (ostler_offer_t& offer : other.offers) {
    shift(offer.resources, resources.size());
    shift(offer.attributes, attributes.size());
    shift(offer.executor_ids, executor_ids.size());
  }
  for (uint32_t& index : other.reserved) index += static_cast<uint32_t>(resources.size());
  for (Unavailability& one : other.unavailable) one.offer += static_cast<uint32_t>(offers.size());
  const auto join = [](auto& mine, auto& theirs) {
    mine.insert(mine.end(), std::make_move_iterator(theirs.begin()), std::make_move_iterator(theirs.end()));
    theirs.clear();
  };
  join(offers, other.offers);
  join(resources, other.resources);
  join(attributes, other.attributes);
  join(ranges, other.ranges);
  join(executor_ids, other.executor_ids);
  join(reserved, other.reserved);
  join(unavailable, other.unavailable);
  join(raw_resources, other.raw_resources);
  join(known_resources, other.known_resources);
  join(blocks_, other.blocks_);
  join(buffers_, other.buffers_);
  other.free_ = nullptr;
  other.left_ = 0;
}

}  // namespace ostler::mesos
