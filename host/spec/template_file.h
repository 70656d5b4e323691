// Reads files that svc.yml names, and only those below its folder.
#pragma once

#include <string>

#include "base/result.h"

namespace ostler::spec {

// As large as bootstrap renders by default.
inline constexpr size_t kMaxTemplateBytes = 1 << 20;

// The text of `path`, relative to `folder`. Symbolic links are followed and the
// file they lead to must be below the folder as well. The error's `where` is the
// quoted path and its message completes a sentence: "'x.mustache' does not exist".
Result<std::string> read_template(const std::string& folder, const std::string& path);

// The same for a file that the caller chose, anywhere.
Result<std::string> read_text_file(const std::string& path, size_t max_bytes);

}  // namespace ostler::spec
