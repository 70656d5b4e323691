// Takes care of a ZooKeeper ensemble's quorum while its servers are restarted.
//
// Kind "ostler.advisor/draft-1". Every question is answered by looking at every server
// anew; only for how long a server has served nobody is remembered.
#pragma once

#include <ostler/draft/advisor.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "elections.h"

namespace ostler::advisor {

class ZookeeperAdvisor final : public plugin::Advisor {
 public:
  ZookeeperAdvisor(plugin::Host host, std::string_view config);

  std::vector<Advice> advise(uint32_t question, const std::vector<Member>& members,
                             uint32_t timeout_ms) override;

 private:
  std::string pod_type_;  // whose instances are the servers
  std::string port_;      // the name of their client port
  Elections elections_;   // advisor thread
};

}  // namespace ostler::advisor
