// Gives each of a few needs a thing of its own, as many needs as possible.
//
// What comes first among the options of a need is taken where it is free; an earlier need
// moves on only when a later one would get nothing otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace ostler::core {

// By need: which of its options it gets, or nothing.
std::vector<std::optional<uint32_t>> match(const std::vector<std::vector<uint32_t>>& options);

}  // namespace ostler::core
