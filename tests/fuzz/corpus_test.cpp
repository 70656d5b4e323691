// Runs every input in the tree through its target: what fuzzing once found stays mended.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "fuzz.h"

namespace fs = std::filesystem;

namespace ostler::fuzz {
namespace {

TEST(FuzzCorpus, HasInputsForEveryTarget) {
  EXPECT_GE(targets().size(), 11U);
  for (const Target& target : targets()) {
    const fs::path folder = fs::path(OSTLER_FUZZ_CORPUS) / target.name;
    ASSERT_TRUE(fs::is_directory(folder)) << folder;
    EXPECT_FALSE(fs::is_empty(folder)) << folder;
  }
}

TEST(FuzzCorpus, HasNoFolderWithoutATarget) {
  for (const auto& entry : fs::directory_iterator(OSTLER_FUZZ_CORPUS)) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(std::any_of(targets().begin(), targets().end(), [&](const Target& target) {
      return name == target.name;
    })) << name;
  }
}

// A crash or a broken promise ends the program; the last line names the input.
TEST(FuzzCorpus, EveryInputIsSurvived) {
  size_t inputs = 0;
  for (const Target& target : targets()) {
    target.run({});
    for (const auto& entry : fs::directory_iterator(fs::path(OSTLER_FUZZ_CORPUS) / target.name)) {
      std::printf("%s\n", entry.path().c_str());
      std::fflush(stdout);
      std::ifstream file(entry.path(), std::ios::binary);
      std::ostringstream text;
      text << file.rdbuf();
      target.run(text.str());
      ++inputs;
    }
  }
  EXPECT_GE(inputs, 40U);
}

}  // namespace
}  // namespace ostler::fuzz
