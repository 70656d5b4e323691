// The rules behind the table in validators.cpp, one function each: a rule adds what it
// has to say to `out`, without its own name. Private to validators.cpp and *_rules.cpp.
#pragma once

#include <string>
#include <vector>

#include "core/validators.h"

namespace ostler::core::rules {

using Objections = std::vector<Objection>;

inline void change(Objections& out, std::string field, std::string before, std::string after,
                   std::string message) {
  out.push_back({{}, std::move(field), true, std::move(before), std::move(after), std::move(message)});
}
inline void value(Objections& out, std::string field, std::string found, std::string message) {
  out.push_back({{}, std::move(field), false, {}, std::move(found), std::move(message)});
}

inline std::string pod_field(const spec::PodSpec& pod) { return "PodSpec[name:" + pod.type + "]"; }
inline bool is_bridge(const spec::Network& network) { return network.name == "mesos-bridge"; }

// config_rules.cpp: of every configuration, and of the first.
void service_name_has_no_double_underscore(const ConfigChange& change, Objections& out);
void pod_types_are_unique(const ConfigChange& change, Objections& out);
void placement_is_valid(const ConfigChange& change, Objections& out);
void limits_cover_requests(const ConfigChange& change, Objections& out);
void shared_memory_is_consistent(const ConfigChange& change, Objections& out);
void ports_are_mapped_where_that_works(const ConfigChange& change, Objections& out);
void nobody_wants_certificates(const ConfigChange& change, Objections& out);
void configuration_fits_the_state(const ConfigChange& change, Objections& out);
void service_name_fits_dns(const ConfigChange& change, Objections& out);
void options_keep_their_rules(const ConfigChange& change, Objections& out);

// change_rules.cpp: of a change; `before` is never null here.
void service_name_stays(const ConfigChange& change, Objections& out);
void pods_do_not_shrink(const ConfigChange& change, Objections& out);
void network_regime_stays(const ConfigChange& change, Objections& out);
void pre_reservation_stays(const ConfigChange& change, Objections& out);
void user_stays(const ConfigChange& change, Objections& out);
void region_stays(const ConfigChange& change, Objections& out);
void role_stays(const ConfigChange& change, Objections& out);
void volumes_stay(const ConfigChange& change, Objections& out);
void zone_awareness_stays(const ConfigChange& change, Objections& out);

}  // namespace ostler::core::rules
