// One write(2) a record, so that lines of different threads never mix. Small
// enough that a logging library would only add start-up time and memory: the
// only part with any subtlety is JSON escaping, below.
#include "base/log.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

namespace ostler::log {
namespace {

std::atomic<Level> g_level{Level::kInfo};
std::atomic<bool> g_json{false};

constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
constexpr const char* kLetters[] = {"D", "I", "W", "E"};
constexpr size_t kMaxMessage = 8 * 1024;  // A record is for a person; a longer one is cut.

void append_escaped(std::string& out, std::string_view text) {
  out += '"';
  for (const unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20 || c == 0x7F) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", c);
      out += code;
    } else {
      out += static_cast<char>(c);
    }
  }
  out += '"';
}

// A terminal must not be steered by what a task's name happens to contain.
void append_printable(std::string& out, std::string_view text) {
  for (const unsigned char c : text)
    out += (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F ? '?' : static_cast<char>(c);
}

}  // namespace

void configure(Level level, Format format) {
  g_level = level;
  g_json = format == Format::kJson || (format == Format::kAuto && !isatty(STDERR_FILENO));
}

bool enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view message, const Fields& fields) {
  if (!enabled(level)) return;
  if (message.size() > kMaxMessage) message = message.substr(0, kMaxMessage);

  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  char stamp[40];
  const size_t length = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(stamp + length, sizeof stamp - length, ".%03ldZ", now.tv_nsec / 1000000);
  char thread[16] = "";
  pthread_getname_np(pthread_self(), thread, sizeof thread);

  std::string line;
  line.reserve(128 + message.size());
  if (g_json.load(std::memory_order_relaxed)) {
    line += "{\"ts\":\"";
    line += stamp;
    line += "\",\"level\":\"";
    line += kNames[static_cast<int>(level)];
    line += "\",\"thread\":";
    append_escaped(line, thread);
    line += ",\"msg\":";
    append_escaped(line, message);
    for (const auto& [name, value] : fields) {
      line += ',';
      append_escaped(line, name);
      line += ':';
      append_escaped(line, value);
    }
    line += "}\n";
  } else {
    line += stamp;
    line += ' ';
    line += kLetters[static_cast<int>(level)];
    line += ' ';
    append_printable(line, message);
    for (const auto& [name, value] : fields) {
      line += ' ';
      line += name;
      line += '=';
      append_printable(line, value);
    }
    line += '\n';
  }
  // A log that cannot be written is no reason to stop scheduling.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace ostler::log
