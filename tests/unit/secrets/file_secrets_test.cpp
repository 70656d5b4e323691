#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/plugin_under_test.h"
#include "support/temp_folder.h"

namespace ostler::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class FileSecrets : public testing::Test {
 protected:
  FileSecrets() : plugin_("secrets-file", R"({"directory": ")" + root() + R"(", "max_bytes": 1000})") {
    std::filesystem::create_directories(root() + "/team/db");
    table_ = plugin_.query<ostler_secrets_t>(OSTLER_SECRETS_1);
    EXPECT_EQ(plugin_.start(), OSTLER_OK);
  }

  std::string root() const { return folder_ / "secrets"; }

  void write(const std::string& name, const std::string& content) {
    std::ofstream(root() + "/" + name, std::ios::binary) << content;
  }

  Status resolve(const std::string& reference, std::string& value, const std::string& owner = "/team/db") {
    Collector out;
    ErrorSlot error;
    ostler_secret_info_t info{};
    info.struct_size = sizeof info;
    info.expires_ms = -1;
    const Status status = error.status(
        table_->resolve(plugin_.self(), ostler_str_t{reference.data(), reference.size()},
                        ostler_str_t{owner.data(), owner.size()}, 1000, out.sink(), &info, error.slot()));
    value = out.joined();
    if (status.ok()) {
      EXPECT_EQ(info.expires_ms, 0);
    }
    return status;
  }

  // The value, or the message of the refusal.
  std::string resolve(const std::string& reference) {
    std::string value;
    const Status status = resolve(reference, value);
    if (!status.ok()) {
      EXPECT_EQ(value, "") << "a refused secret leaves nothing in the sink";
    }
    return status.ok() ? value : status.message;
  }

  ostler_status_t code(const std::string& reference, const std::string& owner = "/team/db") {
    std::string value;
    return resolve(reference, value, owner).code;
  }

  TempFolder folder_;
  PluginUnderTest plugin_;
  const ostler_secrets_t* table_ = nullptr;
};

TEST_F(FileSecrets, ReadsBytesAsTheyAre) {
  write("plain", std::string("a\0b\n", 4));
  write("team/db/deep", "deep");
  write("empty", "");
  EXPECT_EQ(resolve("plain"), std::string("a\0b\n", 4));
  EXPECT_EQ(resolve("team/db/deep"), "deep");
  EXPECT_EQ(resolve("empty"), "");
  EXPECT_EQ(code("empty"), OSTLER_OK);
}

TEST_F(FileSecrets, ReadsAFileAnewEachTime) {
  write("plain", "one");
  EXPECT_EQ(resolve("plain"), "one");
  write("plain", "two");
  EXPECT_EQ(resolve("plain"), "two");
}

TEST_F(FileSecrets, DecodesASecretWhoseNameSaysBase64) {
  write("team/__dcos_base64__keytab", "AP9rZXk=\n");
  write("__dcos_base64__", "Zm9v");
  write("team/not__dcos_base64__", "Zm9v");
  EXPECT_EQ(resolve("team/__dcos_base64__keytab"), std::string("\x00\xffkey", 5));
  EXPECT_EQ(resolve("__dcos_base64__"), "foo");
  EXPECT_EQ(resolve("team/not__dcos_base64__"), "Zm9v");
}

TEST_F(FileSecrets, OnlyTheLastComponentSaysBase64) {
  std::filesystem::create_directories(root() + "/__dcos_base64__folder");
  write("__dcos_base64__folder/x", "Zm9v");
  std::string value;
  EXPECT_EQ(resolve("__dcos_base64__folder/x", value, "/__dcos_base64__folder"), OSTLER_OK);
  EXPECT_EQ(value, "Zm9v");
}

TEST_F(FileSecrets, TellsWhereASecretIsNotBase64) {
  write("team/__dcos_base64__bad", "Zm9v!m9v");
  EXPECT_EQ(
      resolve("team/__dcos_base64__bad"),
      "the secret 'team/__dcos_base64__bad' is not valid base64: byte 4: a character that is not base64");
  EXPECT_EQ(code("team/__dcos_base64__bad"), OSTLER_DATA_LOSS);
}

