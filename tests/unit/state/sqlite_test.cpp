// What only the SQLite plugin does: its file, its lock beside it, its config.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "support/state_suite.h"
#include "support/state_under_test.h"
#include "support/temp_folder.h"

namespace ostler::test {
namespace {

using testing::HasSubstr;

class SqliteBackend final : public Backend {
 public:
  std::string library() const override { return "state-sqlite"; }
  std::string config() const override { return R"({"path": ")" + folder_ / "state.db" + R"("})"; }

 private:
  TempFolder folder_;
};

class Sqlite : public testing::Test {
 protected:
  StateUnderTest plugin() { return StateUnderTest("state-sqlite", R"({"path": ")" + path_ + R"("})"); }

  void write_file(const std::string& content) { std::ofstream(path_) << content; }

  static std::string me() {
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    return std::string(host) + ":" + std::to_string(getpid());
  }

  static mode_t mode(const std::string& path) {
    struct stat is {};
    return stat(path.c_str(), &is) == 0 ? is.st_mode & 07777 : 0;
  }

  TempFolder folder_;
  std::string path_ = folder_ / "state.db";
};

Status create_with(const std::string& config) { return StateUnderTest("state-sqlite", config).created(); }

TEST(SqliteConfig, RefusesWhatItDoesNotKnowWithAPointer) {
  struct Case {
    std::string config, where, message;
  };
  const std::vector<Case> cases = {
      {"", "", "the config is no JSON text: error at byte 1"},
      {"[]", "", "the config is a list, expected an object"},
      {"{}", "/path", "'path' is missing; expected a string"},
      {R"({"path": 7})", "/path", "'path' is a number, expected a non-empty string"},
      {R"({"path": ""})", "/path", "'path' is an empty string, expected a non-empty string"},
      {R"({"path": "a.db"})", "/path", "the path 'a.db' is relative; expected one that starts with '/'"},
      {R"({"path": "/a", "a/b~": 1})", "/a~1b~0", "unknown key 'a/b~'; the keys here are 'path'"},
      {R"({"path": null, "x": 1})", "/path",
       "'path' is null, expected a non-empty string; also /x: unknown key 'x'; the keys here are 'path'"},
  };
  for (const Case& c : cases) {
    const Status status = create_with(c.config);
    EXPECT_EQ(status.code, OSTLER_INVALID_ARGUMENT) << c.config;
    EXPECT_EQ(status.where, c.where) << c.config;
    EXPECT_EQ(status.message, c.message) << c.config;
  }
}

TEST_F(Sqlite, TouchesNothingBeforeItIsStarted) {
  plugin();
  EXPECT_NE(access(path_.c_str(), F_OK), 0);
}

TEST_F(Sqlite, MakesFoldersAndFilesForItsOwnUserOnly) {
  path_ = folder_ / "one/two/state.db";
  const mode_t before = umask(0);
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "x")}), OSTLER_OK);
  umask(before);
  EXPECT_EQ(mode(folder_ / "one"), 0700u);
  EXPECT_EQ(mode(folder_ / "one/two"), 0700u);
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) EXPECT_EQ(mode(path_ + suffix), 0600u) << suffix;
}

TEST_F(Sqlite, ClosesAFileThatWasOpenToOthersAndSaysSo) {
  write_file("");
  chmod(path_.c_str(), 0644);
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  EXPECT_EQ(mode(path_), 0600u);
  EXPECT_THAT(state.host().all_logs(), HasSubstr("WARNING the state database '" + path_ +
                                                 "' was open to other users; its mode is 0600 now"));
}

TEST_F(Sqlite, NamesTheHolderWhenTheStateIsInUse) {
  auto first = plugin();
  ASSERT_EQ(first.start(), OSTLER_OK);
  auto second = plugin();
  const Status status = second.start(30);
  EXPECT_EQ(status.code, OSTLER_FAILED_PRECONDITION);
  EXPECT_EQ(status.message, "the state is in use by process '" + me() + "', which holds the lock '" + path_ +
                                ".lock'; only one scheduler may run on it");
}

TEST_F(Sqlite, IsFreeAtOnceWhenItsOwnerIsKilled) {
  const auto in_child = [&] {
    auto state = plugin();
    if (!state.start().ok() || !state.commit({put("/a", "kept")}).ok()) _exit(1);
    raise(SIGKILL);
  };
  const pid_t child = fork();
  if (child == 0) in_child();
  int how = 0;
  waitpid(child, &how, 0);
  ASSERT_TRUE(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
  auto state = plugin();
  ASSERT_EQ(state.start(0), OSTLER_OK);
  EXPECT_EQ(state.value("/a"), "kept");
}

TEST_F(Sqlite, LosesOwnershipWhenItsFileIsReplaced) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "x")}), OSTLER_OK);
  ASSERT_EQ(rename(path_.c_str(), (path_ + ".away").c_str()), 0);
  const std::string why = "the state database '" + path_ + "' was removed or replaced while in use";
  for (int i = 0; i < 2; ++i) {
    const Status status = state.commit({put("/a", "y")});
    EXPECT_EQ(status.code, OSTLER_FAILED_PRECONDITION);
    EXPECT_EQ(status.message, why);
  }
  const auto lost = state.wait_for_lost(0);
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->message, why);
  EXPECT_EQ(state.times_lost(), 1);
}

TEST_F(Sqlite, LosesOwnershipWhenItsLockFileIsRemoved) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(unlink((path_ + ".lock").c_str()), 0);
  EXPECT_EQ(state.commit({put("/a", "y")}).message,
            "the lock file '" + path_ + ".lock' was removed or replaced while in use");
  EXPECT_TRUE(state.wait_for_lost(0).has_value());
}

