// Says which plugin the process was inside of when it crashed.
//
// Every call into a plugin leaves {plugin, function} in thread-local storage; the
// signal handler writes it with write(2) only and then lets the process die by the
// same signal, so exit status and core dump stay honest. Plugins share our address
// space: a crash may have another cause, but this is the first place to look.
#pragma once

namespace ostler::plugins {

// Marks this thread as inside `function` of `plugin` for the object's lifetime; nests.
// Both texts must outlive it.
class Breadcrumb {
 public:
  Breadcrumb(const char* plugin, const char* function) noexcept;
  ~Breadcrumb();
  Breadcrumb(const Breadcrumb&) = delete;
  Breadcrumb& operator=(const Breadcrumb&) = delete;

 private:
  const char* plugin_before_;
  const char* function_before_;
};

// Handles SEGV, BUS, ILL, FPE and ABRT from now on:
//   FATAL: SIGSEGV in plugin 'state', called through commit
// Whatever handled the signal before gets it next. Once, by main().
void install_crash_handler();

}  // namespace ostler::plugins
