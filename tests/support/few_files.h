// A process that runs out of file descriptors.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace ostler::test {

// While it lives, this process can open `more` files and not one beyond; what is closed
// meanwhile can be opened again.
class FewFiles {
 public:
  explicit FewFiles(int more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(STDIN_FILENO);  // the lowest that is free
    ::close(next);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(next + more);
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewFiles(const FewFiles&) = delete;
  FewFiles& operator=(const FewFiles&) = delete;

 private:
  rlimit before_{};
};

// The same for good: it is made before what is to suffer, and takes the numbers below the
// limit, so that nothing that is closed helps.
class NoFiles {
 public:
  NoFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    for (int i = 0; i < kLimit; ++i) held_.push_back(::dup(STDIN_FILENO));
  }
  ~NoFiles() {
    recover();
    for (const int fd : held_) ::close(fd);
  }
  NoFiles(const NoFiles&) = delete;
  NoFiles& operator=(const NoFiles&) = delete;

  void run_out() {
    rlimit none = before_;
    none.rlim_cur = kLimit;  // not 0: poll() takes no more entries than that
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  void recover() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  static constexpr int kLimit = 32;
  rlimit before_{};
  std::vector<int> held_;
};

}  // namespace ostler::test
