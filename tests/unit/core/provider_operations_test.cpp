#include "core/provider_operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_mesos.h"

namespace ostler::core::test {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using Type = mesos::Operation::Type;

mesos::Resource of(const std::string& provider_id, double amount) {
  mesos::Resource one = scalar("disk", amount);
  one.provider_id = provider_id;
  return one;
}

TEST(ProviderOperations, NothingIsNoOperation) {
  std::vector<mesos::Operation> out;
  add_operations(out, Type::kReserve, {});
  EXPECT_THAT(out, IsEmpty());
}

TEST(ProviderOperations, AreOfOneProviderEachTheAgentsOwnFirst) {
  std::vector<mesos::Operation> out(1);
  add_operations(out, Type::kCreate, {of("b", 1), of("", 2), of("a", 3), of("b", 4), of("", 5)});
  ASSERT_THAT(out, SizeIs(4)) << "behind what was there";
  for (size_t i = 1; i < out.size(); ++i) EXPECT_EQ(out[i].type, Type::kCreate);
  EXPECT_EQ(out[1].resources, (std::vector{of("", 2), of("", 5)}));
  EXPECT_EQ(out[2].resources, (std::vector{of("a", 3)}));
  EXPECT_EQ(out[3].resources, (std::vector{of("b", 1), of("b", 4)}));
}

}  // namespace
}  // namespace ostler::core::test
