// What a function that can fail returns.
//
// Expected trouble (network, configuration, other people's plugins) travels as
// a Result; a broken invariant is OSTLER_CHECK and ends the process. The codes
// are those of the plugin ABI, so an error crosses the border unchanged.
#pragma once

#include <ostler/base.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ostler {

enum class Code : int32_t {
  kOk = OSTLER_OK,
  kCancelled = OSTLER_CANCELLED,
  kUnknown = OSTLER_UNKNOWN,
  kInvalidArgument = OSTLER_INVALID_ARGUMENT,
  kDeadlineExceeded = OSTLER_DEADLINE_EXCEEDED,
  kNotFound = OSTLER_NOT_FOUND,
  kAlreadyExists = OSTLER_ALREADY_EXISTS,
  kPermissionDenied = OSTLER_PERMISSION_DENIED,
  kResourceExhausted = OSTLER_RESOURCE_EXHAUSTED,
  kFailedPrecondition = OSTLER_FAILED_PRECONDITION,
  kAborted = OSTLER_ABORTED,
  kOutOfRange = OSTLER_OUT_OF_RANGE,
  kUnimplemented = OSTLER_UNIMPLEMENTED,
  kInternal = OSTLER_INTERNAL,
  kUnavailable = OSTLER_UNAVAILABLE,
  kDataLoss = OSTLER_DATA_LOSS,
  kUnauthenticated = OSTLER_UNAUTHENTICATED,
};

// One failure, told to an operator: `message` is one sentence without a final
// period; `where` is "file:line:column", a path, a variable's name, or empty.
struct Error {
  Code code = Code::kUnknown;
  std::string message;
  std::string where;

  // "where: message", or the message alone.
  std::string text() const { return where.empty() ? message : where + ": " + message; }
};

// A value or an Error. Asking a failed Result for its value ends the process.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return require(); }
  const T& value() const& { return const_cast<Result*>(this)->require(); }
  T&& value() && { return std::move(require()); }
  T& operator*() & { return require(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(require()); }
  T* operator->() { return &require(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return std::get<Error>(state_); }

 private:
  T& require() {
    if (!ok()) {
      std::fprintf(stderr, "FATAL: the value of a failed result was used: %s\n", error().text().c_str());
      std::abort();
    }
    return std::get<T>(state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT: implicit on purpose

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const { return error_; }

 private:
  Error error_{Code::kOk, {}, {}};
  bool ok_ = true;
};

}  // namespace ostler

// Ends the process when a thing that must be true is not. `...` is a printf
// format and its values.
#define OSTLER_CHECK(condition, ...)                                              \
  do {                                                                            \
    if (!(condition)) [[unlikely]] {                                              \
      std::fprintf(stderr, "FATAL: %s:%d: %s: ", __FILE__, __LINE__, #condition); \
      std::fprintf(stderr, __VA_ARGS__);                                          \
      std::fputc('\n', stderr);                                                   \
      std::abort();                                                               \
    }                                                                             \
  } while (false)
