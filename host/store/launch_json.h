// LaunchRecord as the JSON text that stands in Tasks/<name>/TaskInfo.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/records.h"

namespace ostler::store {

// `unknown` is what launch_from_text() found beyond the record, or empty.
std::string launch_text(const core::LaunchRecord& launch, std::string_view unknown = {});
// The error's `where` is the JSON path of what is wrong. `unknown` becomes what the text says
// beyond what this version understands, as JSON; it stays as it was when that is nothing.
Result<std::shared_ptr<const core::LaunchRecord>> launch_from_text(std::string_view text,
                                                                   std::string* unknown = nullptr);

}  // namespace ostler::store
