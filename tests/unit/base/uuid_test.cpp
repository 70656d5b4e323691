#include <gtest/gtest.h>

#include "base/uuid.h"

namespace ostler {
namespace {

TEST(Uuid, IsVersionFourAndTheSameForTheSameSeed) {
  SeededIds first(7), second(7);
  const std::string id = first.uuid();
  EXPECT_TRUE(is_uuid(id)) << id;
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
  EXPECT_EQ(id, second.uuid());
  EXPECT_NE(first.uuid(), id);
}

TEST(Uuid, RefusesWhatOnlyLooksLikeOne) {
  EXPECT_FALSE(is_uuid(""));
  EXPECT_FALSE(is_uuid("6f1c0d5e-7f5b-4c57-9d1a-2f9c9d4b1a2"));
  EXPECT_FALSE(is_uuid("6f1c0d5e-7f5b-4c57-9d1a-2f9c9d4b1a2g"));
  EXPECT_FALSE(is_uuid("6f1c0d5e_7f5b-4c57-9d1a-2f9c9d4b1a2f"));
}

}  // namespace
}  // namespace ostler
