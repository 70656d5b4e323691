#include "core/validators.h"

#include "core/rules.h"

namespace ostler::core {
namespace {

using namespace rules;  // NOLINT: the table below is all there is

enum class Applies { kAlways, kFirst, kChange };

struct Validator {
  std::string_view name;
  Applies applies;
  std::string_view rule;
  void (*check)(const ConfigChange& change, Objections& out);
};

constexpr Validator kValidators[] = {
    {"ServiceNameCannotContainDoubleUnderscores", Applies::kAlways,
     "A service's name has no double underscore, which stands for a slash in paths.",
     service_name_has_no_double_underscore},
    {"PodTypesMustBeUnique", Applies::kAlways, "No two pods have the same name.", pod_types_are_unique},
    {"PlacementRuleIsValid", Applies::kAlways, "Every placement is a constraint that Marathon knows.",
     placement_is_valid},
    {"ResourceLimitsMustExceedRequestedResources", Applies::kAlways,
     "A limit of cpus or memory is not below the request.", limits_cover_requests},
    {"SharedMemoryMustBeConsistent", Applies::kAlways,
     "A task that shares its pod's IPC has no shm-size; a pod has no parent to share with.",
     shared_memory_is_consistent},
    {"PortMappingNeedsABridge", Applies::kAlways, "Ports are mapped on mesos-bridge only.",
     ports_are_mapped_where_that_works},
    {"TransportEncryptionIsNotCarriedOut", Applies::kAlways,
     "No task has transport-encryption: Ostler issues no certificates. The SDK demands a service account for "
     "it.",
     nobody_wants_certificates},
    {"ConfigurationMustFitTheState", Applies::kAlways,
     "A configuration is not larger than what the state plugin holds in one record.",
     configuration_fits_the_state},
    {"ServiceNameCannotBreakDNS", Applies::kFirst,
     "A service's name has at most 63 characters without its slashes.", service_name_fits_dns},
    {"ServiceNameCannotChange", Applies::kChange, "A service keeps its name.", service_name_stays},
    {"PodSpecsCannotShrink", Applies::kChange,
     "A pod stays unless it had allow-decommission, and keeps its count unless it has it now.",
     pods_do_not_shrink},
    {"PodSpecsCannotChangeNetworkRegime", Applies::kChange,
     "A pod on the host's ports (host or bridge) stays there; one on an overlay stays there.",
     network_regime_stays},
    {"PreReservationCannotChange", Applies::kChange, "A pod keeps its pre-reserved-role.",
     pre_reservation_stays},
    {"UserCannotChange", Applies::kChange, "A service keeps its user.", user_stays},
    {"RegionCannotChange", Applies::kChange, "A service keeps its region, or to have none.", region_stays},
    {"ServiceRoleCannotChange", Applies::kChange, "A service keeps its role.", role_stays},
    {"TaskVolumesCannotChange", Applies::kChange,
     "Volumes of a pod and of its tasks stay as they are, and so does the resource set that has them. A task "
     "with volumes leaves only a pod with allow-decommission.",
     volumes_stay},
    {"OptionsKeepTheirRules", Applies::kAlways,
     "The service's own rules for its options (`x-ostler.options`).", options_keep_their_rules},
    {"ZoneAwarenessCannotChange", Applies::kChange,
     "The pods of `x-ostler.zone-awareness-fixed` do not begin or end to refer to zones.",
     zone_awareness_stays},
};

}  // namespace

std::string Objection::text() const {
  const std::string what =
      is_change ? "Transition: '" + before + "' => '" + after + "'" : "Value: '" + after + "'";
  return "Field: '" + field + "'; " + what + "; Message: '" + message + "'; Fatal: false";
}

std::vector<Objection> objections(const ConfigChange& change) {
  Objections all;
  for (const Validator& validator : kValidators) {
    if (validator.applies == Applies::kChange && change.before == nullptr) continue;
    if (validator.applies == Applies::kFirst && change.before != nullptr) continue;
    Objections found;
    validator.check(change, found);
    for (Objection& one : found) {
      one.validator = validator.name;
      all.push_back(std::move(one));
    }
  }
  return all;
}

std::vector<ValidatorText> validator_texts() {
  std::vector<ValidatorText> out;
  for (const Validator& one : kValidators) {
    const std::string_view applies = one.applies == Applies::kAlways  ? "always"
                                     : one.applies == Applies::kFirst ? "to a first installation"
                                                                      : "to a change";
    out.push_back({one.name, applies, one.rule});
  }
  return out;
}

}  // namespace ostler::core
