// The state plugin on SQLite: one file, one owner, no server.
//
// Lifecycle calls come from the main thread, the rest from the storage thread, one at
// a time (ostler/state.h); there are no threads of our own.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <ostler/plugin.hpp>
#include <string>

#include "owner_lock.h"
#include "tree.h"

namespace ostler::sqlite {

class SqliteState final : public plugin::State {
 public:
  SqliteState(plugin::Host host, std::string_view config);

  void start(uint32_t timeout_ms) override;
  void stop(uint32_t timeout_ms) noexcept override;
  std::pair<std::string, int32_t> get(std::string_view path, uint32_t timeout_ms) override;
  std::vector<std::string> children(std::string_view path, uint32_t timeout_ms) override;
  void commit(const ostler_array_t& ops, uint32_t timeout_ms) override;
  void limits(ostler_state_limits_t& limits) noexcept override;
  void watch_owner(const ostler_state_owner_events_t* events) noexcept override { events_ = events; }

 private:
  void make_file();
  Tree& owned_tree(uint32_t timeout_ms);
  void report_availability(const std::string& text);

  plugin::Host host_;
  std::string path_;
  const ostler_state_owner_events_t* events_ = nullptr;
  std::optional<OwnerLock> lock_;
  std::optional<Tree> tree_;
  struct stat file_ {};       // the database file as it was opened
  std::string lost_;          // why ownership is gone; empty while it is not
  std::string availability_;  // the sentence that the host was told last
};

}  // namespace ostler::sqlite
