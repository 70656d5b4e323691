// Reads the `offers` field of an OFFERS event into an OfferBatch. Private to the
// event parser.
#pragma once

#include "mesos/event_parser.h"
#include "mesos/json_reader.h"

namespace ostler::mesos {

class OfferReader {
 public:
  OfferReader(JsonReader& json, const ParserConfig& config, OfferBatch& batch)
      : json_(json), config_(config), batch_(batch) {}

  // Reads {"offers": [...]}. False: the reader's message says why.
  bool read();

 private:
  struct ReservationView {
    bool is_dynamic = true;
    std::string_view role;
    std::string_view resource_id;
    std::string_view framework_id;
  };

  bool text(std::string_view& out);
  bool text(ostler_str_t& out);
  bool id(ostler_str_t& out);  // {"value": "..."}
  // Texts that every offer is asked for again are laid side by side: in the event they lie
  // too far apart for any cache. A role is mostly that of the resource before.
  bool close_text(ostler_str_t& out);
  bool close_id(ostler_str_t& out);
  bool role(ostler_str_t& out);
  bool offer();
  bool fault_domain(ostler_offer_t& offer);
  bool unavailability();
  bool resource();
  bool resource_fields(ostler_resource_t& resource);
  bool ranges(ostler_slice_t& slice);
  bool reservation(ReservationView& view);
  bool label(ReservationView& view);
  bool disk(ostler_resource_t& resource, bool& is_odd);
  bool attribute();
  bool attribute_ranges();
  bool attribute_set();
  bool is_ours(const ReservationView& view) const;
  void judge_reservations(const ReservationView& outer, const ReservationView& below, size_t count,
                          ostler_resource_t& resource) const;

  JsonReader& json_;
  const ParserConfig& config_;
  OfferBatch& batch_;
  std::string scratch_;    // an attribute's value as text
  std::string_view role_;  // the last one
};

}  // namespace ostler::mesos
