#include "plugins/problem.h"

#include <algorithm>

namespace ostler::plugins {
namespace {

// Every line of `text` below the headline, indented.
void append_indented(std::string& out, const std::string& text) {
  size_t from = 0;
  while (from < text.size()) {
    const size_t end = std::min(text.find('\n', from), text.size());
    out += "\n    ";
    out.append(text, from, end - from);
    from = end + 1;
  }
}

}  // namespace

std::string PluginProblem::text() const {
  std::string out = where;
  if (!out.empty()) out += ": ";
  if (!plugin.empty()) out += "plugin '" + plugin + "': ";
  out += message;
  append_indented(out, detail);
  append_indented(out, advice);
  return out + "   [OST-" + std::to_string(number) + "]";
}

int exit_code(const std::vector<PluginProblem>& problems) {
  if (problems.empty()) return 0;
  for (const int code : {kExitConfig, kExitPlugin, kExitNotOwner, kExitUnavailable}) {
    for (const PluginProblem& problem : problems) {
      if (problem.exit_code == code) return code;
    }
  }
  return problems.front().exit_code;
}

std::string status_name(int32_t status) {
  static constexpr const char* kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  if (status < 0 || status > OSTLER_UNAUTHENTICATED) return "status " + std::to_string(status);
  return kNames[status];
}

}  // namespace ostler::plugins
