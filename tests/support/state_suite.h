// The suite of tests that every state plugin has to pass, whatever it keeps its tree in.
//
// A test program compiles state_suite.cpp in and defines new_backend().
#pragma once

#include <memory>
#include <string>

namespace ostler::test {

// An empty tree of one plugin; what it holds stays while plugins come and go.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string library() const = 0;
  virtual std::string config() const = 0;
};

// Null where the backend is not installed; the tests are skipped then.
std::unique_ptr<Backend> new_backend();

}  // namespace ostler::test
