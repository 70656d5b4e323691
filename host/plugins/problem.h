// What is wrong with a plugin or its manifest, told to an operator.
//
// Start-up collects problems and shows all of them; the process then exits with
// a code that says whose fault it is. Every kind of problem has a number
// (OST-101 ...) that documentation and searches can use. One shape always:
//
//   plugins.yaml:6:5: plugin 'state': cannot load /usr/lib/ostler/plugins/x.so
//       libzookeeper_mt.so.2: cannot open shared object file: No such file or directory
//       The library depends on something that is not installed; `ldd` on it shows what   [OST-104]
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ostler::plugins {

// The numbers of problems.
enum Ost : int {
  kOstNoManifest = 101,     // missing, not YAML, of another format
  kOstBadKey = 102,         // unknown or duplicate key, wrong type or value
  kOstKindCount = 103,      // a kind or a name is filled twice or not at all
  kOstCannotLoad = 104,     // the dynamic linker refused
  kOstNotTrusted = 105,     // path, permission or digest refused
  kOstNoEntry = 106,        // no entry symbol
  kOstOtherMajor = 107,     // another major of the ABI
  kOstNewerMinor = 108,     // wants a newer host
  kOstBrokenTable = 109,    // tables that break the contract
  kOstNotInLibrary = 110,   // the library has no such plugin or kind
  kOstRefusedConfig = 111,  // create() said no
  kOstStartFailed = 112,    // start() said no
  kOstNoMessage = 113,      // failed and left no message
  kOstException = 115,      // an exception left an ABI function (R6)
  kOstOverrun = 117,        // a call took far longer than it may
  kOstLateCall = 118,       // called the host after stop()
};

// Exit codes, of sysexits.h; 8 is the SDK's for "another scheduler owns the state".
enum ExitCode : int { kExitNotOwner = 8, kExitUnavailable = 69, kExitPlugin = 70, kExitConfig = 78 };

struct PluginProblem {
  int number = 0;  // enum Ost
  int exit_code = kExitConfig;
  Code code = Code::kInvalidArgument;
  std::string where;    // "plugins.yaml:6:5", or the manifest's path
  std::string plugin;   // name in the manifest, or empty
  std::string message;  // what failed
  std::string detail;   // what was found; may have several lines, may be empty
  std::string advice;   // what to do; may be empty

  // The lines shown above, without a final newline.
  std::string text() const;
};

// The exit code for a whole start-up: the operator's own mistakes first, because
// those are what he can mend.
int exit_code(const std::vector<PluginProblem>& problems);

// "INVALID_ARGUMENT"; a number the ABI does not know reads as "status 99".
std::string status_name(int32_t status);

}  // namespace ostler::plugins
