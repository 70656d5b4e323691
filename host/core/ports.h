// What the core and the shell need from plugins, as C++ interfaces.
//
// Only host/plugins knows that these are shared libraries behind a C ABI; unit
// tests and the simulation implement them with plain classes.
#pragma once

#include <ostler/metrics.h>
#include <ostler/offers.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace ostler::core {

// One change of the store. Paths are "/Tasks/zookeeper-0-server/TaskInfo".
struct StoreOp {
  enum class Type : uint8_t { kPut, kDelete } type = Type::kPut;  // both safe to repeat
  std::string path;
  std::string value;
};

// A tree of small values with one owner (ostler/state.h). One caller at a time.
class StateTree {
 public:
  struct Limits {
    uint64_t max_value_bytes = 0;  // 0: none
    uint64_t max_commit_bytes = 0;
  };
  virtual ~StateTree() = default;
  // kNotFound when the node does not exist.
  virtual Result<std::string> get(std::string_view path) = 0;
  // Many at once: `found` is called for each that exists, in their order. The first error
  // ends it.
  virtual Result<void> get_each(const std::vector<std::string>& paths,
                                const std::function<void(size_t, std::string_view value)>& found) {
    for (size_t i = 0; i < paths.size(); ++i) {
      const Result<std::string> value = get(paths[i]);
      if (value.ok()) {
        found(i, *value);
      } else if (value.error().code != Code::kNotFound) {
        return value.error();
      }
    }
    return {};
  }
  // Sorted names; an empty list for the root of an empty tree, kNotFound elsewhere.
  virtual Result<std::vector<std::string>> children(std::string_view path) = 0;
  // All or nothing. kUnavailable: not known to be done, repeat. kFailedPrecondition:
  // this process owns the tree no more; stop.
  virtual Result<void> commit(const std::vector<StoreOp>& ops) = 0;
  virtual Limits limits() const = 0;
};

// All offers plugins together: all must accept, scores add. One caller at a time.
class Judge {
 public:
  virtual ~Judge() = default;
  // Compiles a placement rule; the handle is good for requirements given to this
  // Judge until release().
  virtual Result<uint64_t> compile(std::string_view rule_json) = 0;
  virtual void release(uint64_t handle) = 0;
  // Fills round.requirements.count * round.offers.count verdicts.
  virtual Result<void> evaluate(const ostler_round_t& round, std::vector<ostler_verdict_t>& verdicts) = 0;
  // A JSON array of reasons (ostler/offers.h).
  virtual std::string explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer) = 0;
};

}  // namespace ostler::core
