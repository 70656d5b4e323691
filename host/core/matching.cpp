#include "core/matching.h"

#include <set>

namespace ostler::core {
namespace {

// Kuhn's algorithm; there are a handful of needs.
class Matching {
 public:
  explicit Matching(const std::vector<std::vector<uint32_t>>& options)
      : options_(options), got_(options.size()) {
    for (size_t need = 0; need < options.size(); ++need) {
      seen_.clear();
      improve(need);
    }
  }
  std::vector<std::optional<uint32_t>> take() { return std::move(got_); }

 private:
  std::optional<size_t> owner(uint32_t thing) const {
    for (size_t need = 0; need < got_.size(); ++need) {
      if (got_[need] == thing) return need;
    }
    return std::nullopt;
  }

  bool improve(size_t need) {
    for (const uint32_t thing : options_[need]) {
      if (owner(thing)) continue;
      got_[need] = thing;
      return true;
    }
    for (const uint32_t thing : options_[need]) {
      if (!seen_.insert(thing).second) continue;
      // Its owner may be content with something else.
      if (!improve(*owner(thing))) continue;
      got_[need] = thing;
      return true;
    }
    return false;
  }

  const std::vector<std::vector<uint32_t>>& options_;
  std::vector<std::optional<uint32_t>> got_;
  std::set<uint32_t> seen_;
};

}  // namespace

std::vector<std::optional<uint32_t>> match(const std::vector<std::vector<uint32_t>>& options) {
  return Matching(options).take();
}

}  // namespace ostler::core
