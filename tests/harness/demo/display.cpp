#include "harness/demo/display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "harness/scheduler.h"

namespace ostler::harness {
namespace {

size_t terminal_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

// A longer line would wrap, and the tree could not be redrawn in its place.
std::string cut(const std::string& line, size_t width) {
  size_t columns = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(line[at]) & 0xC0) != 0x80;  // of a UTF-8 character
    if (begins && ++columns == width) return line.substr(0, at) + "…";
  }
  return line;
}

void write_out(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

bool wants_color() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') &&
         (terminal == nullptr || std::string(terminal) != "dumb");
}

}  // namespace

Display::Display()
    : is_terminal_(isatty(STDOUT_FILENO) == 1),
      has_color_(is_terminal_ && wants_color()),
      begun_(std::chrono::steady_clock::now()) {}

void Display::say(const std::string& text) {
  finish();
  write_out(text + "\n");
}

void Display::show(const std::string& name, const nlohmann::json& plan) {
  if (!is_terminal_) return print_changes(plan);
  const std::string tree = plan_text(name, plan);
  if (tree != shown_) redraw(tree);
}

void Display::finish() {
  shown_.clear();
  lines_ = 0;
}

void Display::redraw(const std::string& tree) {
  const size_t width = terminal_width();
  std::string out;
  if (lines_ > 0) out += "\x1b[" + std::to_string(lines_) + "A";
  lines_ = 0;
  for (size_t from = 0; from < tree.size(); ++lines_) {
    const size_t end = tree.find('\n', from);
    out += "\r" + colored(cut(tree.substr(from, end - from), width)) + "\x1b[K\n";
    from = end + 1;
  }
  out += "\x1b[J";
  shown_ = tree;
  write_out(out);
}

void Display::print_changes(const nlohmann::json& plan) {
  for (const auto& phase : plan.value("phases", nlohmann::json::array())) {
    for (const auto& step : phase.value("steps", nlohmann::json::array())) {
      const std::string name = step.value("name", "");
      const std::string message = step.value("message", "");
      const std::string now = step.value("status", "") + (message.empty() ? "" : ": " + message);
      if (steps_[name] == now) continue;
      steps_[name] = now;
      char time[32];
      std::snprintf(time, sizeof time, "%6.1f s  ",
                    std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count());
      write_out(time + name + " " + now + "\n");
    }
  }
}

std::string Display::paint(const char* code, const std::string& text) const {
  return has_color_ ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
}

std::string Display::colored(const std::string& line) const {
  constexpr std::pair<const char*, const char*> kColors[] = {{"(COMPLETE)", "32"},    {"(ERROR)", "31"},
                                                             {"(STARTING)", "33"},    {"(STARTED)", "33"},
                                                             {"(IN_PROGRESS)", "33"}, {"(DELAYED)", "31"}};
  for (const auto& [status, code] : kColors) {
    const size_t at = line.find(status);
    if (at == std::string::npos) continue;
    const size_t after = at + std::string(status).size();
    return line.substr(0, at) + paint(code, status) + paint("2", line.substr(after));
  }
  return line;
}

}  // namespace ostler::harness
