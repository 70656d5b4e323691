// One SQLite connection, with SQLite's codes turned into the ABI's.
//
// Owned and used by one thread at a time. The connection runs in WAL mode with
// synchronous=FULL: when COMMIT returns, the data is on the disk.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ostler::sqlite {

class Database;

// A prepared statement. Binding and reading are by position; reset() ends a use.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& text(int at, std::string_view value);  // borrowed until reset()
  Statement& blob(int at, std::string_view value);  // borrowed until reset()
  Statement& whole(int at, int64_t value);

  // True when there is a row. Throws when SQLite fails.
  bool step();
  // One run of a statement that gives no rows; returns the number of rows changed.
  int64_t run();
  void reset() noexcept;

  std::string_view bytes(int column) const;  // valid until the next step() or reset()
  int64_t number(int column) const;

 private:
  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

// Resets a statement at the end of a scope, also when an exception passes.
class Use {
 public:
  explicit Use(Statement& statement) : statement_(statement) {}
  ~Use() { statement_.reset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Statement* operator->() { return &statement_; }

 private:
  Statement& statement_;
};

class Database {
 public:
  // Opens an existing file (or an empty one, which becomes a database) and prepares
  // the connection. Throws DATA_LOSS when it is damaged or no database.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const char* sql);
  // How long a call waits for another process that has the file locked.
  void set_patience(uint32_t timeout_ms);
  sqlite3* handle() { return handle_; }

  // Throws what the last failure means for the caller; `doing` reads on from "cannot".
  [[noreturn]] void fail(int code, const std::string& doing);

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

}  // namespace ostler::sqlite
