// Config files from templates in a sandbox.
#include "bootstrap/templates.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace ostler::bootstrap {
namespace {

class Templates : public ::testing::Test {
 protected:
  void SetUp() override {
    sandbox_ = fs::temp_directory_path() / ("ostler-sandbox-" + std::to_string(getpid()));
    fs::create_directories(sandbox_ / "config-templates");
    env_["MESOS_SANDBOX"] = sandbox_.string();
    mask_ = umask(022);
  }
  void TearDown() override {
    umask(mask_);
    fs::remove_all(sandbox_);
  }

  void add(const std::string& name, const std::string& text) {
    std::ofstream(sandbox_ / "config-templates" / name) << text;
  }
  std::string out(const std::string& name) const { return (sandbox_ / name).string(); }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(out(name)).rdbuf();
    return text.str();
  }
  std::string errors(uint64_t max_bytes = 1 << 20) {
    std::string lines;
    for (const Error& error : render_templates(env_, max_bytes)) lines += error.text() + "\n";
    return lines;
  }

  fs::path sandbox_;
  Environment env_;
  mode_t mask_ = 0;
};

TEST_F(Templates, AreRenderedWithTheEnvironment) {
  add("a", "port={{PORT}} {{MISSING}}{{#OFF}}gone{{/OFF}}{{#ON}}{{{RAW}}} {{RAW}}{{/ON}}\n");
  env_.insert({{"PORT", "1140"},
               {"OFF", "FALSE"},
               {"ON", "yes"},
               {"RAW", "\"<"},
               {"CONFIG_TEMPLATE_A", "config-templates/a," + out("a.conf")}});
  EXPECT_EQ(errors(), "");
  EXPECT_EQ(read("a.conf"), "port=1140 \"< &#34;&lt;\n");
  EXPECT_EQ(fs::status(out("a.conf")).permissions(), fs::perms(0644)) << "0666 less the umask";
  add("a", "short");
  EXPECT_EQ(errors(), "") << "an existing file is replaced";
  EXPECT_EQ(read("a.conf"), "short");
}

TEST_F(Templates, ReportEveryFailureByItsVariable) {
  add("good", "good");
  add("broken", "{{#x}}");
  add("large", "0123456789");
  fs::create_directory(sandbox_ / "config-templates" / "folder");
  env_.insert({{"CONFIG_TEMPLATE_A", "no comma"},
               {"CONFIG_TEMPLATE_B", "config-templates/none," + out("b")},
               {"CONFIG_TEMPLATE_C", "config-templates/folder," + out("c")},
               {"CONFIG_TEMPLATE_D", "config-templates/broken," + out("d")},
               {"CONFIG_TEMPLATE_E", "config-templates/large," + out("e")},
               {"CONFIG_TEMPLATE_F", "config-templates/good," + out("no-folder/f")},
               {"CONFIG_TEMPLATE_G", "config-templates/good," + out("g")}});
  const std::string folder = sandbox_.string() + "/config-templates/";
  EXPECT_EQ(errors(9),
            "CONFIG_TEMPLATE_A: found 'no comma', expected 'source,destination'\n"
            "CONFIG_TEMPLATE_B: the template '" +
                folder +
                "none' cannot be opened: No such file or directory\n"
                "CONFIG_TEMPLATE_C: found '" +
                folder +
                "folder', expected a regular file\n"
                "CONFIG_TEMPLATE_D: config-templates/broken:1:1: the section 'x' is opened here and never "
                "closed, expected {{/x}}\n"
                "CONFIG_TEMPLATE_E: the template '" +
                folder +
                "large' has 10 bytes, expected at most 9 (see -template-max-bytes)\n"
                "CONFIG_TEMPLATE_F: '" +
                out("no-folder/f") + "' cannot be written: No such file or directory\n");
  EXPECT_EQ(read("g"), "good") << "the others are rendered";
}

TEST_F(Templates, HaveNoLimitWhenItIsZero) {
  add("large", std::string(3 << 20, 'x'));
  env_["CONFIG_TEMPLATE_L"] = "config-templates/large," + out("l");
  EXPECT_EQ(errors(0), "");
  EXPECT_EQ(fs::file_size(out("l")), 3u << 20);
}

TEST_F(Templates, NeedASandbox) {
  env_.erase("MESOS_SANDBOX");
  EXPECT_EQ(errors(), "MESOS_SANDBOX: found nothing, expected the task's sandbox\n");
}

}  // namespace
}  // namespace ostler::bootstrap
