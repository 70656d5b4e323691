#include "base/utc.h"

#include <gtest/gtest.h>

#include <limits>

namespace ostler {
namespace {

TEST(UtcText, IsTheDateAndTimeInUtc) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1795365005999), "2026-11-22T16:30:05Z");
  EXPECT_EQ(utc_text(951782400000), "2000-02-29T00:00:00Z");
}

TEST(UtcText, TakesAnyTime) { EXPECT_EQ(utc_text(std::numeric_limits<int64_t>::max()).back(), 'Z'); }

}  // namespace
}  // namespace ostler
