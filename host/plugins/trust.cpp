#include "plugins/trust.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <vector>

namespace ostler::plugins {
namespace {

FileIdentity identity_of(const struct stat& status) {
  return {static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino),
          static_cast<uint64_t>(status.st_size),
          status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec};
}

std::string user_name(uid_t uid) {
  char buffer[4096];
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr) return found->pw_name;
  return "uid " + std::to_string(uid);
}

std::string mode_and_owner(const struct stat& status) {
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status.st_mode & 07777));
  return std::string("mode ") + mode + ", owner " + user_name(status.st_uid);
}

Error errno_error(const std::string& path) {
  return {errno == ENOENT ? Code::kNotFound : Code::kUnavailable, path + ": " + std::strerror(errno), {}};
}

}  // namespace

Result<std::filesystem::path> trusted_path(const std::filesystem::path& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return errno_error(path.string());
  const std::filesystem::path canonical(resolved);
  ::free(resolved);

  struct stat status {};
  if (::stat(canonical.c_str(), &status) != 0) return errno_error(canonical.string());
  if (!S_ISREG(status.st_mode))
    return Error{Code::kPermissionDenied, canonical.string() + " is no regular file", {}};
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    const std::string owners = ::geteuid() == 0 ? "root" : "root or " + user_name(::geteuid());
    return Error{Code::kPermissionDenied,
                 canonical.string() + " does not belong to " + owners + " (" + mode_and_owner(status) + ")",
                 {}};
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    return Error{Code::kPermissionDenied,
                 canonical.string() + " is writable for everybody (" + mode_and_owner(status) + ")",
                 {}};
  }
  for (std::filesystem::path folder = canonical.parent_path();; folder = folder.parent_path()) {
    if (::stat(folder.c_str(), &status) != 0) return errno_error(folder.string());
    if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0) {
      return Error{Code::kPermissionDenied,
                   folder.string() + " is writable for everybody (" + mode_and_owner(status) + ")",
                   {}};
    }
    if (folder == folder.root_path()) return canonical;
  }
}

Result<FileIdentity> identify(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return errno_error(path.string());
  return identity_of(status);
}

Result<Digest> sha256_of(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno_error(path.string());
  const std::unique_ptr<const int, void (*)(const int*)> closer(&file, [](const int* fd) { ::close(*fd); });
  struct stat status {};
  if (::fstat(file, &status) != 0) return errno_error(path.string());

  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return Error{Code::kInternal, "SHA-256 is not available", {}};
  }
  std::vector<unsigned char> buffer(64 * 1024);
  for (;;) {
    const ssize_t got = ::read(file, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(path.string());
    if (got == 0) break;
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<size_t>(got));
  }
  unsigned char raw[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), raw, &size);
  Digest digest{{}, identity_of(status)};
  for (unsigned i = 0; i < size; ++i) {
    digest.hex += "0123456789abcdef"[raw[i] >> 4];
    digest.hex += "0123456789abcdef"[raw[i] & 15];
  }
  return digest;
}

}  // namespace ostler::plugins
