// One shared library, loaded and checked.
//
// The checks come in the order in which they can be trusted: who may write the
// file, its digest, the dynamic linker's opinion, the one entry symbol, the ABI's
// version, then every field of the tables. Only what passes all of them is ever
// called. A library is never unloaded (R14), so everything found here stays valid
// until the process ends. Main thread only.
#pragma once

#include <ostler/plugin.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plugins/problem.h"

namespace ostler::plugins {

class Library {
 public:
  struct Request {
    std::filesystem::path path;   // absolute
    std::string sha256;           // empty: any content
    bool require_sha256 = false;  // then an empty digest is refused
  };
  using Loaded = std::variant<std::shared_ptr<const Library>, PluginProblem>;

  // The problem has no `where` and no `plugin`; the caller knows those.
  static Loaded load(const Request& request);

  ~Library();

  const std::filesystem::path& path() const { return path_; }
  const std::vector<const ostler_plugin_t*>& plugins() const { return plugins_; }

  // The plugin with that id, or, for an empty id, the only one of `kind`. The problem
  // lists what the library offers.
  std::variant<const ostler_plugin_t*, PluginProblem> find(std::string_view id, std::string_view kind) const;

 private:
  Library() = default;

  struct Handle;  // keeps Boost.DLL out of this header
  std::filesystem::path path_;
  std::unique_ptr<Handle> handle_;
  std::vector<const ostler_plugin_t*> plugins_;
};

}  // namespace ostler::plugins
