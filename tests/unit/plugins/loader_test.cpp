// One defective plugin a test (tests/plugins): number, place and text of what the
// operator reads. DIR stands for the folder of the test plugins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "harness.h"
#include "plugins/trust.h"

namespace ostler::plugins {
namespace {

using namespace std::chrono_literals;
using test::complaints;
using test::defect;
using test::kPluginDir;
using test::load;
using test::refusal;
using testing::HasSubstr;

const std::string kAskVendor = "\n    Ask its vendor for a corrected build   [OST-109]";

// Messages name paths; DIR keeps them readable here.
void expect_refusal(const std::string& manifest, const std::string& text, int code) {
  const test::Refusal found = refusal(manifest);
  EXPECT_EQ(found.text, text);
  EXPECT_EQ(found.exit_code, code);
}

TEST(Loader, SaysThatALibraryIsMissing) {
  expect_refusal(defect("nowhere"),
                 "plugins.yaml:8:14: plugin 'bad': cannot load DIR/nowhere.so\n"
                 "    DIR/nowhere.so: No such file or directory\n"
                 "    A bare name is looked for in the plugin folder (--plugin-dir), './x.so' beside the "
                 "manifest   [OST-104]",
                 78);
}

TEST(Loader, SaysThatAFileIsNoLibrary) {
  expect_refusal(defect("not_elf"),
                 "plugins.yaml:8:14: plugin 'bad': cannot load DIR/not_elf.so\n"
                 "    file too short\n"
                 "    The file is no shared library; `file DIR/not_elf.so` shows what it is   [OST-104]",
                 78);
}

TEST(Loader, NamesTheSymbolThatNobodyProvides) {
  expect_refusal(defect("unresolved_symbol"),
                 "plugins.yaml:8:14: plugin 'bad': cannot load DIR/unresolved_symbol.so\n"
                 "    undefined symbol: function_of_nobody\n"
                 "    Nothing provides that symbol; link the plugin with -Wl,-z,defs (ostler_add_plugin "
                 "does), which finds this at build "
                 "time   [OST-104]",
                 78);
}

TEST(Loader, NamesTheLibraryThatIsNotInstalled) {
  expect_refusal(defect("missing_dependency"),
                 "plugins.yaml:8:14: plugin 'bad': cannot load DIR/missing_dependency.so\n"
                 "    libgone.so: cannot open shared object file: No such file or directory\n"
                 "    The library depends on something that is not installed; `ldd "
                 "DIR/missing_dependency.so` shows what   [OST-104]",
                 78);
}

TEST(Loader, SaysThatALibraryIsNoPlugin) {
  expect_refusal(
      defect("no_entry"),
      "plugins.yaml:8:14: plugin 'bad': DIR/no_entry.so exports no ostler_library_v1: not a plugin\n"
      "    `nm -D --defined-only` shows what it exports; OSTLER_LIBRARY of <ostler/plugin.hpp> defines the "
      "symbol   [OST-106]",
      70);
}

TEST(Loader, RefusesAnotherMajorAndNamesIt) {
  const std::string text =
      "plugins.yaml:8:14: plugin 'bad': built for ABI 2; this host speaks ABI 1.0\n"
      "    Get a build for ABI 1 or a host that speaks ABI 2   [OST-107]";
  expect_refusal(defect("abi_major_2"), text, 70);
  expect_refusal(defect("lying_major"), text, 70);
}

TEST(Loader, RefusesAPluginThatNeedsANewerHost) {
  expect_refusal(defect("needs_newer_minor"),
                 "plugins.yaml:8:14: plugin 'bad': needs ABI 1.5 or later; this host speaks 1.0\n"
                 "    Get a newer host, or a build of the plugin for ABI 1.0   [OST-108]",
                 70);
}

TEST(Loader, TellsBrokenTablesFieldByField) {
  const auto broken = [](const std::string& name, const std::string& fields) {
    return "plugins.yaml:8:14: plugin 'bad': DIR/" + name + ".so breaks the plugin contract" + fields +
           kAskVendor;
  };
  expect_refusal(defect("null_library"), broken("null_library", "\n    ostler_library_v1() returned NULL"),
                 70);
  expect_refusal(defect("no_plugins"),
                 broken("no_plugins", "\n    library.plugin_count is 0; from 1 to 64 are possible"), 70);
  expect_refusal(defect("null_id"),
                 broken("null_id", "\n    plugins[0].id is NULL\n    plugins[0].stop is NULL"), 70);
  expect_refusal(defect("short_table"),
                 broken("short_table", "\n    plugins[0].struct_size is 88; ABI 1.0 has 96 bytes"), 70);
  expect_refusal(defect("same_id_twice"),
                 broken("same_id_twice", "\n    plugins[1].id is 'test.defect', as plugins[0].id is"), 70);
  expect_refusal(defect("null_interface"),
                 broken("null_interface", "\n    query(\"ostler.offers/1\") answered NULL"), 70);
  expect_refusal(defect("answers_everything"),
                 broken("answers_everything",
                        "\n    query(\"ostler.nothing/0\") answered a table; an unknown id is NULL (R10)"),
                 70);
  expect_refusal(defect("null_evaluate"), broken("null_evaluate", "\n    ostler.offers/1.evaluate is NULL"),
                 70);
}

TEST(Loader, ListsWhatALibraryOffersInstead) {
  expect_refusal(defect("unknown_kind"),
                 "plugins.yaml:7:11: plugin 'bad': unknown_kind.so holds no plugin of kind ostler.offers/1\n"
                 "    It offers 'test.defect' (ostler.coffee/1)   [OST-110]",
                 78);
  expect_refusal(
      defect("fails_start", "    plugin: test.other\n"),
      "plugins.yaml:9:13: plugin 'bad': fails_start.so holds no plugin 'test.other' of kind ostler.offers/1\n"
      "    It offers 'test.defect' (ostler.offers/1)   [OST-110]",
      78);
  expect_refusal(test::manifest_with("  - {name: bad, kind: metrics, library: good.so}\n"),
                 "plugins.yaml:6:23: plugin 'bad': good.so holds several plugins of kind ostler.metrics/1; "
                 "'plugin' must name one\n"
                 "    It offers 'test.good.state' (ostler.state/1), 'test.good.offers' (ostler.offers/1), "
                 "'test.good.secrets' (ostler.secrets/1), "
                 "'test.good.metrics' (ostler.metrics/1), 'test.good.push' (ostler.metrics/1), "
                 "'test.good.http' (ostler.http/1)   [OST-110]",
                 78);
}

TEST(Loader, ShowsWhereAConfigurationIsRefused) {
  expect_refusal(defect("refuses_config", "    config:\n      servers: [zk-1:2181, zk-2]\n"),
                 "plugins.yaml:10:28: plugin 'bad': 'zk-2' has no port   [OST-111]", 78);
}

TEST(Loader, CountsAFailureWithoutAMessageAgainstThePlugin) {
  testing::internal::CaptureStderr();
  expect_refusal(defect("fails_silently"),
                 "plugins.yaml:6:5: plugin 'bad': create returned INTERNAL and left no message   [OST-113]",
                 78);
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      HasSubstr(
          "plugin 'bad' broke the contract: create returned INTERNAL and left no message (R8) [OST-113]"));
}

TEST(Loader, RefusesAnInstanceThatIsNone) {
  expect_refusal(defect("no_instance"),
                 "plugins.yaml:8:14: plugin 'bad': create returned OK and no instance   [OST-109]", 70);
}

TEST(Loader, CatchesAnExceptionAndTellsItsTypeAndText) {
  expect_refusal(defect("throws_in_create"),
                 "plugins.yaml:8:14: plugin 'bad': plugin 'bad': std::runtime_error (no such host) left "
                 "create (R6)   [OST-115]",
                 70);
}

TEST(Loader, CollectsTheProblemsOfAllPlugins) {
  Registry registry({});
  const std::vector<PluginProblem> problems =
      load(registry, test::manifest_with("  - {name: a, kind: metrics, library: nowhere.so}\n"
                                         "  - {name: b, kind: offers, library: refuses_config.so}\n"
                                         "  - {name: c, kind: offers, library: no_entry.so}\n"));
  std::vector<std::string> where;
  for (const PluginProblem& problem : problems) where.push_back(problem.where + " " + problem.plugin);
  EXPECT_THAT(where,
              testing::ElementsAre("plugins.yaml:6:39 a", "plugins.yaml:8:38 c", "plugins.yaml:7:5 b"));
  EXPECT_EQ(exit_code(problems), 78) << "what the operator can mend comes first";
}

TEST(Loader, ShowsProblemsOfManifestAndLibrariesTogether) {
  const std::string file = ::testing::TempDir() + "/plugins.yaml";
  std::ofstream(file) << defect("no_entry") << "  - {name: m, kind: metrics, library: x.so, colour: red}\n";
  RegistryOptions options;
  options.plugin_dir = kPluginDir;
  Registry registry(std::move(options));
  std::vector<int> numbers;
  for (const PluginProblem& problem : registry.load_file(file)) numbers.push_back(problem.number);
  EXPECT_THAT(numbers, testing::ElementsAre(kOstBadKey, kOstNoEntry));
}

TEST(Loader, AcceptsAnExtraExport) {
  // Ugly, and told by checks at build time, but no reason not to run.
  EXPECT_EQ(refusal(defect("extra_export")).text, "");
}

TEST(Loader, StopsTheOthersWhenOneCannotStart) {
  Registry registry({});
  ASSERT_EQ(complaints(load(registry, defect("fails_start"))), "");
  testing::internal::CaptureStderr();
  const std::vector<PluginProblem> problems = registry.start(10s);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(complaints(problems),
            "plugins.yaml:6:5: plugin 'bad': cannot start: vault.internal:8200: connection refused (after "
            "0.0 s)   [OST-112]");
  EXPECT_EQ(exit_code(problems), 69);
  EXPECT_THAT(log, HasSubstr("state stopped"));
  EXPECT_THAT(log, testing::Not(HasSubstr("http st")));
}

TEST(Loader, NeverCallsAPluginAgainThatThrew) {
  MetricsRegistry metrics;
  RegistryOptions options;
  options.hooks.metrics = &metrics;
  Registry registry(std::move(options));
  ASSERT_EQ(complaints(load(registry, defect("throws_unknown"))), "");
  ASSERT_EQ(complaints(registry.start(10s)), "");
  std::vector<ostler_verdict_t> verdicts;
  EXPECT_EQ(registry.judge().evaluate({}, verdicts).error().message, "plugin 'bad': int left evaluate (R6)");
  EXPECT_EQ(registry.judge().evaluate({}, verdicts).error().message,
            "plugin 'bad': evaluate: it broke the contract before and is not called any more");
  EXPECT_EQ(metrics.counter("plugin.bad.misbehaviour").value(), 1);
  EXPECT_EQ(registry.plugins()[3].state, "broken");
}

TEST(Loader, IgnoresCallsAfterStopAndTellsThemOnce) {
  testing::internal::CaptureStderr();
  {
    Registry registry({});
    ASSERT_EQ(complaints(load(registry, defect("late_call"))), "");
    ASSERT_EQ(complaints(registry.start(10s)), "");
    registry.stop(10s);
  }
  const std::string log = testing::internal::GetCapturedStderr();
  const std::string text =
      "plugin 'bad' broke the contract: it called the host's post after it was stopped (R9) [OST-118]";
  const size_t first = log.find(text);
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find(text, first + 1), std::string::npos) << log;
}

