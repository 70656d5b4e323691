// The host knows nothing of what its plugins are made of, and a plugin shows nothing but
// its entry: asked of the files, as an operator would with nm and ldd.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::string prefix() {
  const char* given = std::getenv("OSTLER_TEST_PREFIX");
  return given != nullptr ? given : OSTLER_BUILD_DIR;
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string out;
  std::array<char, 65536> buffer;
  while (const size_t size = fread(buffer.data(), 1, buffer.size(), pipe.get()))
    out.append(buffer.data(), size);
  return out;
}

bool has_tools() { return std::system("command -v nm ldd c++filt >/dev/null 2>&1") == 0; }

TEST(Binaries, TheHostHasNoSymbolOfWhatItsPluginsUse) {
  if (!has_tools()) GTEST_SKIP() << "nm, ldd or c++filt is missing (binutils)";
  const std::string host = prefix() + "/bin/ostler";

  const std::string symbols = output_of("nm -C " + host + " 2>&1; nm -DC " + host);
  ASSERT_NE(symbols.find("main"), std::string::npos) << symbols;
  for (const char* foreign : {"sqlite3_", "zoo_", "zookeeper_", "Pistache", "prometheus::"}) {
    EXPECT_EQ(symbols.find(foreign), std::string::npos) << foreign;
  }

  const std::string libraries = output_of("ldd " + host);
  ASSERT_NE(libraries.find("libc.so"), std::string::npos) << libraries;
  for (const char* foreign : {"libsqlite", "libzookeeper", "libpistache", "libprometheus"}) {
    EXPECT_EQ(libraries.find(foreign), std::string::npos) << foreign;
  }
}

TEST(Binaries, EachPluginExportsItsEntryOnly) {
  if (!has_tools()) GTEST_SKIP() << "nm, ldd or c++filt is missing (binutils)";
  size_t plugins = 0;
  for (const auto& file : std::filesystem::directory_iterator(prefix() + "/lib/ostler/plugins")) {
    if (file.path().extension() != ".so") continue;
    ++plugins;
    std::istringstream exported(output_of("nm -D --defined-only " + file.path().string()));
    std::vector<std::string> names;
    for (std::string address, type, name; exported >> address >> type >> name;) {
      if (type != "A") names.push_back(name);  // the version's own name
    }
    EXPECT_EQ(names.size(), 1U) << file.path();
    const std::string name = names.empty() ? "" : names.front().substr(0, names.front().find('@'));
    EXPECT_EQ(name, "ostler_library_v1") << file.path();
  }
  EXPECT_GE(plugins, 7U);
}

}  // namespace
