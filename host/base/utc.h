// Times as people read them, in UTC.
#pragma once

#include <cstdint>
#include <string>

namespace ostler {

// "2026-11-22T16:30:05Z", of milliseconds since 1970; what is less than a second is cut
// off. Reads no clock and no time zone.
std::string utc_text(int64_t unix_ms);

}  // namespace ostler
