// Registries for tests: a manifest as text, and what a start of it says.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "plugins/registry.h"

namespace ostler::plugins::test {

// Where tests/plugins puts its libraries.
inline const std::filesystem::path kPluginDir = OSTLER_TEST_PLUGIN_DIR;

// A manifest of good plugins of all needed kinds, lines 1 to 5, and `more` below them.
inline std::string manifest_with(const std::string& more, const std::string& offers = "{}") {
  return "manifest: 1\n"
         "plugins:\n"
         "  - {name: state, kind: state, library: good.so}\n"
         "  - {name: offers, kind: offers, library: good.so, config: " +
         offers +
         "}\n"
         "  - {name: http, kind: http, library: good.so}\n" +
         more;
}

// One entry for a defective library, at line 6.
inline std::string defect(const std::string& name, const std::string& rest = "") {
  return manifest_with("  - name: bad\n    kind: offers\n    library: " + name + ".so\n" + rest);
}

inline std::vector<PluginProblem> load(Registry& registry, const std::string& text,
                                       const std::string& file = "plugins.yaml") {
  ManifestReading reading = parse_manifest(text, file, kPluginDir);
  if (!reading.problems.empty()) return reading.problems;
  return registry.load(reading.manifest);
}

// All that a start of `text` complains about, as the operator reads it, with the
// folder of the test plugins written as DIR.
inline std::string complaints(const std::vector<PluginProblem>& problems) {
  std::string out;
  for (const PluginProblem& problem : problems) out += (out.empty() ? "" : "\n") + problem.text();
  const std::string dir = std::filesystem::canonical(kPluginDir).string();
  for (size_t at = out.find(dir); at != std::string::npos; at = out.find(dir, at))
    out.replace(at, dir.size(), "DIR");
  return out;
}

// The one problem of loading `text`.
struct Refusal {
  std::string text;
  int exit_code;
};
inline Refusal refusal(const std::string& text) {
  Registry registry({});
  const std::vector<PluginProblem> problems = load(registry, text);
  return {complaints(problems), exit_code(problems)};
}

}  // namespace ostler::plugins::test
