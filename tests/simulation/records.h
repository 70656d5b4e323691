// The core's records on the simulated servers: as the product stores them, or quickly.
//
// The product's way is host/store with its JSON, which costs more than everything else in
// a run. So most runs keep the large records (launches, statuses, configurations) as the
// values they are; all else, and everything where `is_exact`, goes through host/store.
#pragma once

#include "core/records.h"
#include "simulation/store.h"
#include "store/service_store.h"

namespace ostler::simulation {

class Records {
 public:
  Records(Store& store, Session& session, bool is_exact)
      : store_(store), session_(session), exact_(session), is_exact_(is_exact) {}

  // As store::ServiceStore.
  Result<core::StoredState> load(const std::string& service_name);
  Result<void> apply(store::ServiceStore::Groups groups);

 private:
  Result<void> commit(const std::vector<const core::Change*>& changes);

  Store& store_;
  Session& session_;
  store::ServiceStore exact_;
  const bool is_exact_;
};

}  // namespace ostler::simulation
