// The tables of keys are complete enough to be printed as a reference page.
#include <gtest/gtest.h>

#include <set>

#include "spec/raw_spec.h"

namespace ostler::spec {
namespace {

TEST(Reference, DescribesEveryKeyOfEveryLevel) {
  size_t keys = 0;
  for (const auto& levels : {describe_service_levels(), describe_pod_levels(), describe_task_levels(),
                             describe_resource_levels(), describe_plan_levels(),
                             describe_extension_levels()}) {
    for (const Level& level : levels) {
      std::set<std::string_view> seen;
      for (const FieldText& field : level.fields) {
        SCOPED_TRACE(std::string(level.path) + "." + std::string(field.key));
        EXPECT_TRUE(seen.insert(field.key).second);
        EXPECT_FALSE(field.expected.empty());
        EXPECT_TRUE(field.about.ends_with('.'));
        EXPECT_EQ(field.fallback.empty(), field.need == Need::kRequired)
            << "a key has a default or is required";
        ++keys;
      }
    }
  }
  EXPECT_EQ(keys, 111u) << "a new key belongs into every-key.yml too";
}

}  // namespace
}  // namespace ostler::spec
