// Shows a plan's progress: a tree redrawn in place on a terminal, a line for each change
// elsewhere. NO_COLOR is respected.
#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace ostler::harness {

class Display {
 public:
  Display();

  // A line that stays.
  void say(const std::string& text);
  // The plan as it is now; cheap when nothing changed.
  void show(const std::string& name, const nlohmann::json& plan);
  // Leaves the tree where it is; what comes next goes below it.
  void finish();

  bool is_terminal() const { return is_terminal_; }
  std::string bold(const std::string& text) const { return paint("1", text); }

 private:
  void redraw(const std::string& tree);
  void print_changes(const nlohmann::json& plan);
  std::string paint(const char* code, const std::string& text) const;
  std::string colored(const std::string& line) const;

  const bool is_terminal_;
  const bool has_color_;
  const std::chrono::steady_clock::time_point begun_;
  std::string shown_;                         // the tree on the terminal
  size_t lines_ = 0;                          // how many lines of it
  std::map<std::string, std::string> steps_;  // what was printed of each step
};

}  // namespace ostler::harness
