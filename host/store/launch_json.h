// LaunchRecord as the JSON text that stands in Tasks/<name>/TaskInfo.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/records.h"

namespace ostler::store {

// `unknown` is what unknown_fields() found in the record's older text, or empty.
std::string launch_text(const core::LaunchRecord& launch, std::string_view unknown = {});
// What `text`, from which `launch` was read, says beyond what this version understands,
// as JSON; empty when that is nothing.
std::string unknown_fields(std::string_view text, const core::LaunchRecord& launch);
// The error's `where` is the JSON path of what is wrong.
Result<std::shared_ptr<const core::LaunchRecord>> launch_from_text(std::string_view text);

}  // namespace ostler::store
