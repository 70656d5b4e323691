// One pass over the offers; what each field becomes is documented in ostler/offers.h.
#include "mesos/offer_reader.h"

#include <algorithm>
#include <charconv>

namespace ostler::mesos {
namespace {

constexpr std::string_view kAnyRole = "*";

uint32_t kind_of(Word name) {
  if (name == "cpus") return OSTLER_RES_CPUS;
  if (name == "mem") return OSTLER_RES_MEM;
  if (name == "disk") return OSTLER_RES_DISK;
  if (name == "ports") return OSTLER_RES_PORTS;
  if (name == "gpus") return OSTLER_RES_GPUS;
  return OSTLER_RES_OTHER;
}

ostler_slice_t slice_from(size_t first, size_t end) {
  return {static_cast<uint32_t>(first), static_cast<uint32_t>(end - first)};
}

// "2", "2.5", "0.125": as few decimals as it takes, whatever the locale.
void append_milli(std::string& out, int64_t milli) {
  if (milli < 0) out += '-';
  const uint64_t size = milli < 0 ? static_cast<uint64_t>(-milli) : static_cast<uint64_t>(milli);
  out += std::to_string(size / 1000);
  if (size % 1000 == 0) return;
  std::string decimals = std::to_string(1000 + size % 1000).substr(1);
  while (decimals.back() == '0') decimals.pop_back();
  out += '.';
  out += decimals;
}

// A number that is too large for decimals, such as a date in digits.
void append_whole(std::string& out, double value) {
  char digits[400];  // of the largest double, 309
  const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr;
  out.append(digits, end);
}

}  // namespace

bool OfferReader::text(std::string_view& out) {
  return json_.text(out, [&](std::string_view unescaped) { return batch_.keep(unescaped); });
}
bool OfferReader::text(ostler_str_t& out) {
  std::string_view read;
  if (!text(read)) return false;
  out = str(read);
  return true;
}
bool OfferReader::id(ostler_str_t& out) {
  return json_.only("value", [&] { return text(out); });
}

bool OfferReader::close_text(ostler_str_t& out) {
  std::string_view read;
  if (!text(read)) return false;
  out = str(batch_.keep(read));
  return true;
}
bool OfferReader::close_id(ostler_str_t& out) {
  return json_.only("value", [&] { return close_text(out); });
}
bool OfferReader::role(ostler_str_t& out) {
  std::string_view read;
  if (!text(read)) return false;
  if (read != role_) role_ = read;
  out = str(role_);
  return true;
}

bool OfferReader::read() {
  constexpr size_t kMost = size_t{16} << 10;  // of JSON, has an offer; others cost a second reading
  return json_.only("offers", [&] { return json_.elements<kMost>([&] { return offer(); }); });
}

bool OfferReader::offer() {
  ostler_offer_t offer{};
  ostler_str_t role{};
  const size_t first_resource = batch_.resources.size();
  const size_t first_attribute = batch_.attributes.size();
  const size_t first_executor = batch_.executor_ids.size();
  const bool read = json_.fields([&](Word key) {
    if (key == "id") return close_id(offer.id);
    if (key == "agent_id") return close_id(offer.agent_id);
    if (key == "hostname") return close_text(offer.hostname);
    if (key == "domain") return fault_domain(offer);
    if (key == "resources") return json_.elements([&] { return resource(); });
    if (key == "attributes") return json_.elements([&] { return attribute(); });
    if (key == "executor_ids") return json_.elements([&] { return id(batch_.executor_ids.emplace_back()); });
    if (key == "allocation_info") return json_.only("role", [&] { return this->role(role); });
    if (key == "unavailability") return unavailability();
    return true;
  });
  if (!read) return false;
  if (offer.id.size == 0 || offer.agent_id.size == 0)
    return json_.fail("an offer needs an id and an agent_id");
  offer.resources = slice_from(first_resource, batch_.resources.size());
  offer.attributes = slice_from(first_attribute, batch_.attributes.size());
  offer.executor_ids = slice_from(first_executor, batch_.executor_ids.size());
  for (size_t i = first_resource; i < batch_.resources.size(); ++i) {
    if (batch_.resources[i].allocation_role.size == 0) batch_.resources[i].allocation_role = role;
  }
  batch_.offers.push_back(offer);
  return true;
}

// Without a duration it does not end.
bool OfferReader::unavailability() {
  constexpr double kFarAwayMs = 4e12;  // the year 2096
  double from_ns = 0, duration_ns = kFarAwayMs * 1e6;
  const bool read = json_.fields([&](Word key) {
    double* const to = key == "start" ? &from_ns : key == "duration" ? &duration_ns : nullptr;
    return to == nullptr || json_.only("nanoseconds", [&] { return json_.number(*to); });
  });
  const auto ms = [&](double ns) {
    return static_cast<int64_t>(std::clamp(ns / 1e6, -kFarAwayMs, kFarAwayMs));
  };
  batch_.unavailable.push_back(
      {static_cast<uint32_t>(batch_.offers.size()), ms(from_ns), ms(from_ns + duration_ns)});
  return read;
}

bool OfferReader::fault_domain(ostler_offer_t& offer) {
  const auto name = [&](ostler_str_t& out) { return json_.only("name", [&] { return close_text(out); }); };
  return json_.only("fault_domain", [&] {
    return json_.fields([&](Word key) {
      if (key == "region") return name(offer.region);
      if (key == "zone") return name(offer.zone);
      return true;
    });
  });
}

bool OfferReader::resource() {
  const char* const start = json_.position();
  ostler_resource_t& resource = batch_.resources.emplace_back();
  if (!resource_fields(resource)) return false;
  if (resource.flags & OSTLER_RES_RESERVED)
    batch_.reserved.push_back(static_cast<uint32_t>(batch_.resources.size() - 1));
  batch_.raw_resources.emplace_back(start, static_cast<size_t>(json_.end_of_last() - start));
  return true;
}

bool OfferReader::resource_fields(ostler_resource_t& resource) {
  ReservationView outer;
  ReservationView below;
  size_t reservations = 0;
  bool is_known = false;
  bool is_odd = false;
  bool has_more = false;
  resource.reservation_role = str(kAnyRole);
  const bool read = json_.fields([&](Word key) {
    if (key == "name") return text(resource.name);
    if (key == "type") {
      std::string_view read_type;
      if (!text(read_type)) return false;
      const Word type = read_type;
      is_known = type == "SCALAR" || type == "RANGES" || type == "SET";
      return true;
    }
    if (key == "scalar") {
      double beyond = 0;
      if (!json_.only("value", [&] { return json_.milli(resource.milli, beyond); })) return false;
      is_odd |= beyond != 0;
      return true;
    }
    if (key == "ranges") return ranges(resource.ranges);
    if (key == "reservations") {
      return json_.elements([&] {
        below = outer;
        outer = {};
        ++reservations;
        return reservation(outer);
      });
    }
    if (key == "allocation_info") return json_.only("role", [&] { return role(resource.allocation_role); });
    if (key == "disk") return disk(resource, is_odd);
    if (key == "revocable") resource.flags |= OSTLER_RES_REVOCABLE;
    if (key == "shared") resource.flags |= OSTLER_RES_SHARED;
    // The form before reservation refinement, which we did not ask for.
    if (key == "reservation") resource.flags |= OSTLER_RES_FOREIGN;
    if (key == "role") {
      std::string_view role;
      if (!text(role)) return false;
      if (role != kAnyRole) resource.flags |= OSTLER_RES_FOREIGN;
      return true;
    }
    if (key != "set" && key != "revocable" && key != "shared" && key != "reservation") has_more = true;
    return true;
  });
  if (!read) return false;
  // A PATH, BLOCK or RAW disk must not be taken for the root disk, and a type from
  // the future for nothing at all.
  resource.kind = is_odd || !is_known ? uint32_t{OSTLER_RES_OTHER} : kind_of(view(resource.name));
  if (!is_known) resource.flags |= OSTLER_RES_FOREIGN;
  judge_reservations(outer, below, reservations, resource);
  // A part of it could not be reserved without what we do not understand, which belongs to
  // the whole. A disk that is taken whole, and what is ours already, carry it along.
  const bool is_whole = (resource.flags & (OSTLER_RES_RESERVED | OSTLER_RES_MOUNT)) != 0;
  if (has_more && !is_whole) resource.kind = OSTLER_RES_OTHER;
  return true;
}

bool OfferReader::ranges(ostler_slice_t& slice) {
  const size_t first = batch_.ranges.size();
  const auto one = [&] {
    ostler_range_t& range = batch_.ranges.emplace_back();
    const bool read = json_.fields([&](Word key) {
      if (key == "begin") return json_.natural(range.first);
      if (key == "end") return json_.natural(range.last);
      return true;
    });
    return read && (range.first <= range.last || json_.fail("a range ends before its begin"));
  };
  if (!json_.only("range", [&] { return json_.elements(one); })) return false;
  slice = slice_from(first, batch_.ranges.size());
  return true;
}

bool OfferReader::label(ReservationView& reservation) {
  std::string_view name;
  std::string_view value;
  const bool read = json_.fields([&](Word key) {
    if (key == "key") return text(name);
    if (key == "value") return text(value);
    return true;
  });
  if (name == "resource_id") reservation.resource_id = value;
  if (name == "framework_id") reservation.framework_id = value;
  return read;
}

bool OfferReader::reservation(ReservationView& out) {
  return json_.fields([&](Word key) {
    if (key == "type") {
      std::string_view type;
      if (!text(type)) return false;
      out.is_dynamic = type != "STATIC";
      return true;
    }
    if (key == "role") return text(out.role);
    if (key == "labels") {
      return json_.only("labels", [&] { return json_.elements([&] { return label(out); }); });
    }
    return true;
  });
}

bool OfferReader::is_ours(const ReservationView& reservation) const {
  // Every reservation of ours names us. Another framework may share our role and
  // principal, and label its own with a resource_id.
  if (reservation.resource_id.empty() || config_.framework_id.empty()) return false;
  if (reservation.framework_id != config_.framework_id) return false;
  return config_.roles.empty() ||
         std::find(config_.roles.begin(), config_.roles.end(), reservation.role) != config_.roles.end();
}

void OfferReader::judge_reservations(const ReservationView& outer, const ReservationView& below, size_t count,
                                     ostler_resource_t& resource) const {
  if (count == 0) return;
  if (!outer.is_dynamic) {
    resource.flags |= OSTLER_RES_STATIC;
    resource.reservation_role = str(outer.role);
    return;
  }
  if (!is_ours(outer)) {
    resource.flags |= OSTLER_RES_FOREIGN;
    return;
  }
  resource.flags |= OSTLER_RES_RESERVED;
  resource.reservation_id = str(outer.resource_id);
  if (count > 1 && !below.is_dynamic) {
    resource.flags |= OSTLER_RES_STATIC;
    resource.reservation_role = str(below.role);
  }
}

bool OfferReader::disk(ostler_resource_t& resource, bool& is_odd) {
  return json_.fields([&](Word key) {
    if (key == "persistence") {
      resource.flags |= OSTLER_RES_VOLUME;
      return json_.only("id", [&] { return text(resource.persistence_id); });
    }
    if (key != "source") return true;
    std::string_view type;
    const bool read = json_.fields([&](std::string_view name) {
      if (name == "type") return text(type);
      if (name == "profile") return text(resource.profile);
      return true;
    });
    is_odd |= type != "MOUNT";
    if (type == "MOUNT") resource.flags |= OSTLER_RES_MOUNT;
    return read;
  });
}

bool OfferReader::attribute() {
  ostler_attribute_t attribute{};
  scratch_.clear();
  const bool read = json_.fields([&](Word key) {
    if (key == "name") return text(attribute.name);
    if (key == "text") return id(attribute.text);
    if (key == "ranges") return attribute_ranges();
    if (key == "set") return attribute_set();
    if (key != "scalar") return true;
    int64_t milli = 0;
    double beyond = 0;
    if (!json_.only("value", [&] { return json_.milli(milli, beyond); })) return false;
    if (beyond == 0) {
      append_milli(scratch_, milli);
    } else {
      append_whole(scratch_, beyond);
    }
    return true;
  });
  if (!read) return false;
  if (!scratch_.empty()) attribute.text = str(batch_.keep(scratch_));
  batch_.attributes.push_back(attribute);
  return true;
}

// Read where a resource's ranges go, written out, and taken away again.
bool OfferReader::attribute_ranges() {
  ostler_slice_t slice{};
  if (!ranges(slice)) return false;
  scratch_.assign(1, '[');
  for (uint32_t i = 0; i < slice.count; ++i) {
    const ostler_range_t& range = batch_.ranges[slice.first + i];
    if (i > 0) scratch_ += ',';
    scratch_ += std::to_string(range.first) + "-" + std::to_string(range.last);
  }
  scratch_ += ']';
  batch_.ranges.resize(batch_.ranges.size() - slice.count);
  return true;
}

bool OfferReader::attribute_set() {
  scratch_.assign(1, '{');
  const auto item = [&] {
    std::string one;
    if (!json_.text(one)) return false;
    if (scratch_.size() > 1) scratch_ += ',';
    scratch_ += one;
    return true;
  };
  if (!json_.only("item", [&] { return json_.elements(item); })) return false;
  scratch_ += '}';
  return true;
}

}  // namespace ostler::mesos
