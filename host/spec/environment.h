// The scheduler's own environment: every variable that means something, in one
// table with its type, default and meaning (environment.cpp).
//
// Names are the SDK's. What only DC/OS supplies has a default, so that the
// scheduler starts on plain Mesos with no variable set at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spec/names.h"
#include "spec/problem.h"
#include "spec/service_spec.h"

namespace ostler::spec {

struct SchedulerEnvironment {
  // Where it is reached, and what it reaches.
  uint16_t port_api = 8080;                   // 0: any free port
  std::string api_host;                       // what tasks use; empty: scheduler_api_hostname()
  std::string master = "leader.mesos:5050";   // "host:port,host:port", in order of trial
  std::string libprocess_ip;                  // empty: the address of the route to the master
  std::string mesos_principal, mesos_secret;  // basic authentication, where both are given
  std::string mesos_api_version = "V1";
  int64_t api_server_timeout_s = 600;
  std::string service_tld = "autoip.dcos.thisdcos.directory";
  std::string vip_tld = "l4lb.thisdcos.directory";
  std::string marathon_name = "marathon";

  // Where an embedded store lies: a folder per service below it.
  std::string state_dir = "/var/lib/ostler";

  std::string log_level = "info";  // debug, info, warning or error

  // What is printed at the start.
  std::string package_name = "ostler", package_version, package_build_time;
  int64_t package_build_time_epoch_ms = 0;

  // Behaviour.
  bool uninstall = false;           // SDK_UNINSTALL is present, whatever its value
  int64_t uninstall_timeout_s = 0;  // 0: never
  bool disable_state_cache = false, disable_deadlock_exit = false, disable_suppress = false;
  bool use_legacy_kill_unneeded_tasks = false;
  int64_t implicit_reconciliation_delay_ms = 0, implicit_reconciliation_period_ms = 3'600'000;
  std::string region;
  bool allow_region_awareness = true;
  bool enable_role_migration = false;
  bool enforce_group_role = false;
  std::string allocation_role;
  std::string secrets_space;  // DCOS_SPACE, else MARATHON_APP_ID, else "/"
  bool has_service_account = false;
  int64_t auth_token_refresh_threshold_s = 30;
  bool enable_backoff = false;
  double backoff_factor = 1.15;
  int64_t backoff_initial_s = 60, backoff_max_s = 300;
  bool replace_failed_pods = false;
  int64_t permanent_failure_timeout_s = 1200, min_replace_delay_s = 10;

  // Tasks and executors.
  int64_t executor_cpus_milli = 100, executor_mem_mb = 32, executor_disk_mb = 256;
  std::string bootstrap_uri, libmesos_uri, java_uri, java_home;
  std::string pause_command;

  // Metrics.
  std::string statsd_host;  // empty: no statsd
  uint16_t statsd_port = 8125;
  int64_t statsd_poll_interval_s = 10;
};

struct EnvironmentResult {
  SchedulerEnvironment values;    // defaults where a variable is wrong
  std::vector<Problem> problems;  // one for each; `key` is the variable's name
  std::vector<Problem> warnings;  // read, but not carried out
};
EnvironmentResult read_environment(const Environment& env);

// The problems alone.
std::vector<Problem> check_env(const Environment& env);

// Puts into a spec what comes from the environment only: region, replacement policy.
void apply_environment(const Environment& env, ServiceSpec& spec);

// The host that tasks use to reach the API.
std::string api_host(const SchedulerEnvironment& env, std::string_view service);

// The table's columns for people, for the reference page.
struct VariableText {
  std::string_view name;
  std::string_view expected;  // completes "expected ..."
  std::string_view fallback;
  std::string_view about;
  bool is_secret = false;  // its value is never shown
};
std::vector<VariableText> environment_variables();

}  // namespace ostler::spec
