// Three ZooKeeper servers started by hand: what a deployment is compared with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/installation.h"
#include "harness/process.h"

namespace ostler::bench {

class BareEnsemble {
 public:
  // Writes the configuration below `folder` and starts all three; `settings` are the
  // variables of svc.yml, so that both ensembles are configured alike.
  BareEnsemble(const std::string& folder, const harness::Ports& ports, const harness::Environment& settings);
  // Until one leads and two follow. Throws HarnessError.
  void wait_serving();

 private:
  std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<harness::Process>> servers_;
};

}  // namespace ostler::bench
