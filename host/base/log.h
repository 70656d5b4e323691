// The process's log: one line a record on standard error.
//
// Text with colours off a terminal's width, JSON lines otherwise. Any thread
// may log. Secrets must never reach a record: pass names, not values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ostler::log {

enum class Level { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3 };
enum class Format { kAuto, kText, kJson };

// Sets what is written from now on. Call once, before threads start; kAuto
// means text on a terminal and JSON lines elsewhere.
void configure(Level level, Format format);

bool enabled(Level level);

// Extra fields, shown after the message ("task=zookeeper-0-server").
using Fields = std::vector<std::pair<std::string_view, std::string>>;

void write(Level level, std::string_view message, const Fields& fields = {});

inline void debug(std::string_view message, const Fields& fields = {}) {
  write(Level::kDebug, message, fields);
}
inline void info(std::string_view message, const Fields& fields = {}) {
  write(Level::kInfo, message, fields);
}
inline void warning(std::string_view message, const Fields& fields = {}) {
  write(Level::kWarning, message, fields);
}
inline void error(std::string_view message, const Fields& fields = {}) {
  write(Level::kError, message, fields);
}

}  // namespace ostler::log
