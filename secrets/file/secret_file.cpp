#include "secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ostler/plugin.hpp>
#include <utility>

#include "support/text.h"

namespace ostler::secrets {
namespace {

using plugin::Error;
using support::quote;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// What went wrong with one component of the path, by errno or by what it is.
[[noreturn]] void refuse(const Reference& reference, const std::string& component, int error) {
  const std::string secret = "the secret " + quote(reference.text);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      throw Error(OSTLER_NOT_FOUND, secret + " does not exist: there is no " + quote(component));
    case ELOOP:
      throw Error(OSTLER_PERMISSION_DENIED,
                  secret + " is refused: " + quote(component) + " is a symbolic link");
    default:
      throw Error(OSTLER_PERMISSION_DENIED,
                  secret + " cannot be read: " + quote(component) + ": " + strerror(error));
  }
}

// Opens one component, which lstat() says is of the kind `format`. A change between
// the two calls cannot do harm: O_NOFOLLOW refuses links, O_NONBLOCK does not wait for
// a pipe's writer, and the caller looks at the open file again.
Fd open_component(const Reference& reference, const Fd& folder, const std::string& name, mode_t format,
                  int flags) {
  struct stat is;
  if (fstatat(folder.get(), name.c_str(), &is, AT_SYMLINK_NOFOLLOW) != 0) refuse(reference, name, errno);
  if (S_ISLNK(is.st_mode)) refuse(reference, name, ELOOP);
  if ((is.st_mode & S_IFMT) != format) {
    if (format == S_IFDIR) refuse(reference, name, ENOTDIR);
    throw Error(OSTLER_PERMISSION_DENIED, "the secret " + quote(reference.text) +
                                              " is refused: " + quote(name) + " is no regular file");
  }
  Fd fd(openat(folder.get(), name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) refuse(reference, name, errno);
  return fd;
}

Fd open_directory(const std::string& directory) {
  Fd fd(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0)
    throw Error(OSTLER_FAILED_PRECONDITION,
                "the folder of secrets " + quote(directory) + " cannot be opened: " + strerror(errno),
                "/directory");
  return fd;
}

}  // namespace

WipedBuffer::~WipedBuffer() {
  if (bytes_ != nullptr) explicit_bzero(bytes_.get(), room_);
}

void check_directory(const std::string& directory) { open_directory(directory); }

WipedBuffer read_secret(const std::string& directory, const Reference& reference, size_t max_bytes) {
  Fd folder = open_directory(directory);
  for (const std::string& name : reference.folders)
    folder = open_component(reference, folder, name, S_IFDIR, O_PATH | O_DIRECTORY);
  const Fd file = open_component(reference, folder, reference.name, S_IFREG, O_RDONLY);

  const std::string secret = "the secret " + quote(reference.text);
  struct stat is;
  if (fstat(file.get(), &is) != 0 || !S_ISREG(is.st_mode))
    throw Error(OSTLER_PERMISSION_DENIED, secret + " is refused: it was replaced while it was opened");
  if ((is.st_mode & S_IWOTH) != 0)
    throw Error(OSTLER_PERMISSION_DENIED, secret + " is refused: everybody may write its file (chmod o-w)");
  const auto too_large = [&] {
    return Error(OSTLER_RESOURCE_EXHAUSTED,
                 secret + " has more than " + std::to_string(max_bytes) + " bytes, the limit 'max_bytes'");
  };
  if (static_cast<uint64_t>(is.st_size) > max_bytes) throw too_large();

  WipedBuffer content(static_cast<size_t>(is.st_size) + 1);  // one more shows that it grows
  while (content.size < content.room()) {
    const ssize_t size = read(file.get(), content.data() + content.size, content.room() - content.size);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) refuse(reference, reference.name, errno);
    if (size == 0) return content;
    content.size += static_cast<size_t>(size);
  }
  throw Error(OSTLER_UNAVAILABLE, secret + " grew while it was read");
}

}  // namespace ostler::secrets
