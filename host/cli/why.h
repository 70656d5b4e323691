// `ostler why`: asks a running scheduler why its steps wait, and says it in words.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ostler::cli {

struct WhyArguments {
  std::string url;              // of the API, "http://127.0.0.1:8080"
  std::string pod;              // empty: all steps that wait
  std::string output = "text";  // or "json"
};

// Prints to standard output. Exit code 0: nothing waits. 2: something does. 1: it could
// not be found out, which standard error says.
int run_why(const WhyArguments& arguments);

// The body of /v1/why in words, with what `pod` was asked for.
Result<std::string> why_text(std::string_view json, const std::string& pod);

}  // namespace ostler::cli
