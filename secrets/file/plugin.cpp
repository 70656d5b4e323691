// The entry point of secrets-file.so.
#include <ostler/plugin.hpp>

#include "file_secrets.h"

namespace {

constexpr const char* kSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["directory"],
  "properties": {
    "directory": {"type": "string", "description": "the folder that holds the secrets, a file each"},
    "max_bytes": {"type": "integer", "minimum": 1, "maximum": 67108864, "default": 1048576}
  }
})";

}  // namespace

OSTLER_LIBRARY(ostler::plugin::describe<ostler::secrets::FileSecrets>(
    "io.ostler.secrets.file", OSTLER_SECRETS_1, "1.0.0", "Ostler",
    "reads secrets from files below one folder", kSchema))
