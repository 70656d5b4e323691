// Exclusive ownership of a database by a lock file beside it.
//
// The kernel drops a flock() with the process that holds it, however it ends, so
// nothing is ever stale. The file holds the owner's host and pid for the operator
// who finds it taken, and is never removed: that would let two owners lock two files.
#pragma once

#include <sys/stat.h>

#include <string>

#include "support/text.h"

namespace ostler::sqlite {

class OwnerLock {
 public:
  // Waits until `deadline`; throws FAILED_PRECONDITION naming the holder.
  OwnerLock(const std::string& path, const support::Deadline& deadline);
  ~OwnerLock();  // frees it
  OwnerLock(const OwnerLock&) = delete;
  OwnerLock& operator=(const OwnerLock&) = delete;

  // False once the file at `path` is another one than we have locked.
  bool is_in_place() const;

 private:
  void wait_and_lock(const support::Deadline& deadline);
  std::string holder() const;

  std::string path_;
  int fd_ = -1;
};

// Whether `path` still is the file that `was` describes.
bool is_same_file(const std::string& path, const struct stat& was);

}  // namespace ostler::sqlite
