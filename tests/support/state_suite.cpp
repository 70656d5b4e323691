#include "support/state_suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "support/state_model.h"

namespace ostler::test {
namespace {

class State : public testing::Test {
 protected:
  State() : backend_(new_backend()) {}

  void SetUp() override {
    if (backend_ == nullptr) GTEST_SKIP() << "the backend is not installed here";
    open();
  }

  void open() {
    state_ = std::make_unique<StateUnderTest>(backend_->library(), backend_->config());
    ASSERT_EQ(state_->created(), OSTLER_OK);
    ASSERT_EQ(state_->start(), OSTLER_OK);
  }

  void reopen() {
    state_.reset();
    open();
  }

  ostler_status_t commit(const std::vector<Op>& ops) { return state_->commit(ops).code; }

  std::string value_and_version(const std::string& path) {
    std::string value;
    int32_t version = -7;
    const Status status = state_->get(path, value, version);
    return status.ok() ? value + " v" + std::to_string(version) : status.message;
  }

  const std::unique_ptr<Backend> backend_;
  std::unique_ptr<StateUnderTest> state_;
};

TEST_F(State, StartsEmptyWithARootThatExists) {
  EXPECT_EQ(state_->names("/"), "");
  EXPECT_EQ(value_and_version("/"), " v0");
  EXPECT_EQ(state_->names("/nothing"), "(none)");
  EXPECT_EQ(value_and_version("/nothing"), "there is no node '/nothing'");
}

TEST_F(State, KeepsBytesAsTheyAreAcrossAReopen) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  ASSERT_EQ(commit({put("/a/bytes", every_byte), put("/a/empty", "")}), OSTLER_OK);
  reopen();
  EXPECT_EQ(state_->value("/a/bytes"), every_byte);
  EXPECT_EQ(state_->value("/a/empty"), "");
}

TEST_F(State, CreatesParentsThatAreMissing) {
  ASSERT_EQ(commit({put("/one/two/three", "x"), create("/other/child", "y")}), OSTLER_OK);
  EXPECT_EQ(value_and_version("/one"), " v0");
  EXPECT_EQ(state_->names("/one/two"), "three");
  EXPECT_EQ(state_->names("/"), "one other");
}

TEST_F(State, CountsVersionsFromZero) {
  ASSERT_EQ(commit({put("/n", "a")}), OSTLER_OK);
  EXPECT_EQ(value_and_version("/n"), "a v0");
  ASSERT_EQ(commit({put("/n", "b"), set("/n", "c")}), OSTLER_OK);
  EXPECT_EQ(value_and_version("/n"), "c v2");
  ASSERT_EQ(commit({remove("/n"), create("/n", "d")}), OSTLER_OK);
  EXPECT_EQ(value_and_version("/n"), "d v0");
}

TEST_F(State, RefusesAnotherVersionThanExpected) {
  ASSERT_EQ(commit({put("/n", "a")}), OSTLER_OK);
  EXPECT_EQ(commit({set("/n", "b", 1)}), OSTLER_ABORTED);
  EXPECT_EQ(commit({remove("/n", 1)}), OSTLER_ABORTED);
  EXPECT_EQ(commit({check("/n", 1)}), OSTLER_ABORTED);
  EXPECT_EQ(commit({check("/missing", OSTLER_ANY_VERSION)}), OSTLER_ABORTED);
  EXPECT_EQ(commit({check("/n", 0), set("/n", "b", 0), check("/n", 1), remove("/n", 1)}), OSTLER_OK);
  EXPECT_EQ(state_->value("/n"), "(none)");
}

TEST_F(State, TellsCreateOfAnExistingNodeFromSetOfAMissingOne) {
  ASSERT_EQ(commit({put("/n", "a")}), OSTLER_OK);
  EXPECT_EQ(state_->commit({create("/n", "b")}).message, "the node '/n' exists already");
  EXPECT_EQ(commit({create("/n", "b")}), OSTLER_ALREADY_EXISTS);
  EXPECT_EQ(commit({create("/", "b")}), OSTLER_ALREADY_EXISTS);
  EXPECT_EQ(state_->commit({set("/m", "b")}).message, "there is no node '/m'");
  EXPECT_EQ(commit({set("/m", "b")}), OSTLER_NOT_FOUND);
}

TEST_F(State, DoesAllOfACommitOrNothing) {
  ASSERT_EQ(commit({put("/a/x", "old"), put("/a/y", "old")}), OSTLER_OK);
  EXPECT_EQ(commit({put("/a/x", "new"), put("/b/c", "new"), remove("/a/y"), create("/a/x", "no")}),
            OSTLER_ALREADY_EXISTS);
  EXPECT_EQ(value_and_version("/a/x"), "old v0");
  EXPECT_EQ(state_->names("/a"), "x y");
  EXPECT_EQ(state_->names("/b"), "(none)");
  EXPECT_EQ(commit({put("/b/c", "again")}), OSTLER_OK) << "nothing of the refused commit is remembered";
  EXPECT_EQ(state_->names("/"), "a b");
}

TEST_F(State, AppliesTheOperationsOfACommitInOrder) {
  EXPECT_EQ(commit({put("/a/b", "1"), remove("/a"), put("/a/c", "2"), set("/a", "3"), remove("/a/b")}),
            OSTLER_OK);
  EXPECT_EQ(state_->names("/a"), "c");
  EXPECT_EQ(value_and_version("/a"), "3 v1");
}

TEST_F(State, DeletesASubtreeAndNothingBesideIt) {
  // '-' and '.' sort before '/', '0' after it: the neighbours of a range over "/a/".
  ASSERT_EQ(commit({put("/a/b/c", "1"), put("/a/b-c", "2"), put("/a-b/c", "3"), put("/a.b", "4"),
                    put("/a0", "5"), put("/a/b0", "6")}),
            OSTLER_OK);
  ASSERT_EQ(commit({remove("/a/b")}), OSTLER_OK);
  EXPECT_EQ(state_->names("/a"), "b-c b0");
  ASSERT_EQ(commit({remove("/a")}), OSTLER_OK);
  EXPECT_EQ(state_->names("/"), "a-b a.b a0");
  EXPECT_EQ(state_->names("/a-b"), "c");
}

TEST_F(State, DeletingAMissingNodeIsNoError) {
  EXPECT_EQ(commit({remove("/never/was"), remove("/nor/this", 3)}), OSTLER_OK);
}

TEST_F(State, DeletingTheRootEmptiesTheTreeAndKeepsOwnership) {
  ASSERT_EQ(commit({put("/a/b", "1"), put("/c", "2"), put("/", "root")}), OSTLER_OK);
  ASSERT_EQ(commit({remove("/")}), OSTLER_OK);
  EXPECT_EQ(state_->names("/"), "");
  EXPECT_EQ(value_and_version("/"), " v2");
  EXPECT_EQ(commit({put("/a", "3")}), OSTLER_OK);
}

TEST_F(State, ListsChildrenInByteOrder) {
  ASSERT_EQ(commit({put("/p/b", ""), put("/p/a/deep", ""), put("/p/\xc3\xa9", ""), put("/p/B", ""),
                    put("/p/a-1", ""), put("/p/a.", "")}),
            OSTLER_OK);
  EXPECT_EQ(state_->names("/p"), "B a a-1 a. b \xc3\xa9");
}

TEST_F(State, AnswersManyGetsInTheirOrder) {
  ASSERT_EQ(commit({put("/b", "1"), put("/a/c", "")}), OSTLER_OK);
  ASSERT_EQ(commit({put("/b", "2")}), OSTLER_OK);
  using Answer = StateUnderTest::Answer;
  const Answer missing{OSTLER_NOT_FOUND, "", 0};
  std::vector<Answer> answers;
  ASSERT_EQ(state_->get_each({"/b", "/none", "/a/c", "/", "/b", "/a/c/d"}, answers), OSTLER_OK);
  EXPECT_EQ(answers, (std::vector<Answer>{{OSTLER_OK, "2", 1},
                                          missing,
                                          {OSTLER_OK, "", 0},
                                          {OSTLER_OK, "", 0},
                                          {OSTLER_OK, "2", 1},
                                          missing}));
  ASSERT_EQ(state_->get_each({}, answers), OSTLER_OK);
  EXPECT_TRUE(answers.empty());
  const Status refused = state_->get_each({"/b", "no slash"}, answers);
  EXPECT_EQ(refused.code, OSTLER_INVALID_ARGUMENT);
  EXPECT_THAT(refused.message, testing::HasSubstr("'no slash'"));
}

TEST_F(State, AcceptsACommitOfNothing) { EXPECT_EQ(commit({}), OSTLER_OK); }

TEST_F(State, RefusesMalformedPathsAndSaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "the path '' is not absolute; it must start with '/'"},
      {"a", "the path 'a' is not absolute; it must start with '/'"},
      {"/a/", "the path '/a/' ends with '/'"},
      {"//", "the path '//' ends with '/'"},
      {"/a//b", "the path '/a//b' has an empty component"},
      {"/a/./b", "the path '/a/./b' has the component '.'; write the path out"},
      {"/..", "the path '/..' has the component '..'; write the path out"},
      {"/a\xff", "the path '/a\\xff' is not valid UTF-8"},
      {"/a\xc0\xaf", "the path '/a\\xc0\\xaf' is not valid UTF-8"},
      {"/a\n", "the path '/a\\x0a' has a control or other character that ZooKeeper refuses"},
      {std::string("/a\0b", 4),
       "the path '/a\\x00b' has a control or other character that ZooKeeper refuses"},
      {"/\xf0\x9f\x90\xb4",
       "the path '/\xf0\x9f\x90\xb4' has a control or other character that ZooKeeper refuses"},
      {"/lock", "the path '/lock' is reserved: the owner's lock is kept there"},
      {"/lock/leases/x", "the path '/lock/leases/x' is reserved: the owner's lock is kept there"},
  };
  for (const auto& [path, message] : cases) {
    std::string value;
    int32_t version = 0;
    std::vector<std::string> names;
    for (const Status& status : {state_->get(path, value, version), state_->children(path, names),
                                 state_->commit({put("/fine", "x"), put(path, "x")})}) {
      EXPECT_EQ(status.code, OSTLER_INVALID_ARGUMENT);
      EXPECT_EQ(status.message, message);
    }
  }
  EXPECT_EQ(state_->names("/"), "");
}

