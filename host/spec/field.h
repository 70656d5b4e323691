// The machinery behind the tables of svc.yml's keys.
//
// Every key is stated once, as a Field in a table: whether it is needed, what
// its value must be, what holds without it, what it means, and how it is read.
// Errors are worded from the same columns as the reference page, so the two
// cannot disagree.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spec/problem.h"
#include "spec/yaml_tree.h"

namespace ostler::spec {

enum class Need { kOptional, kRequired };

enum class Outcome {
  kDone,     // the value was taken, or a problem inside it was reported
  kRefused,  // the value is not what the field's `expected` says
  kAbsent,   // the value counts as not given ("" for a number)
};

// One loading of one file.
struct Loading {
  Report& report;
  std::string folder;                  // of svc.yml; templates are read below it
  std::map<std::string, Mark> places;  // of each key that was read, by its path
};

// A place in the tree of keys, such as "pods.zookeeper.tasks".
class Scope {
 public:
  Scope(Loading& all, std::string keys, Mark at) : loading(all), path(std::move(keys)), mark(at) {}

  Scope inside(std::string_view key, Mark at) const {
    std::string full = path.empty() ? std::string(key) : path + "." + std::string(key);
    loading.places.emplace(full, at);
    return Scope(loading, std::move(full), at);
  }
  void error(Mark at, std::string found, std::string expected, std::string hint = {}) const {
    loading.report.error(at, path, std::move(found), std::move(expected), std::move(hint));
  }
  void warning(Mark at, std::string found, std::string expected, std::string hint = {}) const {
    loading.report.warning(at, path, std::move(found), std::move(expected), std::move(hint));
  }

  Loading& loading;
  std::string path;
  Mark mark;
};

// The columns of a table that are for people.
struct FieldText {
  std::string_view key;
  Need need = Need::kOptional;
  std::string_view expected;  // completes "expected ..."
  std::string_view fallback;  // what holds without it; empty where nothing does
  std::string_view about;
};

template <class T>
struct Field {
  FieldText text;
  Outcome (*read)(const Scope& scope, const yaml::Node& value, T& into);
};

enum class UnknownKeys {
  kRefuse,
  kWarn,  // directly inside a pod, the SDK ignores them
};

namespace detail {

// A map that is being read: which keys are known, which were used.
class ObjectReading {
 public:
  ObjectReading(const Scope& scope, const yaml::Node& node) : scope_(scope), node_(node) {}

  bool is_object() const;
  // Reports keys that are in no table.
  void check_keys(const std::vector<std::string_view>& known, UnknownKeys unknown) const;
  const yaml::Entry* entry(std::string_view key) const { return node_.entry(key); }
  void report_missing(const FieldText& field) const;
  void report_refused(const FieldText& field, const yaml::Entry& entry) const;

