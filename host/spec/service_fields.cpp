// The keys at the top of svc.yml.
#include "spec/raw_spec.h"
#include "spec/text_rules.h"

namespace ostler::spec {
namespace {

constexpr Field<ServiceSpec> kSchedulerFields[] = {
    {{"principal", Need::kOptional, "a name", "<name>-principal", "The framework's Mesos principal."},
     text<&ServiceSpec::principal>},
    {{"zookeeper", Need::kOptional, "host:port,host:port", "master.mesos:2181",
      "The ZooKeeper ensemble of the cluster."},
     text_that<&ServiceSpec::zookeeper, is_not_blank>},
    {{"user", Need::kOptional, "a user's name", "root", "Who the framework and all its tasks run as."},
     text_that<&ServiceSpec::user, is_name>},
};

Outcome read_pods(const Scope& scope, const yaml::Node& node, RawService& into) {
  if (node.type == yaml::Node::Type::kMap && node.entries.empty()) return Outcome::kRefused;
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string& name) {
    if (!is_pod_name(name))
      inner.error(inner.mark, in_quotes(name),
                  "a name without spaces, slashes and double or leading underscores");
    RawPod pod;
    pod.spec.type = name;
    read_pod(inner, value, pod);
    into.pods.push_back(std::move(pod));
  });
}

Outcome read_plans(const Scope& scope, const yaml::Node& node, RawService& into) {
  into.plans.emplace();
  return read_named(scope, node, [&](const Scope& inner, const yaml::Node& value, const std::string& name) {
    if (!is_not_blank(name)) inner.error(inner.mark, in_quotes(name), "a name");
    RawPlan plan;
    plan.name = name;
    read_plan(inner, value, plan);
    into.plans->push_back(std::move(plan));
  });
}

constexpr Field<RawService> kServiceFields[] = {
    {{"name", Need::kRequired, "a service name: names joined by slashes, without double underscores", "",
      "The service's and the framework's name."},
     [](const Scope&, const yaml::Node& value, RawService& into) {
       if (!as_text(value) || !is_service_name(value.scalar)) return Outcome::kRefused;
       into.spec.name = value.scalar;
       return Outcome::kDone;
     }},
    {{"web-url", Need::kOptional, "a URL", "none", "Where the service's own page is."},
     [](const Scope& scope, const yaml::Node& value, RawService& into) {
       return text<&ServiceSpec::web_url>(scope, value, into.spec);
     }},
    {{"scheduler", Need::kOptional, "a map with principal, zookeeper and user", "none",
      "The framework's identity."},
     [](const Scope& scope, const yaml::Node& value, RawService& into) {
       read_object(scope, value, UnknownKeys::kRefuse, Fill{kSchedulerFields, into.spec});
       return Outcome::kDone;
     }},
    {{"pods", Need::kRequired, "a map of names to pods, at least one", "", "What the service runs."},
     read_pods},
    {{"plans", Need::kOptional, "a map of names to plans", "one serial phase per pod",
      "In which order pods are deployed. With any plan given, one must be 'deploy'."},
     read_plans},
    {{"x-ostler", Need::kOptional, "a map with options and zone-awareness-fixed", "none",
      "Ostler's own: rules of the service for its options. The SDK has no such key."},
     read_extension},
};

}  // namespace

void read_service(const Scope& scope, const yaml::Node& node, RawService& into) {
  read_object(scope, node, UnknownKeys::kRefuse, Fill{kServiceFields, into});
  if (into.spec.principal.empty()) into.spec.principal = into.spec.name + "-principal";
}

std::vector<Level> describe_service_levels() {
  return {describe("service", kServiceFields), describe("scheduler", kSchedulerFields)};
}

}  // namespace ostler::spec