TEST_F(FileSecrets, IsForTheServiceAtItsFolderAndThoseBelow) {
  write("team/keytab", "k");
  write("team/db/password", "p");
  write("everybody", "e");
  EXPECT_EQ(code("team/keytab", "/team"), OSTLER_OK);
  EXPECT_EQ(code("team/keytab", "/team/db"), OSTLER_OK);
  EXPECT_EQ(code("team/keytab", "team/db/more"), OSTLER_OK);
  EXPECT_EQ(code("team/db/password", "/team/db"), OSTLER_OK);
  EXPECT_EQ(code("everybody", "/other"), OSTLER_OK);
  EXPECT_EQ(code("everybody", ""), OSTLER_OK);
  EXPECT_EQ(code("team/db/password", "/team"), OSTLER_PERMISSION_DENIED);
  EXPECT_EQ(code("team/keytab", "/teamwork"), OSTLER_PERMISSION_DENIED);
  EXPECT_EQ(code("team/keytab", "/other/team"), OSTLER_PERMISSION_DENIED);
  EXPECT_EQ(code("team/keytab", ""), OSTLER_INVALID_ARGUMENT);
  EXPECT_EQ(code("team/keytab", "/team/../team"), OSTLER_INVALID_ARGUMENT);
  std::string value;
  EXPECT_EQ(
      resolve("team/db/password", value, "/team").message,
      "the service '/team' may not use the secret 'team/db/password'; it is for the service '/team/db' and "
      "those below it");
  EXPECT_EQ(code("team/missing", "/other"), OSTLER_PERMISSION_DENIED)
      << "who may not use it learns nothing of it";
}

TEST_F(FileSecrets, SaysWhichComponentIsMissing) {
  EXPECT_EQ(resolve("team/nothing"), "the secret 'team/nothing' does not exist: there is no 'nothing'");
  EXPECT_EQ(resolve("nothing/here"),
            "the service '/team/db' may not use the secret 'nothing/here'; it is for the "
            "service '/nothing' and those below it");
  write("team/file", "x");
  std::string value;
  const Status status = resolve("team/file/x", value, "/team/file");
  EXPECT_EQ(status.code, OSTLER_NOT_FOUND);
  EXPECT_EQ(status.message, "the secret 'team/file/x' does not exist: there is no 'file'");
}

TEST_F(FileSecrets, NeverLeavesItsFolder) {
  std::ofstream(folder_ / "outside") << "canary";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"../outside", "the secret reference '../outside' has the component '..'; write the path out"},
      {"team/../../outside",
       "the secret reference 'team/../../outside' has the component '..'; write the path out"},
      {"team/..", "the secret reference 'team/..' has the component '..'; write the path out"},
      {"./plain", "the secret reference './plain' has the component '.'; write the path out"},
      {folder_ / "outside", "the secret reference '" + folder_ / "outside" +
                                "' starts with '/'; expected a path as in 'team/keytab'"},
      {"", "the secret reference '' is empty"},
      {"team//x", "the secret reference 'team//x' has an empty component"},
      {"team/", "the secret reference 'team/' has an empty component"},
      {std::string("team/x\0y", 8), "the secret reference 'team/x\\x00y' has a control character"},
      {std::string(1025, 'a'),
       "the secret reference '" + std::string(120, 'a') + "...' has more than 1024 bytes"},
  };
  for (const auto& [reference, message] : cases) {
    EXPECT_EQ(resolve(reference), message);
    EXPECT_EQ(code(reference), OSTLER_INVALID_ARGUMENT);
  }
}

TEST_F(FileSecrets, FollowsNoSymbolicLink) {
  std::ofstream(folder_ / "outside") << "canary";
  std::filesystem::create_symlink(folder_ / "outside", root() + "/link");
  std::filesystem::create_directory_symlink(folder_.path(), root() + "/team/db/away");
  std::filesystem::create_symlink("plain", root() + "/inside");
  write("plain", "x");
  EXPECT_EQ(resolve("link"), "the secret 'link' is refused: 'link' is a symbolic link");
  EXPECT_EQ(resolve("inside"), "the secret 'inside' is refused: 'inside' is a symbolic link");
  std::string value;
  EXPECT_EQ(resolve("team/db/away/outside", value, "/team/db/away").message,
            "the secret 'team/db/away/outside' is refused: 'away' is a symbolic link");
  EXPECT_EQ(code("link"), OSTLER_PERMISSION_DENIED);
}