 private:
  const Scope& scope_;
  const yaml::Node& node_;
};

template <class T>
void read_fields(const Scope& scope, const ObjectReading& reading, std::span<const Field<T>> fields,
                 T& into) {
  for (const Field<T>& field : fields) {
    const yaml::Entry* entry = reading.entry(field.text.key);
    Outcome outcome = Outcome::kAbsent;
    if (entry && entry->value.type != yaml::Node::Type::kNull) {
      outcome = field.read(scope.inside(field.text.key, entry->mark), entry->value, into);
    }
    if (outcome == Outcome::kRefused) reading.report_refused(field.text, *entry);
    if (outcome == Outcome::kAbsent && field.text.need == Need::kRequired) reading.report_missing(field.text);
  }
}

}  // namespace detail

// A table and what it fills.
template <class T>
struct Fill {
  std::span<const Field<T>> fields;
  T& into;
};
template <class T, size_t N>
Fill(const Field<T> (&)[N], T&) -> Fill<T>;

// Reads a map by one or more tables. A value that is nothing is an empty map.
template <class... T>
void read_object(const Scope& scope, const yaml::Node& node, UnknownKeys unknown, Fill<T>... fills) {
  const detail::ObjectReading reading(scope, node);
  if (!reading.is_object()) return;
  std::vector<std::string_view> known;
  const auto add = [&known](const auto& fields) {
    for (const auto& field : fields) known.push_back(field.text.key);
  };
  (add(fills.fields), ...);
  reading.check_keys(known, unknown);
  (detail::read_fields(scope, reading, fills.fields, fills.into), ...);
}

// Reads a map of names to objects, in the file's order. `read` gets the scope of
// the entry, its value, and the name.
template <class Read>
Outcome read_named(const Scope& scope, const yaml::Node& node, Read read) {
  if (node.type != yaml::Node::Type::kMap) return Outcome::kRefused;
  for (const yaml::Entry& entry : node.entries)
    read(scope.inside(entry.key, entry.mark), entry.value, entry.key);
  return Outcome::kDone;
}

// ---- Readers of single values, for the `read` column. ----

std::optional<std::string> as_text(const yaml::Node& value);
// Digits with a sign; a fraction is cut off, as the SDK does, with a warning.
std::optional<int64_t> as_whole(const Scope& scope, const yaml::Node& value, int64_t least, int64_t most);
std::optional<bool> as_flag(const yaml::Node& value);
// A million of anything is more than a cluster has, and keeps sums far from overflow.
constexpr double kMostAmount = 1e6;
// A decimal number in thousandths, at least one of them.
std::optional<int64_t> as_amount_milli(const yaml::Node& value, double most = kMostAmount);
inline bool is_empty_scalar(const yaml::Node& value) {
  return value.type == yaml::Node::Type::kScalar && value.scalar.empty();
}

namespace detail {
template <class Owner, class Member>
Owner owner_of(Member Owner::*);
template <class Owner, class Member>
Member member_of(Member Owner::*);
template <auto kMember>
using OwnerOf = decltype(owner_of(kMember));
}  // namespace detail

template <auto kMember>
Outcome text(const Scope&, const yaml::Node& value, detail::OwnerOf<kMember>& into) {
  auto parsed = as_text(value);
  if (!parsed) return Outcome::kRefused;
  into.*kMember = std::move(*parsed);
  return Outcome::kDone;
}

// Text for which `kIsGood` holds.
template <auto kMember, bool (*kIsGood)(std::string_view)>
Outcome text_that(const Scope& scope, const yaml::Node& value, detail::OwnerOf<kMember>& into) {
  const auto outcome = text<kMember>(scope, value, into);
  return outcome == Outcome::kDone && !kIsGood(value.scalar) ? Outcome::kRefused : outcome;
}

template <auto kMember, int64_t kLeast, int64_t kMost>
Outcome whole(const Scope& scope, const yaml::Node& value, detail::OwnerOf<kMember>& into) {
  if (is_empty_scalar(value)) return Outcome::kAbsent;
  const auto parsed = as_whole(scope, value, kLeast, kMost);
  if (!parsed) return Outcome::kRefused;
  using Member = decltype(detail::member_of(kMember));
  if constexpr (requires(Member member) { member.value(); }) {
    into.*kMember = static_cast<typename Member::value_type>(*parsed);
  } else {
    into.*kMember = static_cast<Member>(*parsed);
  }
  return Outcome::kDone;
}

template <auto kMember>
Outcome flag(const Scope&, const yaml::Node& value, detail::OwnerOf<kMember>& into) {
  if (is_empty_scalar(value)) return Outcome::kAbsent;
  const auto parsed = as_flag(value);
  if (!parsed) return Outcome::kRefused;
  into.*kMember = *parsed;
  return Outcome::kDone;
}

template <auto kMember>
Outcome amount_milli(const Scope&, const yaml::Node& value, detail::OwnerOf<kMember>& into) {
  if (is_empty_scalar(value)) return Outcome::kAbsent;
  const auto parsed = as_amount_milli(value);
  if (!parsed) return Outcome::kRefused;
  into.*kMember = *parsed;
  return Outcome::kDone;
}

}  // namespace ostler::spec