TEST(Loader, LimitsWhatAPluginLogs) {
  testing::internal::CaptureStderr();
  {
    Registry registry({});
    ASSERT_EQ(complaints(load(registry, defect("logs_too_fast"))), "");
    ASSERT_EQ(complaints(registry.start(10s)), "");
  }
  const std::string log = testing::internal::GetCapturedStderr();
  size_t records = 0;
  for (size_t at = log.find("W xxxx"); at != std::string::npos; at = log.find("W xxxx", at + 1)) ++records;
  EXPECT_GE(records, 200u);
  EXPECT_LE(records, 1000u) << "50 a second after the first 200; this took longer than 16 s?";
  EXPECT_EQ(log.find(std::string(8193, 'x')), std::string::npos) << "records are cut at 8 KiB";
  EXPECT_NE(log.find(std::string(8192, 'x')), std::string::npos);
  EXPECT_THAT(log, HasSubstr("log records of a plugin that logs too fast plugin=bad"));
}

// Files whose owner or mode is not right, in a folder of their own.
class Trust : public testing::Test {
 protected:
  Trust() {
    std::string name = ::testing::TempDir() + "/ostler-trust-XXXXXX";
    dir_ = ::mkdtemp(name.data());
    dir_ = std::filesystem::canonical(dir_);
    std::filesystem::copy_file(kPluginDir / "good.so", dir_ / "x.so");
  }
  ~Trust() override { std::filesystem::remove_all(dir_); }

