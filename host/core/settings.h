// What the core is told once: names, sizes and times. No environment, no file.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace ostler::core {

struct Settings {
  // Names that tasks see (java-sdk-spec-api-state.md, 4).
  std::string service_tld = "autoip.dcos.thisdcos.directory";
  std::string vip_tld = "l4lb.thisdcos.directory";
  std::string api_hostname;  // SCHEDULER_API_HOSTNAME
  uint16_t api_port = 0;     // SCHEDULER_API_PORT
  std::string dcos_space;    // executor label DCOS_SPACE
  // Variables every task gets besides its own, lowest precedence ("OSTLER_HOSTS_FILE").
  std::map<std::string, std::string> extra_task_env;

  // What validators ask (validators.h).
  uint64_t max_config_bytes = 0;     // the state plugin's limit for one record; 0: none

  // What a paused task runs, and the helper it may need, fetched where the pod does not.
  std::string bootstrap_uri;
  std::string pause_command = "echo This task is PAUSED, sleeping ... && while true; do sleep 3600; done";

  // SDK_UNINSTALL; and after how long what an agent that is away holds is given up (0: never).
  bool uninstall = false;
  int64_t uninstall_timeout_ms = 0;

  // Offers of other regions come too (REGION_AWARE), so a pod whose rule names no region
  // is kept in the service's, or in the master's.
  bool is_region_aware = false;

  // Resources of every default executor.
  int64_t executor_cpus_milli = 100;
  int64_t executor_mem_mb = 32;
  int64_t executor_disk_mb = 256;

  // Offers.
  double refuse_long_s = 3600;        // nothing wants it; a revive takes it back
  double refuse_short_s = 5;          // not ready yet
  double refuse_accepted_s = 1;       // the unused rest of an accepted offer
  int64_t revive_interval_ms = 5000;  // at least this between two revives
  int64_t revive_burst = 256;         // token bucket, one more each 256 s
  bool never_suppress = false;        // DISABLE_SUPPRESS

  // Looking for leftovers while idle (sweeper.h): 1, 2, 4 ... minutes after the cause, at last
  // hourly; where something is known to be left, or an agent away, as often as revives allow.
  int64_t sweep_period_ms = 3600000;
  int64_t sweep_known_ms = 420000;
  int64_t sweep_soon_ms = 60000;
  int64_t sweep_window_ms = 10000;

  // Reconciliation: rounds after 8, 16, 30, 30 ... seconds.
  int64_t reconcile_first_ms = 8000;
  int64_t reconcile_max_ms = 30000;
  int64_t launch_silence_ms = 60000;  // a launch that nothing is heard of is asked for
  // What became of an agent that a step waits for (agent_inquiry.h): after 2, 4, 8, 15, 15 ...
  // minutes.
  int64_t inquiry_first_ms = 120000;
  int64_t inquiry_max_ms = 900000;
  int64_t implicit_delay_ms = 0;
  int64_t implicit_period_ms = 3600000;

  // A plugin is asked before running tasks are taken down, again after each refusal.
  bool has_advisor = false;
  int64_t advice_retry_ms = 1000;

  // A kill is repeated until the task is seen dead.
  int64_t kill_retry_ms = 5000;

  // Back-off of a task that keeps failing. The first relaunch is immediate unless
  // `backoff_always`: then it waits `backoff_initial_ms` too (ENABLE_BACKOFF).
  bool backoff_always = false;
  int64_t backoff_initial_ms = 1000;
  double backoff_factor = 2.0;
  int64_t backoff_max_ms = 300000;
  int64_t backoff_reset_ms = 600000;  // ready for this long: the count starts again
};

}  // namespace ostler::core
