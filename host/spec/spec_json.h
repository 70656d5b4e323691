// A ServiceSpec as JSON text: the stored configuration, and what the API shows.
//
// Keys are those of the SDK's stored configurations where the two mean the same.
// What has its default value is left out, and a key that is not known is skipped
// when reading, so that older and newer versions read each other's text.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "spec/service_spec.h"

namespace ostler::spec {

// `indent` spaces per level; -1: one line.
std::string to_json(const ServiceSpec& spec, int indent = -1);

// One pod, such as a placement plugin gets it.
std::string to_json(const PodSpec& pod, int indent = -1);

// kDataLoss when the text is not what to_json() writes; `where` is the path of
// the value, such as "pod-specs[0].count".
Result<ServiceSpec> from_json(std::string_view text);

}  // namespace ostler::spec
