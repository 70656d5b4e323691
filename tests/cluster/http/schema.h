// Checks a call's JSON as Mesos' conversion to protobuf does: types of fields, base64,
// required fields. Unknown fields are ignored.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace ostler::cluster {

// Mesos' text for what is wrong ("Missing required fields: acknowledge.uuid"), or
// nothing when the document is a scheduler call.
std::optional<std::string> invalid_call_document(const nlohmann::json& call);

}  // namespace ostler::cluster
