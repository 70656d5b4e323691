// Which files may be loaded: a library runs with all rights of this process, so
// nobody but root and the process's own user may be able to change it.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace ostler::plugins {

// One look at a file, to notice later that it is no longer the same.
struct FileIdentity {
  uint64_t device = 0, inode = 0, size = 0;
  int64_t modified_ns = 0;
  bool operator==(const FileIdentity&) const = default;
};

// Resolves links and checks the result: a regular file of root's or of our own,
// neither it nor any folder above it writable for everybody (a sticky folder such
// as /tmp is allowed). Returns the canonical path; the message names the component
// at fault, its mode and owner.
Result<std::filesystem::path> trusted_path(const std::filesystem::path& path);

Result<FileIdentity> identify(const std::filesystem::path& path);

// SHA-256 of the file's content in lower-case hexadecimal, and what file that was.
struct Digest {
  std::string hex;
  FileIdentity file;
};
Result<Digest> sha256_of(const std::filesystem::path& path);

}  // namespace ostler::plugins