TEST_F(Sqlite, RefusesAFileThatIsNoDatabase) {
  write_file(std::string(5000, 'x'));
  const Status status = plugin().start();
  EXPECT_EQ(status.code, OSTLER_DATA_LOSS);
  EXPECT_EQ(status.message,
            "the state database '" + path_ +
                "' cannot be used: the file is no SQLite database; move it away, or correct 'path'");
}

TEST_F(Sqlite, RefusesADamagedDatabase) {
  {
    auto state = plugin();
    ASSERT_EQ(state.start(), OSTLER_OK);
    std::vector<Op> ops;
    for (int i = 0; i < 200; ++i) ops.push_back(put("/n" + std::to_string(i), std::string(500, 'v')));
    ASSERT_EQ(state.commit(ops), OSTLER_OK);
  }
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(8192, '\xee');
  file.close();
  const Status status = plugin().start();
  EXPECT_EQ(status.code, OSTLER_DATA_LOSS);
  EXPECT_EQ(status.message,
            "the state database '" + path_ +
                "' cannot be used: the file is damaged; stop the scheduler and restore a backup");
}

TEST_F(Sqlite, RefusesTheDatabaseOfAnotherProgramAndOfANewerOstler) {
  const auto run_sql = [&](const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  };
  run_sql("CREATE TABLE cookies(name TEXT)");
  Status status = plugin().start();
  EXPECT_EQ(status.code, OSTLER_FAILED_PRECONDITION);
  EXPECT_EQ(status.message,
            "the file is a SQLite database of another program; correct 'path', or move the file away");
  run_sql("PRAGMA application_id = 1330861132; PRAGMA user_version = 2");
  status = plugin().start();
  EXPECT_EQ(status.code, OSTLER_FAILED_PRECONDITION);
  EXPECT_EQ(
      status.message,
      "the state database has format 2, this plugin reads format 1; use the version of Ostler that wrote it");
}

TEST_F(Sqlite, RefusesAPathThatIsAFolder) {
  ASSERT_EQ(mkdir(path_.c_str(), 0700), 0);
  EXPECT_EQ(plugin().start().message, "the state database '" + path_ + "' cannot be opened: Is a directory");
}

TEST_F(Sqlite, WaitsForAnotherProgramThatReadsAndIsUnavailableWhenThatTakesTooLong) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const std::string why =
      "the state database '" + path_ + "' cannot be used: another program holds a lock on it";
  const Status status = state.commit({put("/a", "x")}, 30);
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  EXPECT_EQ(status.message, why);
  EXPECT_EQ(state.wait_for_availability("lock", 0), why);
  sqlite3_close(other);
  EXPECT_EQ(state.commit({put("/a", "x")}), OSTLER_OK);
  EXPECT_EQ(state.wait_for_availability("", 0), "");
}

// A file that may not grow fails as a disk does that has an I/O error.
TEST_F(Sqlite, KeepsTheOldStateWhenTheDiskFails) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "old")}), OSTLER_OK);
  struct rlimit before {};
  getrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small = {64 << 10, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const Status status = state.commit({put("/a", "new"), put("/b", std::string(1 << 20, 'v'))});
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_DFL);
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  EXPECT_THAT(status.message, HasSubstr("' cannot be written: input or output failed (File too large)"));
  EXPECT_EQ(state.value("/a"), "old");
  EXPECT_EQ(state.commit({put("/a", "new")}), OSTLER_OK);
  EXPECT_EQ(state.value("/a"), "new");
}

// Runs `body` in a child with a 1 MiB file system of its own at `folder`; the child's
// exit status says how it went: 0 good, 77 not permitted here.
int on_a_small_disk(const std::string& folder, const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=1m") != 0)
      _exit(77);
    _exit(body());
  }
  int how = 0;
  waitpid(child, &how, 0);
  return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

TEST_F(Sqlite, SaysThatTheDiskIsFullAndGoesOnWhenItIsNot) {
  const int result = on_a_small_disk(folder_.path(), [&] {
    auto state = plugin();
    EXPECT_EQ(state.start(), OSTLER_OK);
    EXPECT_EQ(state.commit({put("/a", "old")}), OSTLER_OK);
    const Status status = state.commit({put("/a", "new"), put("/b", std::string(2 << 20, 'v'))});
    EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
    EXPECT_EQ(status.message,
              "the state database '" + path_ + "' cannot be written: no space is left on its disk");
    EXPECT_EQ(state.value("/a"), "old");
    EXPECT_EQ(state.commit({put("/a", "new")}), OSTLER_OK);
    return testing::Test::HasFailure() ? 1 : 0;
  });
  if (result == 77) GTEST_SKIP() << "this user may not mount";
  EXPECT_EQ(result, 0);
}

TEST_F(Sqlite, SaysThatTheDiskIsReadOnly) {
  const int result = on_a_small_disk(folder_.path(), [&] {
    {
      auto state = plugin();
      EXPECT_EQ(state.start(), OSTLER_OK);
    }
    EXPECT_EQ(mount(nullptr, folder_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
    const Status status = plugin().start();
    EXPECT_EQ(status.code, OSTLER_PERMISSION_DENIED);
    EXPECT_EQ(status.message, "the lock file '" + path_ + ".lock' cannot be opened: Read-only file system");
    return testing::Test::HasFailure() ? 1 : 0;
  });
  if (result == 77) GTEST_SKIP() << "this user may not mount";
  EXPECT_EQ(result, 0);
}

}  // namespace

std::unique_ptr<Backend> new_backend() { return std::make_unique<SqliteBackend>(); }

}  // namespace ostler::test