TEST_F(State, AcceptsNamesThatOnlyLookOdd) {
  const std::vector<std::string> names = {"...",   "..a", "a b", "a:b", "%2f", "'; DROP TABLE node; --",
                                          "locks", "%",   "_",   "*"};
  for (const std::string& name : names) ASSERT_EQ(commit({put("/" + name, name)}), OSTLER_OK) << name;
  for (const std::string& name : names) EXPECT_EQ(state_->value("/" + name), name);
}

TEST_F(State, LimitsTheLengthOfAPath) {
  const std::string longest = "/" + std::string(1023, 'x');
  EXPECT_EQ(commit({put(longest, "v")}), OSTLER_OK);
  EXPECT_EQ(state_->value(longest), "v");
  EXPECT_EQ(commit({put(longest + "x", "v")}), OSTLER_INVALID_ARGUMENT);
}

TEST_F(State, RefusesAnOperationOfALaterMinorAndNamesIt) {
  const Status status = state_->commit({put("/a", "x"), {77, "/b", "y"}});
  EXPECT_EQ(status.code, OSTLER_INVALID_ARGUMENT);
  EXPECT_EQ(status.message, "operation 1 on '/b' has the unknown type 77");
  EXPECT_EQ(state_->names("/"), "");
}

TEST_F(State, StoresTheLargestValueThatItsLimitsAllow) {
  const ostler_state_limits_t limits = state_->limits();
  ASSERT_GT(limits.max_value_bytes, 800000u);
  const std::string largest(limits.max_value_bytes, 'v');
  ASSERT_EQ(state_->commit({put("/large", largest)}), OSTLER_OK);
  reopen();
  EXPECT_TRUE(state_->value("/large") == largest);
}

