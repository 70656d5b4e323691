#include "plugins/offers_plugins.h"

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "plugins/sinks.h"

namespace ostler::plugins {
namespace {

// The whole of the scheduling waits meanwhile; the matcher needs a few milliseconds
// for 10,000 offers.
constexpr std::chrono::seconds kOffersCallLimit{5};
constexpr size_t kMaxExplanation = 1 << 20;

}  // namespace

OffersPlugins::OffersPlugins(std::vector<Instance*> instances) : instances_(std::move(instances)) {}

Result<uint64_t> OffersPlugins::compile(std::string_view rule_json) {
  std::vector<uint64_t> handles;
  for (Instance* instance : instances_) {
    uint64_t handle = 0;
    Result<void> done = instance->call("compile", kOffersCallLimit, [&](ostler_error_t* error) {
      return instance->table<ostler_offers_t>().compile(instance->self(), str(rule_json), &handle, error);
    });
    if (done.ok() && handle == 0) {
      done =
          Error{Code::kInternal, "plugin '" + instance->name() + "': compile returned OK and no handle", {}};
    }
    if (!done.ok()) {
      for (size_t i = 0; i < handles.size(); ++i) {
        instances_[i]->table<ostler_offers_t>().release(instances_[i]->self(), handles[i]);
      }
      return done.error();
    }
    handles.push_back(handle);
  }
  if (handles.size() == 1) return handles[0];
  handles_[++last_handle_] = std::move(handles);
  return last_handle_;
}

void OffersPlugins::release(uint64_t handle) {
  const auto found = handles_.find(handle);
  for (size_t i = 0; i < instances_.size(); ++i) {
    if (instances_.size() > 1 && found == handles_.end()) return;
    Instance* instance = instances_[i];
    const uint64_t theirs = instances_.size() == 1 ? handle : found->second[i];
    const Result<void> done = instance->call("release", kOffersCallLimit, [&](ostler_error_t*) {
      instance->table<ostler_offers_t>().release(instance->self(), theirs);
      return OSTLER_OK;
    });
    if (!done.ok()) log::error(done.error().message);
  }
  if (found != handles_.end()) handles_.erase(found);
}

ostler_round_t OffersPlugins::translate(const ostler_round_t& round, size_t index) {
  if (instances_.size() == 1) return round;
  translated_.clear();
  for (uint32_t r = 0; r < round.requirements.count; ++r) {
    ostler_requirement_t requirement = *OSTLER_AT(ostler_requirement_t, round.requirements, r);
    const auto found = handles_.find(requirement.placement);
    // A handle that was never given out stays one that no plugin knows.
    if (requirement.placement != 0)
      requirement.placement = found == handles_.end() ? UINT64_MAX : found->second[index];
    translated_.push_back(requirement);
  }
  ostler_round_t theirs = round;
  theirs.requirements = {translated_.data(), round.requirements.count, sizeof(ostler_requirement_t)};
  return theirs;
}

Result<void> OffersPlugins::evaluate(const ostler_round_t& round, std::vector<ostler_verdict_t>& verdicts) {
  const size_t count = static_cast<size_t>(round.requirements.count) * round.offers.count;
  if (count > UINT32_MAX) return Error{Code::kOutOfRange, "a round of more than 4294967295 verdicts", {}};
  verdicts.resize(count);
  for (size_t i = 0; i < instances_.size(); ++i) {
    Instance* instance = instances_[i];
    const ostler_round_t theirs = translate(round, i);
    std::vector<ostler_verdict_t>& out = i == 0 ? verdicts : more_;
    out.resize(count);
    const ostler_out_array_t array = {out.data(), static_cast<uint32_t>(count), sizeof(ostler_verdict_t)};
    const Result<void> done = instance->call("evaluate", kOffersCallLimit, [&](ostler_error_t* error) {
      return instance->table<ostler_offers_t>().evaluate(instance->self(), &theirs, &array, error);
    });
    if (!done.ok()) return done.error();
    for (size_t k = 0; i > 0 && k < count; ++k) {
      ostler_verdict_t& sum = verdicts[k];
      const ostler_verdict_t& more = more_[k];
      if ((sum.reasons == 0) == (more.reasons == 0)) {
        sum.score += more.score;
      } else if (more.reasons != 0) {
        sum.score = more.score;
      }
      sum.reasons |= more.reasons;
    }
  }
  return {};
}

std::string OffersPlugins::explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer) {
  if (requirement >= round.requirements.count || offer >= round.offers.count) return "[]";
  nlohmann::json all = nlohmann::json::array();
  for (size_t i = 0; i < instances_.size(); ++i) {
    Instance* instance = instances_[i];
    const ostler_round_t theirs = translate(round, i);
    TextSink text(kMaxExplanation);
    const Result<void> done = instance->call("explain", kOffersCallLimit, [&](ostler_error_t* error) {
      return instance->table<ostler_offers_t>().explain(instance->self(), &theirs, requirement, offer,
                                                        text.get(), error);
    });
    nlohmann::json reasons = nlohmann::json::parse(text.take(), nullptr, false);
    if (!done.ok() || !reasons.is_array()) {
      all.push_back({{"reason", "UNKNOWN"},
                     {"message", done.ok() ? "plugin '" + instance->name() +
                                                 "' explained itself in something other than a JSON array"
                                           : done.error().message}});
      continue;
    }
    for (nlohmann::json& reason : reasons) all.push_back(std::move(reason));
  }
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ostler::plugins
