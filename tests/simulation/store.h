// The model of the state's servers, and of a session with them.
//
// It promises what ostler/state.h promises and no more: one owner at a time, commits
// whole or not at all, "unavailable" whether or not it was done, and the loss of
// ownership with the session. What goes wrong is decided by whoever made it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "core/ports.h"
#include "core/records.h"

namespace ostler::simulation {

enum class CommitFate : uint8_t {
  kDone,
  kFails,         // not stored
  kUnknown,       // stored, and told otherwise
  kCrashesAfter,  // stored; the process dies without hearing of it
};

// The large records as the values they are (records.h). Also what the watch reads, so it
// is kept up to date where the records are stored as JSON.
struct Kept {
  std::string target_config;
  std::map<std::string, std::shared_ptr<const spec::ServiceSpec>> configs;
  // Up to date with the texts that came.
  const std::map<std::string, core::StoredState::Task>& tasks() const;
  std::map<std::string, core::StoredState::Task>& tasks();
  // The same, but a launch whose text does not name that id may be missing.
  const std::map<std::string, core::StoredState::Task>& tasks_naming(std::string_view id) const;
  // Notes a stored text, to be read when somebody looks: most are replaced before.
  void note_launch(const std::string& task, std::string text);
  void note_status(const std::string& task, std::string text) { status_texts_[task] = std::move(text); }
  void erase(const std::string& task);

 private:
  void read() const;
  void read_launch(const std::string& task, const std::string& text) const;

  mutable std::map<std::string, core::StoredState::Task> tasks_;
  mutable std::map<std::string, std::string> launch_texts_, status_texts_;
};

// The servers. A session is a number; 0 is nobody.
class Store {
 public:
  using Nodes = std::map<std::string, std::string, std::less<>>;

  bool acquire(uint64_t session) {
    if (owner_ != 0 && owner_ != session) return false;
    owner_ = session;
    return true;
  }
  void release(uint64_t session) {
    if (owner_ == session) owner_ = 0;
  }
  uint64_t owner() const { return owner_; }

  const Nodes& nodes() const { return nodes_; }
  const std::string* find(std::string_view path) const {
    const auto found = nodes_.find(path);
    return found == nodes_.end() ? nullptr : &found->second;
  }
  void apply(const std::vector<core::StoreOp>& ops);
  // For scenarios that damage it.
  void put(const std::string& path, std::string value) { nodes_[path] = std::move(value); }
  void clear() {
    nodes_.clear();
    kept = {};
  }

  Kept kept;

  bool is_away = false;
  core::StateTree::Limits limits;

 private:
  Nodes nodes_;
  uint64_t owner_ = 0;
};

// What one process sees.
class Session final : public core::StateTree {
 public:
  // `fate` is asked once for every commit that the servers would take; `stored` hears
  // of what they took.
  struct Hooks {
    std::function<CommitFate()> fate;
    std::function<void()> stored;
  };
  Session(Store& store, uint64_t number, Hooks hooks)
      : store_(store), number_(number), hooks_(std::move(hooks)) {}

  Result<std::string> get(std::string_view path) override;
  Result<std::vector<std::string>> children(std::string_view path) override;
  Result<void> commit(const std::vector<core::StoreOp>& ops) override;
  Limits limits() const override { return store_.limits; }
  // A commit that `apply` carries out.
  Result<void> commit_with(const std::function<void()>& apply);

  uint64_t number() const { return number_; }
  bool is_owner() const { return store_.owner() == number_; }
  // The process is to die without a word.
  bool crashed() const { return crashed_; }

 private:
  Store& store_;
  const uint64_t number_;
  Hooks hooks_;
  bool crashed_ = false;
};

}  // namespace ostler::simulation
