// A round with its arrays as typed accessors that honour strides, and slices that are
// checked where they are opened: a host's mistake becomes an error, not a crash.
#pragma once

#include <ostler/offers.h>

#include <string>
#include <string_view>

namespace ostler::matcher {

// The round breaks its own rules; text for the host's author.
struct BadRound {
  std::string message;
};

inline std::string_view view(ostler_str_t s) {
  return s.data == nullptr ? std::string_view() : std::string_view(s.data, s.size);
}

class Round {
 public:
  explicit Round(const ostler_round_t& round) : round_(round) {
    if (!OSTLER_HAS(&round, ostler_round_t, local_region)) throw BadRound{"round.struct_size is too small"};
    check_array(round.offers, sizeof(ostler_offer_t), "offers");
    check_array(round.resources, sizeof(ostler_resource_t), "resources");
    check_array(round.attributes, sizeof(ostler_attribute_t), "attributes");
    check_array(round.ranges, sizeof(ostler_range_t), "ranges");
    check_array(round.requirements, sizeof(ostler_requirement_t), "requirements");
    check_array(round.ports, sizeof(ostler_port_need_t), "ports");
    check_array(round.need_ranges, sizeof(ostler_range_t), "need_ranges");
    check_array(round.volumes, sizeof(ostler_volume_need_t), "volumes");
    check_array(round.names, sizeof(ostler_str_t), "names");
    check_array(round.placed, sizeof(ostler_placed_t), "placed");
  }

  uint32_t offer_count() const { return round_.offers.count; }
  uint32_t requirement_count() const { return round_.requirements.count; }
  uint32_t placed_count() const { return round_.placed.count; }
  std::string_view local_region() const { return view(round_.local_region); }

  const ostler_offer_t& offer(uint32_t i) const { return *OSTLER_AT(ostler_offer_t, round_.offers, i); }
  const ostler_resource_t& resource(uint32_t i) const {
    return *OSTLER_AT(ostler_resource_t, round_.resources, i);
  }
  const ostler_attribute_t& attribute(uint32_t i) const {
    return *OSTLER_AT(ostler_attribute_t, round_.attributes, i);
  }
  const ostler_range_t& range(uint32_t i) const { return *OSTLER_AT(ostler_range_t, round_.ranges, i); }
  const ostler_requirement_t& requirement(uint32_t i) const {
    return *OSTLER_AT(ostler_requirement_t, round_.requirements, i);
  }
  const ostler_port_need_t& port(uint32_t i) const { return *OSTLER_AT(ostler_port_need_t, round_.ports, i); }
  const ostler_range_t& need_range(uint32_t i) const {
    return *OSTLER_AT(ostler_range_t, round_.need_ranges, i);
  }
  const ostler_volume_need_t& volume(uint32_t i) const {
    return *OSTLER_AT(ostler_volume_need_t, round_.volumes, i);
  }
  std::string_view name(uint32_t i) const { return view(*OSTLER_AT(ostler_str_t, round_.names, i)); }
  const ostler_placed_t& placed(uint32_t i) const { return *OSTLER_AT(ostler_placed_t, round_.placed, i); }

  // Each throws when a slice reaches past its array.
  void check_resources(ostler_slice_t s) const { check_slice(s, round_.resources, "resources"); }
  void check_attributes(ostler_slice_t s) const { check_slice(s, round_.attributes, "attributes"); }
  void check_ranges(ostler_slice_t s) const { check_slice(s, round_.ranges, "ranges"); }
  void check_placed(const ostler_placed_t& placed) const {
    check_attributes(placed.attributes);
    check_slice(placed.tasks, round_.names, "names");
  }
  void check_requirement(const ostler_requirement_t& need) const {
    check_slice(need.ports, round_.ports, "ports");
    check_slice(need.volumes, round_.volumes, "volumes");
    check_slice(need.resource_ids, round_.names, "names");
    for (uint32_t i = 0; i < need.ports.count; ++i)
      check_slice(port(need.ports.first + i).ranges, round_.need_ranges, "need_ranges");
    for (uint32_t i = 0; i < need.volumes.count; ++i)
      check_slice(volume(need.volumes.first + i).profiles, round_.names, "names");
  }

 private:
  static void check_array(const ostler_array_t& array, size_t size, const char* name) {
    if (array.count > 0 && (array.items == nullptr || array.stride < size))
      throw BadRound{std::string("round.") + name + " has no items or too small a stride"};
  }
  static void check_slice(ostler_slice_t slice, const ostler_array_t& array, const char* name) {
    if (slice.first > array.count || slice.count > array.count - slice.first)
      throw BadRound{std::string("a slice reaches past round.") + name};
  }

  const ostler_round_t& round_;
};

}  // namespace ostler::matcher
