#include "tree.h"

#include <ostler/plugin.hpp>

#include "support/state_checks.h"
#include "support/text.h"

namespace ostler::sqlite {
namespace {

using plugin::Error;
using support::quote;

constexpr int64_t kApplicationId = 0x4f53544c;  // "OSTL", at offset 68 of the file
constexpr int64_t kFormat = 1;

int64_t number_of(Database& database, const char* pragma) {
  Statement statement(database, pragma);
  return statement.step() ? statement.number(0) : 0;
}

// The range of all paths below `path`: first <= p < last.
struct Range {
  std::string first, last;
  explicit Range(std::string_view path) : first(support::below(path)), last(first) { last.back() = '/' + 1; }
};

void expect_version(const ostler_state_op_t& op, int32_t version) {
  if (op.version == OSTLER_ANY_VERSION || op.version == version) return;
  throw Error(OSTLER_ABORTED, "the node " + quote(plugin::view(op.path)) + " has version " +
                                  std::to_string(version) + ", expected " + std::to_string(op.version));
}

}  // namespace

Tree::Tree(const std::string& path)
    : database_(path),
      get_(prepare(), "SELECT value, version FROM node WHERE path = ?1"),
      version_(database_, "SELECT version FROM node WHERE path = ?1"),
      insert_(database_, "INSERT INTO node(path, value, version) VALUES(?1, ?2, 0)"),
      update_(database_, "UPDATE node SET value = ?2, version = version + 1 WHERE path = ?1"),
      remove_one_(database_, "DELETE FROM node WHERE path = ?1"),
      remove_below_(database_, "DELETE FROM node WHERE path >= ?1 AND path < ?2 AND path <> '/'"),
      below_(database_, "SELECT path FROM node WHERE path > ?1 AND path < ?2 ORDER BY path") {}

Database& Tree::prepare() {
  database_.set_patience(1000);
  database_.execute("BEGIN IMMEDIATE");
  const int64_t application = number_of(database_, "PRAGMA application_id");
  const int64_t format = number_of(database_, "PRAGMA user_version");
  const bool is_empty = number_of(database_, "SELECT count(*) FROM sqlite_master") == 0;
  if (!is_empty && application != kApplicationId)
    throw Error(OSTLER_FAILED_PRECONDITION,
                "the file is a SQLite database of another program; correct 'path', or move the file away");
  if (!is_empty && format != kFormat)
    throw Error(OSTLER_FAILED_PRECONDITION, "the state database has format " + std::to_string(format) +
                                                ", this plugin reads format " + std::to_string(kFormat) +
                                                "; use the version of Ostler that wrote it");
  if (is_empty) {
    const std::string pragmas = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                                "; PRAGMA user_version = " + std::to_string(kFormat);
    database_.execute(pragmas.c_str());
    database_.execute(
        "CREATE TABLE node(path TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL, version INTEGER NOT NULL);"
        "INSERT INTO node(path, value, version) VALUES('/', x'', 0)");
  }
  database_.execute("COMMIT");
  return database_;
}

std::optional<Tree::Node> Tree::get(std::string_view path) {
  Use use(get_);
  if (!use->text(1, path).step()) return std::nullopt;
  return Node{std::string(use->bytes(0)), static_cast<int32_t>(use->number(1))};
}

std::optional<std::vector<std::string>> Tree::children(std::string_view path) {
  if (!version_of(path)) return std::nullopt;
  std::vector<std::string> names;
  const Range range(path);
  Use use(below_);
  use->text(1, range.first).text(2, range.last);
  while (use->step()) {
    const std::string_view name = use->bytes(0).substr(range.first.size());
    // Parents always have a row of their own, so deeper nodes add nothing.
    if (name.find('/') == std::string_view::npos) names.emplace_back(name);
  }
  return names;
}

void Tree::commit(const ostler_array_t& ops) {
  database_.execute("BEGIN IMMEDIATE");
  try {
    for (uint32_t i = 0; i < ops.count; ++i) apply(*OSTLER_AT(ostler_state_op_t, ops, i));
    database_.execute("COMMIT");
  } catch (...) {
    // SQLite has already rolled back after some failures; then this fails, harmlessly.
    sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

void Tree::apply(const ostler_state_op_t& op) {
  const std::string_view path = plugin::view(op.path);
  const std::string_view value = plugin::view(op.value);
  const std::optional<int32_t> version = version_of(path);
  switch (op.type) {
    case OSTLER_OP_CREATE:
      if (version) throw Error(OSTLER_ALREADY_EXISTS, "the node " + quote(path) + " exists already");
      create_with_parents(path, value);
      break;
    case OSTLER_OP_SET:
      if (!version) throw Error(OSTLER_NOT_FOUND, "there is no node " + quote(path));
      expect_version(op, *version);
      set(path, value);
      break;
    case OSTLER_OP_DELETE:
      if (!version) break;
      expect_version(op, *version);
      remove(path);
      break;
    case OSTLER_OP_CHECK:
      if (!version) throw Error(OSTLER_ABORTED, "there is no node " + quote(path) + " to check");
      expect_version(op, *version);
      break;
    default:  // OSTLER_OP_PUT: types are checked
      if (version) {
        set(path, value);
      } else {
        create_with_parents(path, value);
      }
  }
}

std::optional<int32_t> Tree::version_of(std::string_view path) {
  Use use(version_);
  if (!use->text(1, path).step()) return std::nullopt;
  return static_cast<int32_t>(use->number(0));
}

void Tree::create_with_parents(std::string_view path, std::string_view value) {
  const std::string_view parent = support::parent_of(path);
  if (!version_of(parent)) create_with_parents(parent, "");
  Use use(insert_);
  use->text(1, path).blob(2, value).run();
}

void Tree::set(std::string_view path, std::string_view value) {
  Use use(update_);
  use->text(1, path).blob(2, value).run();
}

void Tree::remove(std::string_view path) {
  const Range range(path);
  {
    Use use(remove_below_);
    use->text(1, range.first).text(2, range.last).run();
  }
  if (path == "/") return set(path, "");  // the root always exists
  Use use(remove_one_);
  use->text(1, path).run();
}

}  // namespace ostler::sqlite
