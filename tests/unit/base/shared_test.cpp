#include "base/shared.h"

#include <gtest/gtest.h>

#include <string>

namespace ostler {
namespace {

struct Named {
  std::string name;
  bool operator==(const Named&) const = default;
};

TEST(Shared, ACopyIsTheSameObjectUntilAnotherTakesItsPlace) {
  const Shared<Named> one = Named{"one"};
  Shared<Named> copy = one;
  EXPECT_EQ(&*copy, &*one);
  copy = Named{"two"};
  EXPECT_EQ(one->name, "one");
  EXPECT_EQ(copy->name, "two");
}

TEST(Shared, HoldsNothingAtFirstAndAfterAReset) {
  Shared<Named> none;
  EXPECT_FALSE(none);
  none = Named{};
  EXPECT_TRUE(none);
  none.reset();
  EXPECT_FALSE(none);
}

TEST(Shared, NothingReadsAsANewValue) {
  Shared<Named> none;
  EXPECT_EQ(none->name, "");
  none.change([](Named& named) { named.name = "some"; });
  EXPECT_EQ(none->name, "some");
}

TEST(Shared, AChangeIsSeenByWhoeverMadeItAlone) {
  const Shared<Named> one = Named{"one"};
  Shared<Named> other = one;
  other.change([](Named& named) { named.name += " more"; });
  EXPECT_EQ(one->name, "one");
  EXPECT_EQ(other->name, "one more");
}

TEST(Shared, ValuesCompareWhoeverHoldsThem) {
  EXPECT_EQ(Shared<Named>(Named{"a"}), Shared<Named>(Named{"a"}));
  EXPECT_FALSE(Shared<Named>(Named{"a"}).is(Shared<Named>(Named{"a"})));
  EXPECT_NE(Shared<Named>(Named{"a"}), Shared<Named>(Named{"b"}));
  EXPECT_NE(Shared<Named>(Named{}), Shared<Named>());
  EXPECT_EQ(Shared<Named>(), Shared<Named>());
}

TEST(SharedList, ACopyHoldsTheSameElementsUntilOneOfTheTwoChanges) {
  const SharedList<Named> two{{"a"}, {"b"}};
  SharedList<Named> more = two;
  EXPECT_EQ(&more[0], &two[0]);
  more.push_back({"c"});
  EXPECT_EQ(two.size(), 2U);
  EXPECT_EQ(more, (SharedList<Named>{{"a"}, {"b"}, {"c"}}));
  more.pop_back();
  EXPECT_EQ(more, two);
}

TEST(SharedList, ReadsLikeAVector) {
  const SharedList<Named> list{{"a"}, {"b"}, {"c"}};
  std::string forth, back;
  for (const Named& one : list) forth += one.name;
  for (auto one = list.rbegin(); one != list.rend(); ++one) back += one->name;
  EXPECT_EQ(forth, "abc");
  EXPECT_EQ(back, "cba");
  EXPECT_EQ(list.front().name, "a");
  EXPECT_EQ(list.back().name, "c");
}

TEST(SharedList, TheEmptyOneIsTheSameHoweverItCameToBe) {
  SharedList<Named> emptied{{"a"}};
  emptied.pop_back();
  EXPECT_TRUE(emptied.empty());
  EXPECT_EQ(emptied, SharedList<Named>());
  EXPECT_EQ(emptied, SharedList<Named>(std::vector<Named>()));
  EXPECT_EQ(emptied.begin(), emptied.end());
  EXPECT_EQ(emptied.size(), 0U);
}

}  // namespace
}  // namespace ostler
