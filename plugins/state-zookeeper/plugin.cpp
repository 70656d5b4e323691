// The entry point of state-zookeeper.so.
#include <ostler/plugin.hpp>

#include "state.h"

namespace {

constexpr const char* kSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["servers", "root"],
  "properties": {
    "servers": {
      "description": "the ensemble: a list of host:port, or host:port,host:port/chroot",
      "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
    },
    "root": {"type": "string", "description": "the node that holds everything, as in /dcos-service-kafka"},
    "session_timeout_ms": {"type": "integer", "minimum": 1000, "maximum": 600000, "default": 30000},
    "credentials": {
      "type": "object",
      "additionalProperties": false,
      "required": ["username", "password"],
      "properties": {"username": {"type": "string"}, "password": {"type": "string"}}
    }
  }
})";

}  // namespace

OSTLER_LIBRARY(ostler::plugin::describe<ostler::zookeeper::ZookeeperState>(
    "io.ostler.state.zookeeper", OSTLER_STATE_1, "1.0.0", "Ostler", "keeps the state in a ZooKeeper ensemble",
    kSchema))
