// `ostler plan`, `pod`, `endpoints`, `health` and `uninstall`: an operator's commands to
// a running scheduler, each one request to its HTTP API.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/http_client.h"

namespace ostler::cli {

// What such a command ends with, besides 0 and 64 (a wrong command line).
inline constexpr int kExitRefused = 1;      // the scheduler refused: not found, or invalid
inline constexpr int kExitNothingToDo = 3;  // it was like this already
inline constexpr int kExitUnreachable = 4;  // no scheduler answered, or not now

struct Operation {
  HttpCall call;
  enum class Show { kJson, kPlan, kPods, kNames, kMessage } show = Show::kMessage;
  bool as_json = false;
  std::string subject;  // the plan's or pod's name, for people
  // When the line is wrong, or help was asked for: what to print and to end with.
  bool is_exit = false;
  std::string text;
  int exit_code = 0;
};

bool is_operation(const std::string& command);

// Reads `plan list --url ...`. The URL's default is the variable OSTLER_URL, then
// http://127.0.0.1:8080; the token is the variable OSTLER_TOKEN. Never throws.
Operation parse_operation(const std::vector<std::string>& words,
                          const std::map<std::string, std::string>& environment);

struct Printed {
  int exit_code = 0;
  std::string out, error;  // for standard output and standard error
};

// What an answer means to a person.
Printed print_answer(const Operation& operation, const HttpAnswer& answer);

// Both, with the request in between. Returns the exit code.
int run_operation(const std::vector<std::string>& words,
                  const std::map<std::string, std::string>& environment);

}  // namespace ostler::cli
