// The sample service once it is deployed, and what its agents say when a pod goes down.
#pragma once

#include <string>
#include <utility>

#include "engine_driver.h"

namespace ostler::core::test {

// zookeeper-0 on agent S1, -1 on S2, -2 on S3, all ready.
inline EngineDriver deployed(spec::ServiceSpec spec = sample_spec(spec::Strategy::kParallel)) {
  EngineDriver driver(std::move(spec));
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  driver.calls.clear();
  return driver;
}

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
