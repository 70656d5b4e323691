// Flags by Go's rules.
#include "bootstrap/options.h"

#include <gtest/gtest.h>

namespace ostler::bootstrap {
namespace {

using std::chrono::milliseconds;

std::string failure(const std::vector<std::string>& arguments) {
  const auto options = parse_options(arguments);
  return options.ok() ? "accepted" : options.error().text();
}

TEST(Options, HaveTheDefaultsOfTheSdk) {
  const Options options = *parse_options({});
  EXPECT_FALSE(options.verbose);
  EXPECT_TRUE(options.print_env);
  EXPECT_TRUE(options.resolve);
  EXPECT_TRUE(options.self_resolve);
  EXPECT_EQ(options.resolve_hosts, "");
  EXPECT_EQ(options.resolve_timeout, std::chrono::minutes(5));
  EXPECT_TRUE(options.render_templates);
  EXPECT_EQ(options.template_max_bytes, 1048576u);
  EXPECT_TRUE(options.install_certs);
  EXPECT_FALSE(options.get_task_ip);
}

TEST(Options, TakeOneDashOrTwoAndValuesEitherWay) {
  const Options options =
      *parse_options({"-verbose", "--resolve=false", "-print-env=F", "-resolve-hosts", "a,b",
                      "--resolve-timeout=1m30s", "-template-max-bytes", "0", "-template=0"});
  EXPECT_TRUE(options.verbose);
  EXPECT_FALSE(options.resolve);
  EXPECT_FALSE(options.print_env);
  EXPECT_EQ(options.resolve_hosts, "a,b");
  EXPECT_EQ(options.resolve_timeout, std::chrono::seconds(90));
  EXPECT_EQ(options.template_max_bytes, 0u);
  EXPECT_FALSE(options.render_templates);
}

TEST(Options, SayWhatIsWrong) {
  EXPECT_EQ(failure({"-nothing"}), "-nothing: found an unknown flag, expected a flag (see -help)");
  EXPECT_EQ(failure({"word"}), "word: found an argument, expected a flag (see -help)");
  // As in Go, a boolean takes no separate value.
  EXPECT_EQ(failure({"-resolve", "false"}), "false: found an argument, expected a flag (see -help)");
  EXPECT_EQ(failure({"-resolve=maybe"}), "-resolve: found 'maybe', expected true or false");
  EXPECT_EQ(failure({"-resolve-timeout"}), "-resolve-timeout: found no value, expected one");
  EXPECT_EQ(failure({"-resolve-timeout=5"}),
            "-resolve-timeout: found '5', expected a duration such as 5m, 90s or 0");
  EXPECT_EQ(failure({"-template-max-bytes=-1"}),
            "-template-max-bytes: found '-1', expected a whole number of 0 or more");
}

TEST(Options, ReadDurations) {
  const std::pair<const char*, int64_t> good[] = {
      {"0", 0}, {"5m", 300000}, {"1h30m", 5400000}, {"1.5s", 1500}, {"300ms", 300}, {"0s", 0}, {"1ns", 1}};
  for (const auto& [text, ms] : good) EXPECT_EQ(parse_duration(text)->count(), ms) << text;
  for (const char* bad : {"", "5", "m", "-1s", "5x", "1e3s", "5m ", "99999999999999h", "infs", "nans"}) {
    EXPECT_FALSE(parse_duration(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace ostler::bootstrap
