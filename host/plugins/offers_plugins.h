// All offers plugins together, as the core's Judge: every one must accept, and
// scores add.
#pragma once

#include <map>
#include <vector>

#include "core/ports.h"
#include "plugins/instance.h"

namespace ostler::plugins {

// One caller at a time. With a single plugin a round goes through untouched, so the
// hot path is one call.
class OffersPlugins final : public core::Judge {
 public:
  explicit OffersPlugins(std::vector<Instance*> instances);

  Result<uint64_t> compile(std::string_view rule_json) override;
  void release(uint64_t handle) override;
  // Offers that several plugins refuse keep the reasons of all; their score is the sum
  // over the plugins that refuse. An error from one plugin is the whole's error: nothing
  // is placed by a judge that did not answer.
  Result<void> evaluate(const ostler_round_t& round, std::vector<ostler_verdict_t>& verdicts) override;
  std::string explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer) override;

 private:
  // `round` with the requirements' handles exchanged for those of plugin `index`.
  ostler_round_t translate(const ostler_round_t& round, size_t index);

  const std::vector<Instance*> instances_;
  std::map<uint64_t, std::vector<uint64_t>> handles_;  // ours -> one a plugin; unused with one plugin
  uint64_t last_handle_ = 0;
  std::vector<ostler_requirement_t> translated_;
  std::vector<ostler_verdict_t> more_;
};

}  // namespace ostler::plugins