TEST_F(FileSecrets, ReadsRegularFilesOnlyAndDoesNotWaitForAPipe) {
  ASSERT_EQ(mkfifo((root() + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(resolve("pipe"), "the secret 'pipe' is refused: 'pipe' is no regular file");
  EXPECT_EQ(resolve("team"), "the secret 'team' is refused: 'team' is no regular file");
  EXPECT_EQ(code("pipe"), OSTLER_PERMISSION_DENIED);
}

TEST_F(FileSecrets, RefusesAFileThatEverybodyMayWrite) {
  write("open", "x");
  chmod((root() + "/open").c_str(), 0666);
  EXPECT_EQ(resolve("open"), "the secret 'open' is refused: everybody may write its file (chmod o-w)");
}

TEST_F(FileSecrets, LimitsTheSize) {
  write("fits", std::string(1000, 'x'));
  write("large", std::string(1001, 'x'));
  EXPECT_EQ(resolve("fits"), std::string(1000, 'x'));
  EXPECT_EQ(resolve("large"), "the secret 'large' has more than 1000 bytes, the limit 'max_bytes'");
  EXPECT_EQ(code("large"), OSTLER_RESOURCE_EXHAUSTED);
}

TEST_F(FileSecrets, ShowsNoValueInAnyErrorOrLog) {
  const std::string canary = "Q0FOQVJZ";  // base64 text, also as it decodes: CANARY
  write("team/__dcos_base64__a", canary + "\xff" + canary);
  write("team/__dcos_base64__b", canary + "=");
  write("team/__dcos_base64__c", canary + " " + canary);
  write("team/large", std::string(2000, 'x') + canary);
  std::string seen;
  for (const char* name :
       {"team/__dcos_base64__a", "team/__dcos_base64__b", "team/__dcos_base64__c", "team/large"}) {
    std::string value;
    const Status status = resolve(name, value);
    EXPECT_NE(status.code, OSTLER_OK) << name;
    seen += status.message + status.where + value;
  }
  seen += plugin_.host().all_logs();
  EXPECT_THAT(seen, Not(HasSubstr(canary)));
  EXPECT_THAT(seen, Not(HasSubstr("CANARY")));
}

TEST(FileSecretsConfig, RefusesWhatItDoesNotKnowWithAPointer) {
  const auto create = [](const std::string& config) {
    return PluginUnderTest("secrets-file", config).created();
  };
  Status status = create("{}");
  EXPECT_EQ(status.code, OSTLER_INVALID_ARGUMENT);
  EXPECT_EQ(status.where, "/directory");
  EXPECT_EQ(status.message, "'directory' is missing; expected a string");
  status = create(R"({"directory": "secrets", "max_bytes": 0})");
  EXPECT_EQ(status.where, "/max_bytes");
  EXPECT_EQ(status.message,
            "'max_bytes' is 0, expected a whole number from 1 to 67108864; also /directory: the folder "
            "'secrets' is "
            "relative; expected one that starts with '/'");
  EXPECT_EQ(create(R"({"directory": "/x", "max_bytes": 1.5})").message,
            "'max_bytes' is a fraction, expected a whole number from 1 to 67108864");
  EXPECT_EQ(create(R"({"directory": "/x", "max_bytes": 18446744073709551615})").code,
            OSTLER_INVALID_ARGUMENT);
  EXPECT_EQ(create(R"({"directory": "/x", "dir": 1})").message,
            "unknown key 'dir'; the keys here are 'directory', 'max_bytes'");
}

TEST(FileSecretsConfig, WantsItsFolderWhenItStarts) {
  PluginUnderTest plugin("secrets-file", R"({"directory": "/no/such/folder"})");
  ASSERT_EQ(plugin.created(), OSTLER_OK);
  const Status status = plugin.start();
  EXPECT_EQ(status.code, OSTLER_FAILED_PRECONDITION);
  EXPECT_EQ(status.where, "/directory");
  EXPECT_EQ(status.message,
            "the folder of secrets '/no/such/folder' cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace ostler::test
