// A whole offers plugin: fits when the cpus of the agent's first resource suffice.
#include <ostler/plugin.hpp>

namespace {

class Tiny final : public ostler::plugin::Offers {
 public:
  Tiny(ostler::plugin::Host, std::string_view config) {
    if (config != "{}") throw ostler::plugin::Error(OSTLER_INVALID_ARGUMENT, "there is nothing to configure");
  }
  uint64_t compile(std::string_view) override { return 1; }
  void release(uint64_t) noexcept override {}
  void evaluate(const ostler_round_t& round, const ostler_out_array_t& verdicts) override {
    for (uint32_t i = 0; i < verdicts.count; ++i) {
      const bool fits = missing(round, i) <= 0;
      *OSTLER_OUT_AT(ostler_verdict_t, verdicts, i) = {fits ? 0u : uint64_t{OSTLER_REASON_CPUS},
                                                       fits ? 1.0 : -1.0};
    }
  }
  std::string explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer) override {
    return missing(round, requirement * round.offers.count + offer) <= 0
               ? "[]"
               : R"([{"reason":"CPUS","message":"too few cpus"}])";
  }

 private:
  static int64_t missing(const ostler_round_t& round, uint32_t pair) {
    const auto* offer = OSTLER_AT(ostler_offer_t, round.offers, pair % round.offers.count);
    return OSTLER_AT(ostler_requirement_t, round.requirements, pair / round.offers.count)->cpus_milli -
           OSTLER_AT(ostler_resource_t, round.resources, offer->resources.first)->milli;
  }
};

}  // namespace

OSTLER_LIBRARY(ostler::plugin::describe<Tiny>("org.example.tiny", OSTLER_OFFERS_1, "1.0.0", "Example",
                                              "a tiny judge", "{}"))
