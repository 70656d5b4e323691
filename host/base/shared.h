// Values that many hold and nobody changes: a copy counts a reference.
//
// For the parts of larger values that are made once and then travel through records,
// effects and snapshots, such as the reservation of a resource. Who wants another value
// makes one and puts it in the place of the old; what others hold stays as it is, so
// holders may be on different threads. Values compare, whoever holds them.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace ostler {

// A value or nothing, read like a std::optional, but that nothing reads as T().
template <typename T>
class Shared {
 public:
  Shared() = default;
  Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}  // NOLINT: implicit on purpose

  explicit operator bool() const { return value_ != nullptr; }
  const T& operator*() const { return value_ ? *value_ : nothing(); }
  const T* operator->() const { return &**this; }
  operator const T&() const { return **this; }  // NOLINT: implicit on purpose
  void reset() { value_.reset(); }

  // Puts a copy in its place that `body` has changed.
  template <typename Body>
  void change(Body body) {
    T copy = **this;
    body(copy);
    *this = std::move(copy);
  }

  // Whether both hold the same object, or nothing.
  bool is(const Shared& other) const { return value_ == other.value_; }
  bool operator==(const Shared& other) const {
    return is(other) || (value_ && other.value_ && *value_ == *other.value_);
  }

 private:
  static const T& nothing() {
    static const T kNothing{};
    return kNothing;
  }

  std::shared_ptr<const T> value_;
};

// A list, read like a std::vector; the empty one costs nothing.
template <typename T>
class SharedList {
 public:
  using value_type = T;
  using const_iterator = typename std::vector<T>::const_iterator;

  SharedList() = default;
  SharedList(std::vector<T> all) {  // NOLINT: implicit on purpose
    if (!all.empty()) all_ = std::make_shared<const std::vector<T>>(std::move(all));
  }
  SharedList(std::initializer_list<T> all) : SharedList(std::vector<T>(all)) {}

  bool empty() const { return all_ == nullptr; }
  size_t size() const { return all_ ? all_->size() : 0; }
  const_iterator begin() const { return all_ ? all_->begin() : const_iterator(); }
  const_iterator end() const { return all_ ? all_->end() : const_iterator(); }
  auto rbegin() const { return std::make_reverse_iterator(end()); }
  auto rend() const { return std::make_reverse_iterator(begin()); }
  const T& operator[](size_t i) const { return (*all_)[i]; }
  const T& front() const { return all_->front(); }
  const T& back() const { return all_->back(); }

  // A list of its own with one more, or without the last.
  void push_back(T one) {
    std::vector<T> more;
    more.reserve(size() + 1);
    more.assign(begin(), end());
    more.push_back(std::move(one));
    *this = std::move(more);
  }
  void pop_back() { *this = std::vector<T>(begin(), end() - 1); }

  // Whether both hold the same object, or are empty.
  bool is(const SharedList& other) const { return all_ == other.all_; }
  bool operator==(const SharedList& other) const {
    return is(other) || (all_ && other.all_ && *all_ == *other.all_);
  }

 private:
  std::shared_ptr<const std::vector<T>> all_;  // null: empty
};

}  // namespace ostler