  std::string load_x(const std::string& rest = "") {
    std::string text =
        refusal(test::manifest_with("  - {name: m, kind: metrics, plugin: test.good.metrics, library: " +
                                    (dir_ / "x.so").string() + rest + "}\n"))
            .text;
    for (size_t at = text.find(dir_.string()); at != std::string::npos; at = text.find(dir_.string(), at))
      text.replace(at, dir_.string().size(), "T");
    return text;
  }
  std::filesystem::path dir_;
};

TEST_F(Trust, RefusesAFileThatEverybodyMayWrite) {
  ::chmod((dir_ / "x.so").c_str(), 0646);
  EXPECT_THAT(load_x(), testing::MatchesRegex(
                            "plugins.yaml:6:66: plugin 'm': will not load T/x.so\n"
                            "    T/x.so is writable for everybody \\(mode 0646, owner [a-z0-9 _-]+\\)\n"
                            "    Whoever can change a plugin runs code in this process; mend owner and mode, "
                            "then check the file   \\[OST-105\\]"));
}

TEST_F(Trust, RefusesAFolderThatEverybodyMayWrite) {
  ::chmod(dir_.c_str(), 0777);
  EXPECT_THAT(load_x(), HasSubstr("\n    T is writable for everybody (mode 0777, owner "));
}

