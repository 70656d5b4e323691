// The real offers plugin as the core's Judge, linked in instead of loaded.
#pragma once

#include "core/ports.h"
#include "judge.h"

namespace ostler::simulation {

class MatcherJudge final : public core::Judge {
 public:
  Result<uint64_t> compile(std::string_view rule_json) override;
  void release(uint64_t handle) override { judge_.release(handle); }
  Result<void> evaluate(const ostler_round_t& round, std::vector<ostler_verdict_t>& verdicts) override;
  std::string explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer) override;

  // A defect to plant: placement rules count for nothing.
  bool ignores_placement = false;

 private:
  matcher::Judge judge_;
};

}  // namespace ostler::simulation
