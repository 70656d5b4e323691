// A list of ids in one text: to decline ten thousand offers is two allocations then, and
// not ten thousand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::mesos {

class Ids {
 public:
  Ids() = default;
  Ids(std::initializer_list<std::string_view> ids) { append(ids); }
  explicit Ids(const std::vector<std::string>& ids) { append(ids); }

  void reserve(size_t count, size_t bytes) {
    ends_.reserve(count);
    text_.reserve(bytes);
  }
  void push_back(std::string_view id) {
    text_ += id;
    ends_.push_back(text_.size());
  }
  template <typename List>
  void append(const List& ids) {
    for (const std::string_view id : ids) push_back(id);
  }

  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  // Good until the list is changed.
  std::string_view operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(text_).substr(begin, ends_[i] - begin);
  }
  bool operator==(const Ids&) const = default;

  class Iterator {
   public:
    Iterator(const Ids& ids, size_t at) : ids_(&ids), at_(at) {}
    std::string_view operator*() const { return (*ids_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const Ids* ids_;
    size_t at_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  std::string text_;
  std::vector<size_t> ends_;
};

}  // namespace ostler::mesos
