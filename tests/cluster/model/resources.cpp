#include "cluster/model/resources.h"

#include <algorithm>
#include <array>
#include <functional>

namespace ostler::cluster {
namespace {

bool same_labels(const mesos::Labels& a, const mesos::Labels& b) {
  if (a.size() != b.size()) return false;
  if (a == b) return true;
  if (a.size() == 1) return false;
  const auto has = [](const mesos::Labels& all, const auto& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  if (!std::all_of(b.begin(), b.end(), [&](const auto& one) { return has(a, one); })) return false;
  auto left = a, right = b;
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left == right;
}

bool same_disk(const Shared<mesos::Disk>& a, const Shared<mesos::Disk>& b) {
  if (a.is(b)) return true;
  if (!a || !b) return false;
  return a->persistence_id == b->persistence_id && a->source == b->source;
}

// Sorted and joined where they touch.
void normalize(std::vector<mesos::Range>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](auto& a, auto& b) { return a.begin < b.begin; });
  size_t kept = 0;
  for (const auto& range : ranges) {
    if (kept > 0 && range.begin <= ranges[kept - 1].end + 1) {
      ranges[kept - 1].end = std::max(ranges[kept - 1].end, range.end);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

bool covers(const std::vector<mesos::Range>& all, const mesos::Range& one) {
  for (const auto& range : all) {
    if (range.begin <= one.begin && one.end <= range.end) return true;
  }
  return false;
}

void cut(std::vector<mesos::Range>& from, const mesos::Range& one) {
  std::vector<mesos::Range> left;
  for (const auto& range : from) {
    if (one.end < range.begin || range.end < one.begin) {
      left.push_back(range);
      continue;
    }
    if (range.begin < one.begin) left.push_back({range.begin, one.begin - 1});
    if (one.end < range.end) left.push_back({one.end + 1, range.end});
  }
  from = std::move(left);
}

// Finds for each of `what` the entry of `all` that has it: the first that fits, as if what
// was found before were gone. Nothing where one is missing or two fall on one entry, which
// takes arithmetic to decide.
enum class Match : uint8_t { kEach, kMissing, kUnclear };
constexpr size_t kMaxMatched = 64;
template <typename Found>
Match match(const Resources& all, const Resources& what, Found found);

bool fits(const Resource& all, const Resource& what) {
  if (is_whole(all) || is_whole(what)) return all.milli == what.milli;
  switch (all.type) {
    case mesos::ValueType::kScalar:
      return all.milli >= what.milli;
    case mesos::ValueType::kRanges:
      return std::all_of(what.ranges.begin(), what.ranges.end(),
                         [&](auto& r) { return covers(all.ranges, r); });
    case mesos::ValueType::kSet:
      return std::all_of(what.set.begin(), what.set.end(), [&](auto& item) {
        return std::find(all.set.begin(), all.set.end(), item) != all.set.end();
      });
  }
  return false;
}

template <typename Found>
Match match(const Resources& all, const Resources& what, Found found) {
  uint64_t used = 0;
  for (const auto& one : what) {
    if (is_nothing(one)) continue;
    size_t at = 0;
    while (at < all.size() && !(same_kind(all[at], one) && fits(all[at], one))) ++at;
    if (at == all.size()) return Match::kMissing;
    if (at >= kMaxMatched || (used & (uint64_t{1} << at)) != 0) return Match::kUnclear;
    used |= uint64_t{1} << at;
    found(at, one);
  }
  return Match::kEach;
}

void take_out(Resource& have, const Resource& what) {
  have.milli -= what.milli;
  for (const auto& range : what.ranges) cut(have.ranges, range);
  for (const auto& item : what.set) have.set.erase(std::find(have.set.begin(), have.set.end(), item));
}

}  // namespace

bool same_reservation(const mesos::Reservation& a, const mesos::Reservation& b) {
  return a.is_dynamic == b.is_dynamic && a.role == b.role && a.principal == b.principal &&
         same_labels(a.labels, b.labels);
}

bool same_kind(const Resource& a, const Resource& b) {
  if (a.type != b.type || a.reservations.size() != b.reservations.size() || a.name != b.name) return false;
  return (a.reservations.is(b.reservations) || std::equal(a.reservations.begin(), a.reservations.end(),
                                                          b.reservations.begin(), same_reservation)) &&
         a.allocation_role == b.allocation_role && a.provider_id == b.provider_id && a.extra == b.extra &&
         same_disk(a.disk, b.disk);
}

bool is_volume(const Resource& resource) { return resource.disk && !resource.disk->persistence_id.empty(); }
bool is_whole(const Resource& resource) {
  return resource.disk && (!resource.disk->persistence_id.empty() ||
                           (resource.disk->source && resource.disk->source->type != "PATH"));
}

bool is_nothing(const Resource& resource) {
  switch (resource.type) {
    case mesos::ValueType::kScalar:
      return resource.milli <= 0;
    case mesos::ValueType::kRanges:
      return resource.ranges.empty();
    case mesos::ValueType::kSet:
      return resource.set.empty();
  }
  return true;
}

void add(Resources& to, Resource what) {
  if (is_nothing(what)) return;
  if (!is_whole(what)) {
    for (auto& have : to) {
      if (!same_kind(have, what)) continue;
      have.milli += what.milli;
      have.ranges.insert(have.ranges.end(), what.ranges.begin(), what.ranges.end());
      normalize(have.ranges);
      have.set.insert(have.set.end(), what.set.begin(), what.set.end());
      return;
    }
  }
  to.push_back(std::move(what));
  normalize(to.back().ranges);
}

void add(Resources& to, Resources what) {
  for (auto& one : what) add(to, std::move(one));
}

bool contains(const Resources& all, const Resource& what) {
  if (is_nothing(what)) return true;
  for (const auto& have : all) {
    if (same_kind(have, what) && fits(have, what)) return true;
  }
  return false;
}

bool contains(const Resources& all, const Resources& what) {
  const Match matched = match(all, what, [](size_t, const Resource&) {});
  if (matched != Match::kUnclear) return matched == Match::kEach;
  auto left = all;
  return std::all_of(what.begin(), what.end(), [&](const Resource& one) { return subtract(left, one); });
}

bool subtract(Resources& from, const Resource& what) {
  if (is_nothing(what)) return true;
  for (size_t i = 0; i < from.size(); ++i) {
    auto& have = from[i];
    if (!same_kind(have, what) || !fits(have, what)) continue;
    take_out(have, what);
    if (is_nothing(have)) from.erase(from.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

bool subtract(Resources& from, const Resources& what) {
  std::array<size_t, kMaxMatched> at{};
  size_t count = 0;
  switch (match(from, what, [&](size_t i, const Resource&) { at[count++] = i; })) {
    case Match::kMissing:
      return false;
    case Match::kEach: {
      size_t next = 0;
      for (const auto& one : what) {
        if (!is_nothing(one)) take_out(from[at[next++]], one);
      }
      std::sort(at.begin(), at.begin() + count, std::greater<>());
      for (size_t i = 0; i < count; ++i) {
        if (is_nothing(from[at[i]])) from.erase(from.begin() + static_cast<std::ptrdiff_t>(at[i]));
      }
      return true;
    }
    case Match::kUnclear:
      break;
  }
  auto left = from;
  for (const auto& one : what) {
    if (!subtract(left, one)) return false;
  }
  from = std::move(left);
  return true;
}

Resources common(const Resources& all, const Resources& what) {
  Resources both;
  if (what.empty()) return both;
  auto left = all;
  for (const auto& one : what) {
    for (const auto& have : left) {
      if (!same_kind(have, one) || (is_whole(one) && have.milli != one.milli)) continue;
      auto part = one;
      if (is_whole(one)) {
        // As it is.
      } else if (one.type == mesos::ValueType::kScalar) {
        part.milli = std::min(have.milli, one.milli);
      } else if (one.type == mesos::ValueType::kRanges) {
        part.ranges.clear();
        for (const auto& a : have.ranges) {
          for (const auto& b : one.ranges) {
            const auto begin = std::max(a.begin, b.begin), end = std::min(a.end, b.end);
            if (begin <= end) part.ranges.push_back({begin, end});
          }
        }
      } else {
        std::erase_if(part.set, [&](auto& item) {
          return std::find(have.set.begin(), have.set.end(), item) == have.set.end();
        });
      }
      if (is_nothing(part)) continue;
      subtract(left, part);
      add(both, std::move(part));
      break;
    }
  }
  return both;
}

bool equal(const Resources& a, const Resources& b) { return contains(a, b) && contains(b, a); }

const std::string& reserved_role(const Resource& resource) {
  static const std::string kNone;
  return resource.reservations.empty() ? kNone : resource.reservations.back().role;
}

void set_allocation(Resources& resources, const std::string& role) {
  for (auto& resource : resources) resource.allocation_role = role;
}

int64_t total_milli(const Resources& resources, std::string_view name) {
  int64_t sum = 0;
  for (const auto& resource : resources) {
    if (resource.name == name) sum += resource.milli;
  }
  return sum;
}

std::string milli_text(int64_t milli) {
  std::string text = std::to_string(milli / 1000);
  int64_t rest = milli % 1000;
  if (rest == 0) return text;
  std::string digits = std::to_string(1000 + rest).substr(1);
  while (digits.back() == '0') digits.pop_back();
  return text + "." + digits;
}

std::string to_text(const Resource& resource) {
  std::string text = resource.name;
  if (!resource.allocation_role.empty()) text += "(allocated: " + resource.allocation_role + ")";
  if (!resource.reservations.empty()) {
    text += "(reservations: [";
    for (size_t i = 0; i < resource.reservations.size(); ++i) {
      const auto& reservation = resource.reservations[i];
      if (i > 0) text += ",";
      text += std::string("(") + (reservation.is_dynamic ? "DYNAMIC" : "STATIC") + "," + reservation.role;
      if (!reservation.principal.empty()) text += "," + reservation.principal;
      if (!reservation.labels.empty()) {
        text += ",{";
        for (size_t l = 0; l < reservation.labels.size(); ++l) {
          if (l > 0) text += ", ";
          text += reservation.labels[l].first + ": " + reservation.labels[l].second;
        }
        text += "}";
      }
      text += ")";
    }
    text += "])";
  }
  if (resource.disk) {
    std::string inside;
    if (resource.disk->source) {
      inside = resource.disk->source->type;
      if (!resource.disk->source->root.empty()) inside += ":" + resource.disk->source->root;
    }
    if (is_volume(resource)) {
      if (!inside.empty()) inside += ",";
      inside += resource.disk->persistence_id + ":" + resource.disk->container_path;
    }
    if (!inside.empty()) text += "[" + inside + "]";
  }
  text += ":";
  if (resource.type == mesos::ValueType::kScalar) return text + milli_text(resource.milli);
  if (resource.type == mesos::ValueType::kRanges) {
    text += "[";
    for (size_t i = 0; i < resource.ranges.size(); ++i) {
      if (i > 0) text += ", ";
      text += std::to_string(resource.ranges[i].begin) + "-" + std::to_string(resource.ranges[i].end);
    }
    return text + "]";
  }
  text += "{";
  for (size_t i = 0; i < resource.set.size(); ++i) text += (i > 0 ? ", " : "") + resource.set[i];
  return text + "}";
}

std::string to_text(const Resources& resources) {
  std::string text;
  for (const auto& resource : resources) text += (text.empty() ? "" : "; ") + to_text(resource);
  return text;
}

}  // namespace ostler::cluster
