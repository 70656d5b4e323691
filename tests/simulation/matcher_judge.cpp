#include "simulation/matcher_judge.h"

namespace ostler::simulation {

Result<uint64_t> MatcherJudge::compile(std::string_view rule_json) {
  try {
    return judge_.compile(rule_json);
  } catch (const matcher::RuleError& e) {
    return Error{Code::kInvalidArgument, e.message, e.where};
  }
}

Result<void> MatcherJudge::evaluate(const ostler_round_t& round, std::vector<ostler_verdict_t>& verdicts) {
  verdicts.assign(size_t{round.requirements.count} * round.offers.count, {});
  const ostler_out_array_t out{verdicts.data(), static_cast<uint32_t>(verdicts.size()),
                               sizeof(ostler_verdict_t)};
  try {
    judge_.evaluate(round, out);
  } catch (const matcher::BadRound& e) {
    return Error{Code::kInvalidArgument, e.message, {}};
  }
  if (ignores_placement) {
    for (ostler_verdict_t& verdict : verdicts) verdict.reasons &= ~uint64_t{OSTLER_REASON_PLACEMENT};
  }
  return {};
}

std::string MatcherJudge::explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer) {
  try {
    return judge_.explain(round, requirement, offer);
  } catch (const matcher::BadRound&) {
    return "[]";
  }
}

}  // namespace ostler::simulation
