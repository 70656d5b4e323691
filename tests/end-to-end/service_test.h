// A ZooKeeper service on a local Mesos of its own, for one test.
//
// The test starts what it wants to look at. When it fails, the folder with all logs and
// sandboxes is kept and named. OSTLER_TEST_PREFIX runs the tests against an installed
// product.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cluster.h"
#include "harness/ensemble.h"
#include "harness/installation.h"
#include "harness/scheduler.h"
#include "harness/wait.h"
#include "harness/work_folder.h"
#include "support/zookeeper_server.h"

namespace ostler::harness {

enum class Store { kSqlite, kZookeeper };

// "Sqlite" and "Zookeeper", as names of test instances.
std::string to_string(Store store);

class ServiceTest : public testing::Test {
 protected:
  ServiceTest();
  ~ServiceTest() override;

  // With SQLite nothing is to be done. With ZooKeeper a server is started for the
  // scheduler's state, and one line of the manifest is another.
  void use_store(Store store);
  void start_cluster(int port = 0);
  // Starts `ostler run`, also again; `arguments` are its own.
  Scheduler& start_scheduler(const std::vector<std::string>& arguments = {});
  // A deployed service.
  Scheduler& deploy();

  // A second one of the same service. Stands beside the first.
  std::unique_ptr<Scheduler> start_second(const std::vector<std::string>& arguments);

  // The manifest `text` in a file; its path.
  std::string make_manifest(const std::string& text, const std::string& name = "plugins.yaml");

  // Every task runs once, in the place and with the resources that the service asks for,
  // nothing else is reserved, and no rule of Mesos was broken.
  void expect_in_order();
  // As many launches of each server task as named.
  void expect_server_launches(int count);
  // One server leads, two follow; what is written through one is read through another.
  void expect_serving(const std::string& value);

  const Installation at_;
  WorkFolder folder_;
  Environment service_;
  std::string manifest_;    // path; empty: the product's own
  std::string command_;     // that starts the scheduler; empty: `ostler run`
  std::string state_yaml_;  // `config` of the state plugin, as a flow mapping
  std::optional<Store> store_;
  std::unique_ptr<test::ZookeeperServer> zookeeper_;  // of the state
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Scheduler> scheduler_;

 private:
  Scheduler::Options scheduler_options(const std::vector<std::string>& arguments) const;
};

// Three of each: "zookeeper-0-server" and so on.
inline const std::vector<std::string> kServers{"zookeeper-0-server", "zookeeper-1-server",
                                               "zookeeper-2-server"};

}  // namespace ostler::harness