TEST_F(State, RefusesWhatIsOverItsLimitsAndNamesTheLargestNode) {
  const ostler_state_limits_t limits = state_->limits();
  const uint64_t over = limits.max_value_bytes + 1;
  const Status status = state_->commit({put("/small", "x"), put("/too/large", std::string(over, 'v'))});
  EXPECT_EQ(status.code, OSTLER_RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.message, "the value of '/too/large' has " + std::to_string(over) + " bytes, at most " +
                                std::to_string(limits.max_value_bytes) + " can be stored");
  EXPECT_EQ(state_->names("/"), "");
}

TEST_F(State, GivesUpOwnershipWhenStopped) {
  StateUnderTest second(backend_->library(), backend_->config());
  EXPECT_EQ(second.start(1000).code, OSTLER_FAILED_PRECONDITION);
  state_->stop();
  EXPECT_EQ(second.start(), OSTLER_OK);
  EXPECT_EQ(second.commit({put("/a", "x")}), OSTLER_OK);
}

// Compares with StateModel over random commits, refused ones among them, and reopens.
// OSTLER_TEST_SEED repeats a run, OSTLER_TEST_ROUNDS makes a longer one.
TEST_F(State, DoesWhatTheModelDoes) {
  const char* given = getenv("OSTLER_TEST_SEED");
  const uint64_t seed = given != nullptr ? strtoull(given, nullptr, 10) : std::random_device()();
  const char* rounds = getenv("OSTLER_TEST_ROUNDS");
  const int count = rounds != nullptr ? atoi(rounds) : 400;
  SCOPED_TRACE("OSTLER_TEST_SEED=" + std::to_string(seed));
  printf("OSTLER_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));

  std::mt19937_64 random(seed);
  const auto below = [&](size_t n) { return static_cast<int>(random() % n); };
  const std::vector<std::string> names = {"a", "a-", "a0", "b", "\xc3\xbc"};
  StateModel model;
  const auto random_path = [&] {
    std::string path;
    for (int depth = below(12) == 0 ? 0 : 1 + below(4); depth > 0; --depth)
      path += "/" + names[below(names.size())];
    return path.empty() ? std::string("/") : path;
  };
  const auto random_op = [&] {
    Op op;
    op.path = random_path();
    const int kind = below(20);
    op.type = kind < 10   ? OSTLER_OP_PUT
              : kind < 13 ? OSTLER_OP_CREATE
              : kind < 15 ? OSTLER_OP_SET
              : kind < 18 ? OSTLER_OP_DELETE
                          : OSTLER_OP_CHECK;
    op.value = std::string(below(30), static_cast<char>(below(256)));
    const auto node = model.get(op.path);
    if (below(2) == 0) op.version = node && below(4) != 0 ? node->version : below(3);
    return op;
  };

  for (int round = 0; round < count; ++round) {
    std::vector<Op> ops;
    for (int n = 1 + below(5); n > 0; --n) ops.push_back(random_op());
    const ostler_status_t expected = model.commit(ops);
    ASSERT_EQ(state_->commit(ops).code, expected) << "in round " << round;
    if (below(20) == 0) reopen();
    // What a backend learns of the tree by a look at a part of it must not mislead it.
    const std::string looked_at = random_path();
    const auto there = model.get(looked_at);
    std::vector<StateUnderTest::Answer> answers;
    if (below(2) == 0) {
      ASSERT_EQ(state_->get_each({looked_at}, answers), OSTLER_OK);
      ASSERT_EQ(answers.at(0).status, there ? OSTLER_OK : OSTLER_NOT_FOUND) << looked_at;
    } else if (below(2) == 0) {
      std::vector<std::string> found;
      ASSERT_EQ(state_->children(looked_at, found).code, there ? OSTLER_OK : OSTLER_NOT_FOUND) << looked_at;
      ASSERT_EQ(found, model.children(looked_at));
    }
    if (round % 40 != 39) continue;
    for (const auto& [path, node] : model.nodes()) {
      ASSERT_EQ(value_and_version(path), node.value + " v" + std::to_string(node.version)) << path;
      std::vector<std::string> found;
      ASSERT_EQ(state_->children(path, found), OSTLER_OK);
      ASSERT_EQ(found, model.children(path)) << path;
    }
  }
}

}  // namespace
}  // namespace ostler::test
