// The exit codes of `ostler run`: the SDK's, so that whoever watches the process need
// not learn new ones. Plugins add three of sysexits.h (plugins/problem.h); a wrong
// command line ends with 64. packaging/reference/exit-codes.md says what to do about each.
#pragma once

namespace ostler {

inline constexpr int kExitOk = 0;              // asked to stop
inline constexpr int kExitInitialization = 1;  // the service or its state cannot be used
inline constexpr int kExitRegistration = 2;    // Mesos gave another framework id
inline constexpr int kExitError = 6;           // Mesos refused, or the state cannot be written
inline constexpr int kExitLock = 8;            // another scheduler owns the state
inline constexpr int kExitApiServer = 9;       // the API's port is taken
inline constexpr int kExitUninstalling = 11;   // an uninstall was begun and cannot be taken back

}  // namespace ostler