TEST_F(Trust, RefusesAStrangersFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(::chown((dir_ / "x.so").c_str(), 12345, 0), 0);
  EXPECT_THAT(load_x(),
              HasSubstr("\n    T/x.so does not belong to root (mode 0755, owner uid 12345)\n"));
}

TEST_F(Trust, LooksAtWhereALinkLeads) {
  std::filesystem::rename(dir_ / "x.so", dir_ / "real.so");
  std::filesystem::create_symlink("real.so", dir_ / "x.so");
  ::chmod((dir_ / "real.so").c_str(), 0646);
  EXPECT_THAT(load_x(), HasSubstr("T/real.so is writable for everybody"));
}

TEST_F(Trust, RefusesWhatIsNoFile) {
  std::filesystem::remove(dir_ / "x.so");
  std::filesystem::create_directory(dir_ / "x.so");
  EXPECT_THAT(load_x(), HasSubstr("\n    T/x.so is no regular file\n"));
}

TEST_F(Trust, ComparesTheDigest) {
  const std::string digest = sha256_of(dir_ / "x.so")->hex;
  EXPECT_EQ(load_x(", sha256: " + digest), "");
  const std::string other(64, 'a');
  EXPECT_THAT(
      load_x(", sha256: " + other),
      testing::AllOf(testing::StartsWith("plugins.yaml:6:"),
                     HasSubstr("plugin 'm': will not load T/x.so\n"
                               "    expected sha256 " +
                               other +
                               "\n"
                               "    found    sha256 " +
                               digest +
                               "\n"
                               "    The file is not the one the manifest was written for   [OST-105]")));
}

TEST_F(Trust, CanDemandDigests) {
  RegistryOptions options;
  options.require_sha256 = true;
  Registry registry(std::move(options));
  EXPECT_THAT(complaints(load(registry, test::manifest_with(""))),
              HasSubstr("the manifest gives no sha256 and --require-sha256 is set"));
}

TEST_F(Trust, KnowsTheDigestOfKnownText) {
  std::ofstream(dir_ / "abc") << "abc";
  EXPECT_EQ(sha256_of(dir_ / "abc")->hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace ostler::plugins
