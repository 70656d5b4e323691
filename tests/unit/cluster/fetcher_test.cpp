#include "cluster/agent/fetcher.h"

#include <gmock/gmock.h>

#include "cluster/model/events.h"
#include "folder.h"

namespace ostler::cluster {
namespace {

namespace fs = std::filesystem;

class Fetcher : public ::testing::Test {
 protected:
  Result<void> fetch(mesos::Uri uri) { return fetch_all({std::move(uri)}, sandbox.path, cancelled); }
  // An archive made by the machine's own tar, with one file in a folder.
  std::string archive(const std::string& name) {
    fs::create_directories(source.path / "dir");
    source.write("dir/file", "content");
    const auto at = (source.path / name).string();
    const auto command = "tar -C " + source.path.string() + " -caf " + at + " dir";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return at;
  }
  Folder source, sandbox;
  std::atomic<bool> cancelled{false};
};

mesos::Uri uri(const std::string& value) {
  mesos::Uri made;
  made.value = value;
  return made;
}

TEST_F(Fetcher, CopiesPlainPathsAndFileUris) {
  const auto file = source.write("a.txt", "hello").string();
  ASSERT_TRUE(fetch(uri(file)));
  EXPECT_EQ(Folder::read(sandbox.path / "a.txt"), "hello");
  auto other = uri("file://" + file);
  other.output_file = "config/b.txt";
  ASSERT_TRUE(fetch(other));
  EXPECT_EQ(Folder::read(sandbox.path / "config/b.txt"), "hello");
}

TEST_F(Fetcher, MakesExecutableWhatIsAskedFor) {
  auto program = uri(source.write("run.sh", "#!/bin/sh\n").string());
  program.executable = true;
  ASSERT_TRUE(fetch(program));
  EXPECT_EQ(fs::status(sandbox.path / "run.sh").permissions() & fs::perms::owner_exec, fs::perms::owner_exec);
}

TEST_F(Fetcher, UnpacksArchives) {
  for (const char* name : {"a.tar.gz", "b.tgz", "c.tar.bz2", "d.tar"}) {
    Folder fresh;
    ASSERT_TRUE(fetch_all({uri(archive(name))}, fresh.path, cancelled)) << name;
    EXPECT_EQ(Folder::read(fresh.path / "dir/file"), "content") << name;
    EXPECT_TRUE(fs::exists(fresh.path / name)) << "the archive stays";
  }
}

TEST_F(Fetcher, LeavesAnArchiveAloneWhenTold) {
  auto whole = uri(archive("a.tar.gz"));
  whole.extract = false;
  ASSERT_TRUE(fetch(whole));
  EXPECT_FALSE(fs::exists(sandbox.path / "dir"));
}

TEST_F(Fetcher, NamesTheUriThatFailed) {
  EXPECT_EQ(fetch(uri("/no/such/file")).error().message, "Failed to fetch '/no/such/file': no such file");
  EXPECT_EQ(fetch(uri("ftp://host/x")).error().message,
            "Failed to fetch 'ftp://host/x': expected http://, https://, file:// or an absolute path");
  const auto broken = source.write("broken.tar.gz", "this is no archive").string();
  EXPECT_THAT(fetch(uri(broken)).error().message, ::testing::HasSubstr("cannot unpack 'broken.tar.gz': "));
  // Port 1 of loopback has no listener.
  EXPECT_THAT(fetch(uri("http://127.0.0.1:1/x")).error().message,
              ::testing::StartsWith("Failed to fetch 'http://127.0.0.1:1/x': "));
}

TEST_F(Fetcher, AnArchiveCannotWriteOutsideTheSandbox) {
  source.write("evil", "evil");
  const auto at = (source.path / "evil.tar").string();
  const auto command =
      "cd " + source.path.string() + " && tar -P --transform 's,^,../../,' -cf " + at + " evil";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_THAT(fetch(uri(at)).error().message, ::testing::HasSubstr("does not stay in the sandbox"));
}

TEST_F(Fetcher, OutputFilesStayInTheSandbox) {
  auto out = uri(source.write("a.txt", "x").string());
  out.output_file = "../../a.txt";
  EXPECT_THAT(fetch(out).error().message, ::testing::HasSubstr("does not stay in the sandbox"));
}

TEST_F(Fetcher, StopsWhenCancelled) {
  cancelled = true;
  EXPECT_FALSE(fetch(uri(source.write("a.txt", "x").string())));
}

}  // namespace
}  // namespace ostler::cluster
