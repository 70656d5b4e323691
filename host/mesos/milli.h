// Mesos rounds every scalar to three decimals; so do we, in one place.
#pragma once

#include <cstdint>

namespace ostler::mesos {

// Beyond this a double no longer holds every thousandth.
constexpr double kMaxScalar = 4.0e12;

inline bool is_scalar(double value) { return value >= -kMaxScalar && value <= kMaxScalar; }  // false for NaN

// `value` in thousandths, rounded half away from zero. Requires is_scalar(value).
inline int64_t to_milli(double value) {
  return static_cast<int64_t>(value < 0 ? value * 1000.0 - 0.5 : value * 1000.0 + 0.5);
}
inline double from_milli(int64_t milli) { return static_cast<double>(milli) / 1000.0; }

}  // namespace ostler::mesos
