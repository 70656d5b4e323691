// io.ostler.offers.matcher: the offers plugin that Ostler comes with. Judges by
// resources and placement rules; see judge.h.
#include <nlohmann/json.hpp>
#include <ostler/plugin.hpp>

#include "judge.h"

namespace {

using ostler::plugin::Error;
using ostler::plugin::Host;

class Matcher final : public ostler::plugin::Offers {
 public:
  Matcher(Host, std::string_view config) {
    const nlohmann::json parsed = nlohmann::json::parse(config, nullptr, false);
    if (!parsed.is_object()) throw Error(OSTLER_INVALID_ARGUMENT, "the configuration is not a JSON object");
    for (const auto& item : parsed.items()) {
      throw Error(OSTLER_INVALID_ARGUMENT,
                  "unknown key '" + item.key() + "'; this plugin has nothing to configure", "/" + item.key());
    }
  }

  uint64_t compile(std::string_view rule) override {
    try {
      return judge_.compile(rule);
    } catch (const ostler::matcher::RuleError& e) {
      throw Error(OSTLER_INVALID_ARGUMENT, e.message, e.where);
    }
  }
  void release(uint64_t handle) noexcept override { judge_.release(handle); }
  void evaluate(const ostler_round_t& round, const ostler_out_array_t& verdicts) override {
    try {
      judge_.evaluate(round, verdicts);
    } catch (const ostler::matcher::BadRound& e) {
      throw Error(OSTLER_INVALID_ARGUMENT, e.message);
    }
  }
  std::string explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer) override {
    try {
      return judge_.explain(round, requirement, offer);
    } catch (const ostler::matcher::BadRound& e) {
      throw Error(OSTLER_INVALID_ARGUMENT, e.message);
    }
  }

 private:
  ostler::matcher::Judge judge_;
};

}  // namespace

OSTLER_LIBRARY(ostler::plugin::describe<Matcher>("io.ostler.offers.matcher", OSTLER_OFFERS_1, "0.1.0",
                                                 "Ostler", "judges offers by resources and placement rules",
                                                 R"({"type":"object","additionalProperties":false})"))
