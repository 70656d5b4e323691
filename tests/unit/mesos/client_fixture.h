// What the tests of the client share: what it tells, masters that behave, and its events.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "fake_master.h"
#include "mesos/client.h"
#include "mesos/transport.h"

namespace ostler::mesos {

using std::chrono::milliseconds;
using testing::Connection;
using testing::FakeMaster;
using testing::Request;

inline constexpr const char* kSubscribed =
    R"({"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"F1"},"heartbeat_interval_seconds":15.0}})";
inline constexpr const char* kHeartbeat = R"({"type":"HEARTBEAT"})";
inline std::string rescind(const std::string& id) {
  return R"({"type":"RESCIND","rescind":{"offer_id":{"value":")" + id + R"("}}})";
}
inline std::string error(const std::string& message) {
  return R"({"type":"ERROR","error":{"message":")" + message + R"("}})";
}

inline std::string describe(const Event& happened) {
  struct Describe {
    std::string operator()(const event::Subscribed& e) { return "subscribed " + e.framework_id; }
    std::string operator()(const event::Disconnected& e) { return "disconnected: " + e.reason; }
    std::string operator()(const event::Offers& e) { return "offers " + std::to_string(e.batch.size()); }
    std::string operator()(const event::Rescinded& e) { return "rescinded " + e.offer_id; }
    std::string operator()(const event::InverseOffers&) { return "inverse offers"; }
    std::string operator()(const event::Update& e) { return "update " + e.status.task_id; }
    std::string operator()(const event::OperationUpdate&) { return "operation update"; }
    std::string operator()(const event::Failure&) { return "failure"; }
    std::string operator()(const event::Error& e) { return "error: " + e.message; }
    std::string operator()(const event::CallRejected& e) {
      return "rejected " + std::to_string(e.http_status) + ": " + e.body;
    }
  };
  return std::visit(Describe{}, happened);
}

using Lines = std::vector<std::string>;

// A client, and what its sink was told.
class Harness {
 public:
  static ClientConfig config(std::vector<std::string> masters) {
    ClientConfig config;
    config.masters = std::move(masters);
    config.framework.name = "zookeeper";
    config.framework.user = "nobody";
    config.framework.roles = {"zk"};
    config.backoff_min = milliseconds(2);
    config.backoff_max = milliseconds(20);
    config.random = [] { return 0.5; };
    return config;
  }
  explicit Harness(const FakeMaster& master) : Harness(config({master.address()})) {}
  explicit Harness(ClientConfig config)
      : client(std::move(config), [this](Event happened) {
          const std::lock_guard lock(mutex_);
          lines_.push_back(describe(happened));
          changed_.notify_all();
        }) {
    client.start();
  }

  Lines wait_for_events(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return lines_.size() >= count; }))
        << ::testing::PrintToString(lines_);
    return lines_;
  }
  // Waits until the status has `part` in it.
  std::string wait_for_status(const std::string& part) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::string status = client.status();
    while (status.find(part) == std::string::npos && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
      status = client.status();
    }
    EXPECT_NE(status.find(part), std::string::npos) << status;
    // How long is left depends on how busy the machine is.
    return std::regex_replace(status, std::regex("in [0-9]+ s$"), "in N s");
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Lines lines_;

 public:
  SchedulerClient client;  // last: its thread uses the above
};

// A master that subscribes everyone and takes every call.
inline bool good(Connection& connection, const Request& request) {
  if (!request.is_subscribe()) {
    connection.answer("202 Accepted");
    return true;
  }
  connection.open_stream();
  connection.event(kSubscribed);
  connection.event(kHeartbeat);
  connection.wait_for_close();
  return false;
}

inline Call kill(const std::string& task) { return call::Kill{task, "S1"}; }
inline std::string task(int number) { return std::string("task-").append(std::to_string(number)); }
inline std::string task_of(const Request& request) {
  return nlohmann::json::parse(request.body)["kill"]["task_id"]["value"].get<std::string>();
}

}  // namespace ostler::mesos
