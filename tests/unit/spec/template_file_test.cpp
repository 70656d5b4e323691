// Files that svc.yml names are read below its folder and nowhere else.
#include "spec/template_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

namespace ostler::spec {
namespace {

class TemplateFile : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("ostler-template-" + std::to_string(getpid()));
    fs::create_directories(root_ / "service" / "sub");
    std::ofstream(root_ / "secret") << "secret";
    std::ofstream(root_ / "service" / "good") << "text";
    std::ofstream(root_ / "service" / "empty");
    std::ofstream(root_ / "service" / "binary") << "\xFF";
    std::ofstream(root_ / "service" / "large") << std::string(kMaxTemplateBytes + 1, 'x');
    fs::create_symlink(root_ / "secret", root_ / "service" / "link-out");
    fs::create_symlink("good", root_ / "service" / "link-in");
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string read(const std::string& path) {
    auto text = read_template((root_ / "service").string(), path);
    return text.ok() ? *text : text.error().where + " " + text.error().message;
  }

  fs::path root_;
};

TEST_F(TemplateFile, IsReadBelowTheFolder) {
  EXPECT_EQ(read("good"), "text");
  EXPECT_EQ(read("sub/../good"), "text");
  EXPECT_EQ(read("link-in"), "text");
}

TEST_F(TemplateFile, IsRefusedElsewhere) {
  EXPECT_EQ(read("../secret"), "'../secret' leads out of the folder of svc.yml");
  EXPECT_EQ(read("link-out"), "'link-out' leads out of the folder of svc.yml");
  EXPECT_EQ(read("/etc/hostname"), "'/etc/hostname' is an absolute path");
}

TEST_F(TemplateFile, IsRefusedWhenItIsNoTemplate) {
  EXPECT_EQ(read("nothing"), "'nothing' does not exist");
  EXPECT_EQ(read("sub"), "'sub' is not a regular file");
  EXPECT_EQ(read("empty"), "'empty' is empty");
  EXPECT_EQ(read("binary"), "'binary' is not UTF-8 text");
  EXPECT_EQ(read("large"), "'large' has more than 1048576 bytes");
}

}  // namespace
}  // namespace ostler::spec
