#include "database.h"

#include <cstring>
#include <ostler/plugin.hpp>

#include "support/text.h"

namespace ostler::sqlite {

using plugin::Error;

Statement::Statement(Database& database, const char* sql) : database_(database) {
  const int code =
      sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) database.fail(code, "be prepared for use");
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::text(int at, std::string_view value) {
  const int code =
      sqlite3_bind_text64(statement_, at, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) database_.fail(code, "take a parameter");
  return *this;
}

Statement& Statement::blob(int at, std::string_view value) {
  // A null pointer would store NULL instead of an empty value.
  const char* data = value.empty() ? "" : value.data();
  const int code = sqlite3_bind_blob64(statement_, at, data, value.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) database_.fail(code, "take a parameter");
  return *this;
}

Statement& Statement::whole(int at, int64_t value) {
  const int code = sqlite3_bind_int64(statement_, at, value);
  if (code != SQLITE_OK) database_.fail(code, "take a parameter");
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  database_.fail(code, sqlite3_stmt_readonly(statement_) ? "be read" : "be written");
}

int64_t Statement::run() {
  while (step()) {
  }
  return sqlite3_changes64(database_.handle());
}

void Statement::reset() noexcept {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string_view()
                         : std::string_view(static_cast<const char*>(data), static_cast<size_t>(size));
}

int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_, column); }

Database::Database(const std::string& path) : path_(path) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
  try {
    if (code != SQLITE_OK) fail(code, "be opened");
    sqlite3_extended_result_codes(handle_, 1);
    execute("PRAGMA trusted_schema = OFF");
    execute("PRAGMA cache_size = -512");  // KiB: the state is small and memory is counted
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = FULL");
    Statement check(*this, "PRAGMA quick_check(1)");
    if (check.step() && check.bytes(0) != "ok") fail(SQLITE_CORRUPT, "be used");
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() { sqlite3_close(handle_); }

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, strncmp(sql, "COMMIT", 6) == 0 ? "be written" : "be used");
}

void Database::set_patience(uint32_t timeout_ms) {
  sqlite3_busy_timeout(handle_, static_cast<int>(std::min<uint32_t>(timeout_ms, INT32_MAX)));
}

void Database::fail(int code, const std::string& doing) {
  const std::string cannot = "the state database " + support::quote(path_) + " cannot " + doing + ": ";
  const int system_error = handle_ == nullptr ? 0 : sqlite3_system_errno(handle_);
  const std::string cause = system_error != 0 ? std::string(" (") + strerror(system_error) + ")" : "";
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      throw Error(OSTLER_DATA_LOSS,
                  cannot + "the file is no SQLite database; move it away, or correct 'path'");
    case SQLITE_CORRUPT:
      throw Error(OSTLER_DATA_LOSS, cannot + "the file is damaged; stop the scheduler and restore a backup");
    case SQLITE_FULL:
      throw Error(OSTLER_UNAVAILABLE, cannot + "no space is left on its disk");
    case SQLITE_READONLY:
      throw Error(OSTLER_PERMISSION_DENIED, cannot + "the file or its disk is read-only");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      throw Error(OSTLER_PERMISSION_DENIED, cannot + "opening it or its -wal file failed" + cause);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(OSTLER_UNAVAILABLE, cannot + "another program holds a lock on it");
    case SQLITE_IOERR:
      throw Error(OSTLER_UNAVAILABLE, cannot + "input or output failed" + cause);
    case SQLITE_NOMEM:
      throw Error(OSTLER_RESOURCE_EXHAUSTED, cannot + "out of memory");
    case SQLITE_TOOBIG:
      throw Error(OSTLER_RESOURCE_EXHAUSTED, cannot + "a value is too large for SQLite");
    default:
      throw Error(OSTLER_INTERNAL,
                  cannot + (handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_)));
  }
}

}  // namespace ostler::sqlite
