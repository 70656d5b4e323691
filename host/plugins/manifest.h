// plugins.yaml: which plugins run, from which library, with which configuration.
//
//   manifest: 1
//   plugins:
//     - name: state                       # unique; shown in logs, metrics and /v1/plugins
//       kind: state                       # secrets | state | metrics | offers | http | advisor
//       library: state-zookeeper.so       # bare: in the plugin folder. "./x.so": beside this file. Or
//       absolute plugin: io.ostler.state.zookeeper # only when the library holds several of that kind sha256:
//       4f1c...                   # optional; the library must have this digest config: {servers:
//       [zk-1:2181]}    # given to the plugin's create() as JSON
//
// Reading finds everything that is wrong at once, each with line and column. Order
// of plugins has no meaning, and nothing is substituted: what stands there is what
// the plugins get.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/problem.h"
#include "plugins/yaml_json.h"

namespace ostler::plugins {

// In the order in which kinds are started; stopping is the reverse.
enum class Kind : uint8_t { kSecrets, kState, kMetrics, kOffers, kHttp, kAdvisor };
inline constexpr Kind kKinds[] = {Kind::kSecrets, Kind::kState, Kind::kMetrics,
                                  Kind::kOffers,  Kind::kHttp,  Kind::kAdvisor};

std::string_view to_string(Kind kind);  // "state"
const char* interface_id(Kind kind);    // "ostler.state/1"

struct PluginEntry {
  std::string name;
  Kind kind = Kind::kState;
  std::filesystem::path library;  // absolute, not yet checked
  std::string plugin_id;          // empty: the library's only plugin of that kind
  std::string sha256;             // 64 hexadecimal digits in lower case, or empty
  std::string config = "{}";      // JSON object
  Position at;                    // of the entry
  Position kind_at, library_at, plugin_at, sha256_at, config_at;
  Positions config_positions;  // by JSON pointer into `config`

  // Where the value of a JSON pointer into the config is written, as near as known.
  Position find(std::string_view pointer) const;
};

struct Manifest {
  std::string file;  // as the operator wrote it
  std::vector<PluginEntry> plugins;

  // "plugins.yaml:6:5", or the file alone when the place is not known.
  std::string where(Position at) const;
};

// The entries that are sound by themselves, and everything that is wrong.
struct ManifestReading {
  Manifest manifest;
  std::vector<PluginProblem> problems;
};

// `file` names the text in problems, and "./x.so" is looked for beside it.
ManifestReading parse_manifest(std::string_view text, const std::string& file,
                               const std::filesystem::path& plugin_dir);
ManifestReading read_manifest(const std::string& file, const std::filesystem::path& plugin_dir);

}  // namespace ostler::plugins
