#include "owner_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ostler/plugin.hpp>
#include <thread>

namespace ostler::sqlite {

using plugin::Error;
using support::quote;

bool is_same_file(const std::string& path, const struct stat& was) {
  struct stat now;
  return stat(path.c_str(), &now) == 0 && now.st_dev == was.st_dev && now.st_ino == was.st_ino;
}

OwnerLock::OwnerLock(const std::string& path, const support::Deadline& deadline) : path_(path) {
  try {
    // When the file was replaced while we waited, our lock is on the old one: again.
    do {
      if (fd_ >= 0) close(fd_);
      fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (fd_ < 0)
        throw Error(OSTLER_PERMISSION_DENIED,
                    "the lock file " + quote(path) + " cannot be opened: " + strerror(errno));
      wait_and_lock(deadline);
    } while (!is_in_place());
    const std::string me = support::host_and_pid() + "\n";
    if (ftruncate(fd_, 0) != 0 || pwrite(fd_, me.data(), me.size(), 0) < 0)
      throw Error(OSTLER_UNAVAILABLE,
                  "the lock file " + quote(path) + " cannot be written: " + strerror(errno));
  } catch (...) {
    if (fd_ >= 0) close(fd_);
    throw;
  }
}

OwnerLock::~OwnerLock() {
  // Emptied first, so that the file names nobody when nobody holds it.
  if (ftruncate(fd_, 0) != 0) {
    // Only the text is stale then; the lock itself goes with the descriptor.
  }
  close(fd_);
}

bool OwnerLock::is_in_place() const {
  struct stat locked;
  return fstat(fd_, &locked) == 0 && is_same_file(path_, locked);
}

void OwnerLock::wait_and_lock(const support::Deadline& deadline) {
  // There is no wait with a limit for file locks; 10 ms is soon enough for a start.
  constexpr auto kPoll = std::chrono::milliseconds(10);
  while (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      throw Error(OSTLER_UNAVAILABLE,
                  "the lock file " + quote(path_) + " cannot be locked: " + strerror(errno));
    if (deadline.passed())
      throw Error(OSTLER_FAILED_PRECONDITION, "the state is in use by " + holder() +
                                                  ", which holds the lock " + quote(path_) +
                                                  "; only one scheduler may run on it");
    std::this_thread::sleep_for(kPoll);
  }
}

std::string OwnerLock::holder() const {
  char text[300];
  const ssize_t size = pread(fd_, text, sizeof text, 0);
  std::string_view name(text, size > 0 ? static_cast<size_t>(size) : 0);
  name = name.substr(0, name.find('\n'));
  return name.empty() ? "another process" : "process " + quote(name);
}

}  // namespace ostler::sqlite
