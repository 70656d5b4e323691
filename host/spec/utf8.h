// Checks that bytes are text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ostler::spec {

// The offset of the first byte that is not part of well-formed UTF-8, or that
// is a control character other than tab, newline and carriage return.
std::optional<size_t> find_bad_text(std::string_view text);

}  // namespace ostler::spec
