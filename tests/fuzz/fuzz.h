// What a fuzz target is: a function that takes any bytes and must neither crash, nor
// hang, nor contradict itself.
//
// With OSTLER_FUZZ each target is a libFuzzer program of its own (driver.cpp). In every
// other build all of them are in fuzz_corpus_test, which runs the inputs in the tree.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::fuzz {

struct Target {
  const char* name;  // also the folder of its inputs: corpus/<name>
  void (*run)(std::string_view input);
};

// All targets of this program.
inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

inline bool add_target(const char* name, void (*run)(std::string_view)) {
  targets().push_back({name, run});
  return true;
}

// Two ways to the same result disagree: what libFuzzer then calls a crash.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz target: %s\n", what);
  std::abort();
}

// The bytes before the first `separator`, which are taken off `rest`.
inline std::string_view take_until(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

}  // namespace ostler::fuzz

#define OSTLER_FUZZ_TARGET(name)                                                                 \
  static void run_##name(std::string_view input);                                                \
  [[maybe_unused]] static const bool added_##name = ostler::fuzz::add_target(#name, run_##name); \
  static void run_##name(std::string_view input)
