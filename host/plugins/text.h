// Small helpers for text that others wrote: manifests and plugin tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ostler::plugins {

// True for well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

// The one of `known` that `word` is most likely a slip of, or an empty view when
// none is close.
std::string_view did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

// "a, b or c", each in single quotes.
std::string quoted_list(const std::vector<std::string_view>& words);

}  // namespace ostler::plugins
