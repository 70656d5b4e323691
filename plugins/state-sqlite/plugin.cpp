// The entry point of state-sqlite.so.
#include <ostler/plugin.hpp>

#include "state.h"

namespace {

constexpr const char* kSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["path"],
  "properties": {
    "path": {"type": "string", "description": "the database file; made with its folders where missing"}
  }
})";

}  // namespace

OSTLER_LIBRARY(ostler::plugin::describe<ostler::sqlite::SqliteState>(
    "io.ostler.state.sqlite", OSTLER_STATE_1, "1.0.0", "Ostler",
    "keeps the state in one SQLite file on this machine", kSchema))
