// What state-zookeeper remembers of the tree, so that it does not ask: never anything that
// is not so.
#include "state-zookeeper/known_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "support/state_checks.h"

namespace ostler::zookeeper {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(KnownNodes, AtFirstOnlyTheRootIsKnown) {
  const KnownNodes known;
  EXPECT_EQ(known.exists("/"), true);
  EXPECT_EQ(known.exists("/a"), std::nullopt);
  std::vector<std::string> ask;
  EXPECT_EQ(known.below("/", ask), std::nullopt);
  EXPECT_THAT(ask, ElementsAre("/"));
}

TEST(KnownNodes, WhatIsFoundHasParentsAndWithoutChildrenHasNothingBelow) {
  KnownNodes known;
  known.found("/a/b", 0);
  EXPECT_EQ(known.exists("/a"), true);
  EXPECT_EQ(known.exists("/a/b/c"), false);
  EXPECT_EQ(known.exists("/a/b/c/d"), false);
  EXPECT_EQ(known.exists("/a/c"), std::nullopt);
  known.found("/a", 2);
  EXPECT_EQ(known.exists("/a/c"), std::nullopt) << "that it has two children says not which";
  known.found_children("/a", {"b", "x"});
  EXPECT_EQ(known.exists("/a/c"), false);
  EXPECT_EQ(known.exists("/a/x"), true);
}

TEST(KnownNodes, BelowANodeIsAllOrWhatIsToBeAskedFor) {
  KnownNodes known;
  known.found_children("/a", {"b", "c"});
  known.found("/a/b", 0);
  std::vector<std::string> ask;
  EXPECT_EQ(known.below("/a", ask), std::nullopt);
  EXPECT_THAT(ask, ElementsAre("/a/c"));
  known.found_children("/a/c", {"d"});
  known.found("/a/c/d", 0);
  known.found("/ab", 0);  // its name begins alike
  ask.clear();
  EXPECT_THAT(known.below("/a", ask), Optional(ElementsAre("/a/b", "/a/c", "/a/c/d")));
  EXPECT_THAT(ask, IsEmpty());
}

TEST(KnownNodes, WhatIsMissedTakesAllBelowItAlong) {
  KnownNodes known;
  known.found("/a/b/c", 0);
  known.found("/a/bc", 0);
  known.missed("/a/b");
  EXPECT_EQ(known.exists("/a/b"), false);
  EXPECT_EQ(known.exists("/a/b/c"), false);
  EXPECT_EQ(known.exists("/a/bc"), true);
  EXPECT_EQ(known.exists("/a"), true);
}

TEST(KnownNodes, ForgettingLeavesTheRoot) {
  KnownNodes known;
  known.changed({{"/a", true}});
  known.forget();
  EXPECT_EQ(known.exists("/a"), std::nullopt);
  EXPECT_EQ(known.exists("/"), true);
}

// A tree that somebody reads and changes at random: what is known of it is always so, and
// what was asked for need not be asked again.
TEST(KnownNodes, NeverKnowsWhatIsNotSo) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto random_path = [&] {
    std::string path;
    const size_t depth = 1 + random() % 3;
    for (size_t i = 0; i < depth; ++i) path += std::string("/") + "abc"[random() % 3];
    return path;
  };
  for (int round = 0; round < 300; ++round) {
    std::set<std::string> tree;
    KnownNodes known;
    const auto below = [&](const std::string& path) {
      const std::string first = support::below(path);
      std::vector<std::string> all;
      std::copy_if(tree.begin(), tree.end(), std::back_inserter(all),
                   [&](const std::string& node) { return node.starts_with(first); });
      return all;
    };
    const auto names = [&](const std::string& path) {
      std::vector<std::string> all;
      for (const std::string& node : below(path)) {
        if (support::parent_of(node) == path) all.push_back(node.substr(node.rfind('/') + 1));
      }
      return all;
    };
    // Some of it is there before anybody looks.
    for (int i = 0; i < 6; ++i) {
      for (std::string path = random_path(); path != "/"; path = std::string(support::parent_of(path)))
        tree.insert(path);
    }
    for (int step = 0; step < 60; ++step) {
      const std::string path = random_path();
      const bool is_there = tree.contains(path);
      switch (random() % 4) {
        case 0:  // exists or get
          if (is_there) known.found(path, static_cast<int32_t>(names(path).size()));
          if (!is_there) known.missed(path);
          EXPECT_EQ(known.exists(path), is_there);
          break;
        case 1:  // getChildren
          if (is_there) known.found_children(path, names(path));
          if (!is_there) known.missed(path);
          break;
        case 2: {  // create with its parents
          NodeChanges changes;
          for (std::string one = path; one != "/" && !tree.contains(one);
               one = std::string(support::parent_of(one)))
            changes[one] = true;
          for (const auto& [one, is_new] : changes) tree.insert(one);
          known.changed(changes);
          break;
        }
        default: {  // delete with all below it, which is looked for before
          std::vector<std::string> ask;
          while (is_there && !known.below(path, ask)) {
            for (const std::string& one : std::exchange(ask, {})) known.found_children(one, names(one));
          }
          NodeChanges changes;
          for (const std::string& one : below(path)) changes[one] = false;
          if (is_there) changes[path] = false;
          for (const auto& [one, is_new] : changes) tree.erase(one);
          known.changed(changes);
        }
      }
      for (const char* a : {"", "/a", "/b", "/c"}) {
        for (const char* b : {"/a", "/b", "/c"}) {
          const std::string one = std::string(a) + b;
          const auto says = known.exists(one);
          ASSERT_TRUE(!says || *says == tree.contains(one)) << one << " in step " << step;
          std::vector<std::string> ask;
          if (const auto all = known.below(one, ask); all && tree.contains(one)) {
            ASSERT_EQ(*all, below(one)) << one << " in step " << step;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace ostler::zookeeper
