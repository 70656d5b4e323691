// What every state plugin of ours refuses before it touches its backend.
//
// The rules are those of the strictest backend (ZooKeeper), applied by all, so that
// a host which works with one works with the other.
#pragma once

#include <ostler/state.h>

#include <string>
#include <string_view>

namespace ostler::support {

constexpr size_t kMaxPathBytes = 1024;

// Throws INVALID_ARGUMENT unless `path` is as ostler/state.h says: absolute UTF-8
// without empty, "." or ".." components, control characters, characters that
// ZooKeeper refuses, or the reserved "/lock".
void check_path(std::string_view path);

// Checks types, paths and sizes of a whole commit. Throws INVALID_ARGUMENT, or
// RESOURCE_EXHAUSTED naming the largest node.
void check_ops(const ostler_array_t& ops, const ostler_state_limits_t& limits);

// "/a" for "/a/b", "/" for "/a". `path` is checked and not "/".
std::string_view parent_of(std::string_view path);

// What all paths below `path` start with: "/a/" for "/a", "/" for "/".
std::string below(std::string_view path);

}  // namespace ostler::support
