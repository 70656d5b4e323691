// What the agents of a deployed service say when a pod goes down.
#pragma once

#include <string>
#include <utility>

#include "engine_driver.h"

namespace ostler::core::test {

// What the agent of a pod offers once the pod is down.
inline FakeOffer own_offer(const EngineDriver& driver, const std::string& pod) {
  FakeOffer offer = big_offer(1);
  offer.agent_id = driver.agent_of(pod + "-server");
  offer.hostname = driver.stored.tasks.at(pod + "-server").launch->hostname;
  for (const mesos::Resource& resource : driver.resources_of(pod)) offer.resources.push_back(resource);
  return offer;
}

inline void die(EngineDriver& driver, const std::string& pod,
                mesos::TaskState state = mesos::TaskState::kKilled) {
  driver.update(pod + "-server", state);
  driver.update(pod + "-metrics", state);
}

}  // namespace ostler::core::test
