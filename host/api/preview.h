// POST /v1/configurations/preview: a configuration in, what it would do out.
#pragma once

#include <memory>
#include <string_view>

#include "api/http.h"
#include "base/result.h"
#include "core/preview.h"

namespace ostler::api {

inline constexpr const char* kPreviewPath = "/v1/configurations/preview";
inline constexpr const char* kPreviewAbout =
    "What a configuration would do. Body: it, as `ostler check -o json` prints it; `ostler preview` asks "
    "this.";

// The specification in a request's body, as `ostler check -o json` prints it. The error is
// for the reply: what is wrong, and where.
Result<std::shared_ptr<const spec::ServiceSpec>> candidate_of(std::string_view body);

// 200 with the preview as JSON, whether it would be accepted or refused.
Response preview_response(const core::Preview& preview);

}  // namespace ostler::api
