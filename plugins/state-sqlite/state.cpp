#include "state.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "support/config.h"
#include "support/state_checks.h"

namespace ostler::sqlite {
namespace {

using plugin::Error;
using support::quote;

constexpr uint64_t kMaxValueBytes = 64ULL << 20;
constexpr uint64_t kMaxCommitBytes = 256ULL << 20;  // what a WAL of one commit may reasonably be

// `mkdir -p` with mode 0700 for what it makes.
void make_folders(const std::filesystem::path& folder) {
  if (folder.empty() || std::filesystem::is_directory(folder)) return;
  make_folders(folder.parent_path());
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw Error(OSTLER_PERMISSION_DENIED,
                "the folder " + quote(folder.native()) + " cannot be made: " + strerror(errno), "/path");
}

}  // namespace

SqliteState::SqliteState(plugin::Host host, std::string_view config) : host_(host) {
  support::Config keys(config);
  path_ = keys.text("path");
  if (!path_.empty() && path_.front() != '/')
    keys.problem("/path", "the path " + quote(path_) + " is relative; expected one that starts with '/'");
  keys.finish();
}

void SqliteState::start(uint32_t timeout_ms) {
  const support::Deadline deadline(timeout_ms);
  make_folders(std::filesystem::path(path_).parent_path());
  lock_.emplace(path_ + ".lock", deadline);
  try {
    make_file();
    tree_.emplace(path_);
    if (stat(path_.c_str(), &file_) != 0)
      throw Error(OSTLER_UNAVAILABLE, "the state database " + quote(path_) + " vanished while it was opened");
  } catch (...) {
    tree_.reset();
    lock_.reset();
    throw;
  }
}

void SqliteState::stop(uint32_t /*timeout_ms*/) noexcept {
  tree_.reset();
  lock_.reset();
}

// Makes the file before SQLite does, for its mode; SQLite gives its -wal and -shm the
// mode of the database. Done before SQLite has it open: closing a descriptor of the
// file later would drop SQLite's own locks.
void SqliteState::make_file() {
  const int fd = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    throw Error(errno == ENOSPC ? OSTLER_UNAVAILABLE : OSTLER_PERMISSION_DENIED,
                "the state database " + quote(path_) + " cannot be opened: " + strerror(errno));
  struct stat is;
  const bool is_known = fstat(fd, &is) == 0;
  if (is_known && S_ISREG(is.st_mode) && (is.st_mode & 077) != 0 && fchmod(fd, 0600) == 0)
    host_.log(OSTLER_LOG_WARNING,
              "the state database " + quote(path_) + " was open to other users; its mode is 0600 now");
  close(fd);
  if (!is_known || !S_ISREG(is.st_mode))
    throw Error(OSTLER_FAILED_PRECONDITION, "the state database " + quote(path_) + " is no regular file");
}

// Every call passes here: it is refused once the files are not the ones we locked.
Tree& SqliteState::owned_tree(uint32_t timeout_ms) {
  if (lost_.empty()) {
    if (!is_same_file(path_, file_)) {
      lost_ = "the state database " + quote(path_) + " was removed or replaced while in use";
    } else if (!lock_->is_in_place()) {
      lost_ = "the lock file " + quote(path_ + ".lock") + " was removed or replaced while in use";
    } else {
      tree_->database().set_patience(timeout_ms);
      return *tree_;
    }
  }
  if (events_ != nullptr) {
    ostler_error_t error{};
    error.struct_size = sizeof error;
    ostler_fail(&error, OSTLER_FAILED_PRECONDITION, path_.c_str(), "%s", lost_.c_str());
    const ostler_state_owner_events_t* events = std::exchange(events_, nullptr);  // at most once
    events->lost(events->ctx, &error);
  }
  throw Error(OSTLER_FAILED_PRECONDITION, lost_, path_);
}

void SqliteState::report_availability(const std::string& text) {
  if (text == availability_ || events_ == nullptr) return;
  availability_ = text;
  events_->availability(events_->ctx, plugin::str(availability_));
}

std::pair<std::string, int32_t> SqliteState::get(std::string_view path, uint32_t timeout_ms) {
  support::check_path(path);
  auto node = owned_tree(timeout_ms).get(path);
  if (!node) throw Error(OSTLER_NOT_FOUND, "there is no node " + quote(path), std::string(path));
  return {std::move(node->value), node->version};
}

std::vector<std::string> SqliteState::children(std::string_view path, uint32_t timeout_ms) {
  support::check_path(path);
  auto names = owned_tree(timeout_ms).children(path);
  if (!names) throw Error(OSTLER_NOT_FOUND, "there is no node " + quote(path), std::string(path));
  return *std::move(names);
}

void SqliteState::commit(const ostler_array_t& ops, uint32_t timeout_ms) {
  ostler_state_limits_t most{};
  limits(most);
  support::check_ops(ops, most);
  Tree& tree = owned_tree(timeout_ms);
  try {
    tree.commit(ops);
  } catch (const Error& e) {
    if (e.code() == OSTLER_UNAVAILABLE || e.code() == OSTLER_PERMISSION_DENIED) report_availability(e.what());
    throw;
  }
  report_availability("");
}

void SqliteState::limits(ostler_state_limits_t& limits) noexcept {
  limits.max_value_bytes = kMaxValueBytes;
  limits.max_commit_bytes = kMaxCommitBytes;
}

}  // namespace ostler::sqlite
