#include "support/state_checks.h"

#include <algorithm>
#include <ostler/plugin.hpp>

#include "support/text.h"

namespace ostler::support {
namespace {

using plugin::Error;

[[noreturn]] void refuse(std::string_view path, const std::string& why) {
  throw Error(OSTLER_INVALID_ARGUMENT, "the path " + quote(path) + " " + why, std::string(path));
}

// Walks well-formed UTF-8. ZooKeeper refuses the control characters, everything
// from the surrogates to the end of the private use area (it sees UTF-16, so that
// takes all characters past U+FFFF with it), and U+FFF0 to U+FFFF.
bool has_refused_character(std::string_view path) {
  for (size_t i = 0; i < path.size();) {
    const auto byte = [&](size_t at) { return static_cast<uint32_t>(static_cast<unsigned char>(path[at])); };
    uint32_t c = byte(i);
    if (c >= 0xf0) return true;
    if (c >= 0xe0) {
      c = (c & 0x0f) << 12 | (byte(i + 1) & 0x3f) << 6 | (byte(i + 2) & 0x3f);
      i += 3;
    } else if (c >= 0xc0) {
      c = (c & 0x1f) << 6 | (byte(i + 1) & 0x3f);
      i += 2;
    } else {
      i += 1;
    }
    if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0xd800 && c <= 0xf8ff) || c >= 0xfff0) return true;
  }
  return false;
}

bool is_known(int32_t type) { return type >= OSTLER_OP_CREATE && type <= OSTLER_OP_PUT; }

}  // namespace

void check_path(std::string_view path) {
  if (path == "/") return;
  if (path.empty() || path.front() != '/') refuse(path, "is not absolute; it must start with '/'");
  if (path.size() > kMaxPathBytes)
    refuse(path, "has " + std::to_string(path.size()) + " bytes, at most " + std::to_string(kMaxPathBytes) +
                     " are allowed");
  if (path.back() == '/') refuse(path, "ends with '/'");
  if (!is_utf8(path)) refuse(path, "is not valid UTF-8");
  if (has_refused_character(path)) refuse(path, "has a control or other character that ZooKeeper refuses");
  for (size_t start = 1; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view component = path.substr(start, end - start);
    if (component.empty()) refuse(path, "has an empty component");
    if (component == "." || component == "..")
      refuse(path, "has the component " + quote(component) + "; write the path out");
    start = end + 1;
  }
  if (path == "/lock" || path.starts_with("/lock/"))
    refuse(path, "is reserved: the owner's lock is kept there");
}

void check_ops(const ostler_array_t& ops, const ostler_state_limits_t& limits) {
  uint64_t total = 0;
  uint64_t largest = 0;
  std::string_view largest_path;
  for (uint32_t i = 0; i < ops.count; ++i) {
    const ostler_state_op_t& op = *OSTLER_AT(ostler_state_op_t, ops, i);
    const std::string_view path = plugin::view(op.path);
    if (!is_known(op.type))
      throw Error(OSTLER_INVALID_ARGUMENT, "operation " + std::to_string(i) + " on " + quote(path) +
                                               " has the unknown type " + std::to_string(op.type));
    check_path(path);
    total += path.size() + op.value.size;
    if (op.value.size >= largest) {
      largest = op.value.size;
      largest_path = path;
    }
  }
  if (limits.max_value_bytes != 0 && largest > limits.max_value_bytes)
    throw Error(OSTLER_RESOURCE_EXHAUSTED, "the value of " + quote(largest_path) + " has " +
                                               std::to_string(largest) + " bytes, at most " +
                                               std::to_string(limits.max_value_bytes) + " can be stored");
  if (limits.max_commit_bytes != 0 && total > limits.max_commit_bytes)
    throw Error(OSTLER_RESOURCE_EXHAUSTED, "the commit has " + std::to_string(total) + " bytes, at most " +
                                               std::to_string(limits.max_commit_bytes) +
                                               " fit; the largest node is " + quote(largest_path) + " with " +
                                               std::to_string(largest) + " bytes");
}

std::string_view parent_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string below(std::string_view path) { return path == "/" ? "/" : std::string(path) + "/"; }

}  // namespace ostler::support
