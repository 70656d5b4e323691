// The entry point of advisor-zookeeper.so.
#include "zookeeper_advisor.h"

namespace {

constexpr const char* kSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "pod": {"type": "string", "default": "zookeeper", "description": "the pod whose instances are the servers"},
    "port": {"type": "string", "default": "clientport", "description": "the name of their client port in svc.yml"}
  }
})";

}  // namespace

OSTLER_LIBRARY(ostler::plugin::describe<ostler::advisor::ZookeeperAdvisor>(
    "io.ostler.advisor.zookeeper", OSTLER_ADVISOR_DRAFT_1, "1.0.0", "Ostler",
    "keeps a ZooKeeper ensemble's quorum while its servers are restarted", kSchema))
