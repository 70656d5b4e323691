// The table, and the readers of its few types.
#include "spec/environment.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace ostler::spec {
namespace {

using Read = bool (*)(std::string_view value, SchedulerEnvironment& into);

struct Variable {
  VariableText text;
  Read read;
};

template <class Owner, class Member>
Member member_type(Member Owner::*);

template <auto kMember>
bool text(std::string_view value, SchedulerEnvironment& into) {
  into.*kMember = std::string(value);
  return true;
}

template <auto kMember, int64_t kLeast, int64_t kMost = std::numeric_limits<int32_t>::max()>
bool whole(std::string_view value, SchedulerEnvironment& into) {
  if (value.empty()) return true;  // as if it were not set
  int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < kLeast || number > kMost)
    return false;
  into.*kMember = static_cast<decltype(member_type(kMember))>(number);
  return true;
}

bool decimal(std::string_view value, double least, double most, double& into) {
  if (value.empty()) return true;
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || !(number >= least && number <= most))
    return false;
  into = number;
  return true;
}

// The first character decides, as in the SDK; blank is false.
template <auto kMember>
bool flag(std::string_view value, SchedulerEnvironment& into) {
  const size_t first = value.find_first_not_of(" \t");
  const char c = first == std::string_view::npos ? 'f' : value[first];
  if (std::string_view("tTyY").find(c) != std::string_view::npos) {
    into.*kMember = true;
  } else if (std::string_view("fFnN").find(c) != std::string_view::npos) {
    into.*kMember = false;
  } else {
    return false;
  }
  return true;
}

// The names of Java's loggers, in any case, as packages for the SDK have them.
bool log_level(std::string_view value, SchedulerEnvironment& into) {
  std::string upper;
  for (const char c : value) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), upper) != names.end();
  };
  if (is_one_of({"OFF", "FATAL", "ERROR"})) {
    into.log_level = "error";
  } else if (is_one_of({"WARN", "WARNING"})) {
    into.log_level = "warning";
  } else if (is_one_of({"DEBUG", "TRACE", "ALL"})) {
    into.log_level = "debug";
  } else {
    return is_one_of({"INFO", ""});
  }
  return true;
}

template <auto kMember>
bool present(std::string_view, SchedulerEnvironment& into) {
  into.*kMember = true;
  return true;
}

using S = SchedulerEnvironment;
#define PORT "a port number of 0 to 65535"
#define FLAG "true or false"
#define COUNT "a whole number of 0 or more"
#define PRESENT "anything: being set is what counts"

constexpr Variable kVariables[] = {
    // Where it is reached, and what it reaches.
    {{"PORT_API", PORT, "8080", "The HTTP API's port; 0 takes a free one."}, whole<&S::port_api, 0, 65535>},
    {{"OSTLER_API_HOST", "a host name or address", "<service>.<MARATHON_NAME>.<SERVICE_TLD>",
      "How tasks reach the API."},
     text<&S::api_host>},
    {{"OSTLER_MASTER", "host:port,host:port", "leader.mesos:5050", "The Mesos masters."}, text<&S::master>},
    {{"OSTLER_PRINCIPAL", "a name", "no authentication", "Whom the Mesos masters know the scheduler as."},
     text<&S::mesos_principal>},
    {{"OSTLER_SECRET", "a text", "no authentication", "The principal's secret.", true},
     text<&S::mesos_secret>},
    {{"LIBPROCESS_IP", "an IP address", "the one that routes to the master", "The scheduler's address."},
     text<&S::libprocess_ip>},
    {{"MESOS_API_VERSION", "V0 or V1", "V1",
      "Only the HTTP API (V1) is spoken; V0 is accepted and means V1."},
     [](std::string_view value, S& into) {
       into.mesos_api_version = "V1";
       return value == "V1" || value == "V0" || value.empty();
     }},
    {{"API_SERVER_TIMEOUT_S", "a whole number of seconds of 1 or more", "600",
      "How long the API may take to start."},
     whole<&S::api_server_timeout_s, 1>},
    {{"SERVICE_TLD", "a DNS suffix", "autoip.dcos.thisdcos.directory",
      "What follows the service in tasks' names."},
     text<&S::service_tld>},
    {{"VIP_TLD", "a DNS suffix", "l4lb.thisdcos.directory", "What follows the service in VIPs' names."},
     text<&S::vip_tld>},
    {{"MARATHON_NAME", "a name", "marathon", "The Marathon that runs the scheduler."},
     text<&S::marathon_name>},

    {{"OSTLER_STATE_DIR", "a folder", "/var/lib/ostler", "Where an embedded store keeps the state."},
     [](std::string_view value, S& into) {
       if (!value.empty()) into.state_dir = std::string(value);
       return true;
     }},

    {{"OSTLER_LOG_LEVEL", "OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE or ALL", "INFO",
      "How much is logged, unless --log-level says it. OFF and FATAL mean ERROR; TRACE and ALL mean DEBUG."},
     log_level},

    // What is printed at the start.
    {{"PACKAGE_NAME", "a text", "ostler", "The package's name."}, text<&S::package_name>},
    {{"PACKAGE_VERSION", "a text", "none", "The package's version."}, text<&S::package_version>},
    {{"PACKAGE_BUILD_TIME_EPOCH_MS", COUNT, "0", "When the package was built."},
     whole<&S::package_build_time_epoch_ms, 0, std::numeric_limits<int64_t>::max()>},
    {{"PACKAGE_BUILD_TIME_STR", "a text", "none", "The same for people."}, text<&S::package_build_time>},

    // Behaviour.
    {{"SDK_UNINSTALL", PRESENT, "not set", "Uninstalls the service instead of running it."},
     present<&S::uninstall>},
    {{"OSTLER_UNINSTALL_TIMEOUT_S", COUNT, "0",
      "After so many seconds an uninstall gives up what agents that are away hold; 0: never."},
     whole<&S::uninstall_timeout_s, 0>},
    {{"DISABLE_STATE_CACHE", PRESENT, "not set", "Reads state from the store each time."},
     present<&S::disable_state_cache>},
    {{"DISABLE_DEADLOCK_EXIT", PRESENT, "not set", "Keeps the process when the core hangs."},
     present<&S::disable_deadlock_exit>},
    {{"DISABLE_SUPPRESS", PRESENT, "not set", "Never suppresses offers."}, present<&S::disable_suppress>},
    {{"USE_LEGACY_KILL_UNNEEDED_TASKS", PRESENT, "not set",
      "Kills tasks that have no configuration at the start."},
     present<&S::use_legacy_kill_unneeded_tasks>},
    {{"IMPLICIT_RECONCILIATION_DELAY_MS", COUNT, "0", "From the start to the first implicit reconciliation."},
     whole<&S::implicit_reconciliation_delay_ms, 0>},
    {{"IMPLICIT_RECONCILIATION_PERIOD_MS", "a whole number of milliseconds of 1000 or more", "3600000",
      "From one implicit reconciliation to the next."},
     whole<&S::implicit_reconciliation_period_ms, 1000>},
    {{"SERVICE_REGION", "a region's name", "none", "Where all pods must run."}, text<&S::region>},
    {{"ALLOW_REGION_AWARENESS", FLAG, "true",
      "Whether offers of other regions are asked for where a rule or SERVICE_REGION names one."},
     flag<&S::allow_region_awareness>},
    {{"ENABLE_ROLE_MIGRATION", FLAG, "false", "Subscribes with the old and the new role."},
     flag<&S::enable_role_migration>},
    {{"MARATHON_APP_ENFORCE_GROUP_ROLE", FLAG, "false", "The role is MESOS_ALLOCATION_ROLE, always."},
     flag<&S::enforce_group_role>},
    {{"MESOS_ALLOCATION_ROLE", "a role", "<service>-role", "The role, unless it is slave_public."},
     text<&S::allocation_role>},
    {{"DCOS_SPACE", "a path", "MARATHON_APP_ID, else /", "Which secrets the service may read."},
     text<&S::secrets_space>},
    {{"DCOS_SERVICE_ACCOUNT_CREDENTIAL", "JSON text, or the path of a JSON file", "not set",
      "The service account. Ostler does not log in to DC/OS: it says so, and sends OSTLER_SECRET if "
      "set.",
      true},
     present<&S::has_service_account>},
    {{"AUTH_TOKEN_REFRESH_THRESHOLD_S", COUNT, "30", "A token is renewed so long before it ends."},
     whole<&S::auth_token_refresh_threshold_s, 0>},
    {{"ENABLE_BACKOFF", FLAG, "false", "Waits longer and longer before a failing task is launched again."},
     flag<&S::enable_backoff>},
    {{"FRAMEWORK_BACKOFF_FACTOR", "a number of 1 or more", "1.15", "By which the wait grows."},
     [](std::string_view value, S& into) { return decimal(value, 1, 1000, into.backoff_factor); }},
    {{"FRAMEWORK_INITIAL_BACKOFF", COUNT, "60", "The first wait, in seconds."},
     whole<&S::backoff_initial_s, 0>},
    {{"FRAMEWORK_MAX_LAUNCH_DELAY", COUNT, "300", "The longest wait, in seconds."},
     whole<&S::backoff_max_s, 0>},
    {{"POD_REPLACEMENT_FAILURE_POLICY_ENABLED", FLAG, "false", "Replaces pods that stay failed."},
     flag<&S::replace_failed_pods>},
    {{"ENABLE_AUTOMATIC_POD_REPLACEMENT", FLAG, "false", "The same, by the name that other packages use."},
     [](std::string_view value, S& into) {
       S own;
       if (!flag<&S::replace_failed_pods>(value, own)) return false;
       into.replace_failed_pods = into.replace_failed_pods || own.replace_failed_pods;
       return true;
     }},
    {{"PERMANENT_FAILURE_TIMEOUT_SECS", COUNT, "1200",
      "So long a task must be lost, counted from the start of the scheduler, until its pod is replaced."},
     whole<&S::permanent_failure_timeout_s, 0>},
    {{"MIN_REPLACE_DELAY_SECS", COUNT, "10", "At least so long from one such replacement to the next."},
     whole<&S::min_replace_delay_s, 0>},

    // Tasks and executors.
    {{"EXECUTOR_CPUS", "a number greater than 0", "0.1", "cpus of each pod's executor."},
     [](std::string_view value, S& into) {
       double cpus = static_cast<double>(into.executor_cpus_milli) / 1000;
       if (!decimal(value, 0.001, 1000, cpus)) return false;
       into.executor_cpus_milli = std::llround(cpus * 1000);
       return true;
     }},
    {{"EXECUTOR_MEM_MB", "a whole number greater than 0", "32", "Memory of each pod's executor."},
     whole<&S::executor_mem_mb, 1>},
    {{"EXECUTOR_DISK_MB", "a whole number greater than 0", "256", "Disk of each pod's executor."},
     whole<&S::executor_disk_mb, 1>},
    {{"BOOTSTRAP_URI", "a URI", "none", "Where tasks fetch `bootstrap` from."}, text<&S::bootstrap_uri>},
    {{"LIBMESOS_URI", "a URI", "none", "For templates that fetch it; not needed by the scheduler."},
     text<&S::libmesos_uri>},
    {{"JAVA_URI", "a URI", "none", "A Java runtime for tasks that need one."}, text<&S::java_uri>},
    {{"JAVA_HOME", "a folder", "none", "For templates that use it."}, text<&S::java_home>},
    {{"PAUSE_OVERRIDE_CMD", "a command", "waits for ever", "What a paused task runs."},
     text<&S::pause_command>},

    // Metrics.
    {{"STATSD_UDP_HOST", "a host name or address", "no statsd",
      "Where metrics are pushed to, by the plugin metrics-statsd."},
     text<&S::statsd_host>},
    {{"STATSD_UDP_PORT", "a port number of 1 to 65535", "8125", "Its port."},
     whole<&S::statsd_port, 1, 65535>},
    {{"STATSD_POLL_INTERVAL_S", "a whole number of seconds, 1 to 86400", "10", "How often."},
     whole<&S::statsd_poll_interval_s, 1, 86400>},
};
#undef PORT
#undef FLAG
#undef COUNT
#undef PRESENT

// A task's shell line while it is paused: it stays reachable for debugging.
constexpr const char* kPauseCommand =
    "echo This task is PAUSED, sleeping ... && ./bootstrap --resolve=false && while true; do sleep 3600; "
    "done";

}  // namespace

EnvironmentResult read_environment(const Environment& env) {
  EnvironmentResult result;
  result.values.pause_command = kPauseCommand;
  for (const Variable& variable : kVariables) {
    const auto found = env.find(std::string(variable.text.name));
    if (found == env.end() || variable.read(found->second, result.values)) continue;
    result.problems.push_back(
        {{},
         0,
         0,
         std::string(variable.text.name),
         variable.text.is_secret ? "a value that is not shown" : in_quotes(found->second),
         std::string(variable.text.expected),
         "default: " + std::string(variable.text.fallback)});
  }
  SchedulerEnvironment& values = result.values;
  if (values.enforce_group_role && values.allocation_role.empty()) {
    result.problems.push_back({{},
                               0,
                               0,
                               "MESOS_ALLOCATION_ROLE",
                               "nothing",
                               "a role",
                               "MARATHON_APP_ENFORCE_GROUP_ROLE demands one"});
  }
  if (values.has_service_account) {
    result.warnings.push_back(
        {{},
         0,
         0,
         "DCOS_SERVICE_ACCOUNT_CREDENTIAL",
         "a service account",
         "none, since Ostler does not log in to DC/OS",
         "masters that demand a login refuse the scheduler; those that demand a principal "
         "and secret take OSTLER_PRINCIPAL and OSTLER_SECRET"});
  }
  if (values.secrets_space.empty()) {
    const auto app = env.find("MARATHON_APP_ID");
    values.secrets_space = app == env.end() || app->second.empty() ? "/" : app->second;
  }
  return result;
}

std::vector<Problem> check_env(const Environment& env) { return read_environment(env).problems; }

void apply_environment(const Environment& env, ServiceSpec& spec) {
  const SchedulerEnvironment values = read_environment(env).values;
  spec.region = values.region;
  if (values.replace_failed_pods) {
    spec.replacement_policy =
        ReplacementPolicy{values.permanent_failure_timeout_s, values.min_replace_delay_s};
  }
}

std::string api_host(const SchedulerEnvironment& env, std::string_view service) {
  if (!env.api_host.empty()) return env.api_host;
  return scheduler_api_hostname(service, env.marathon_name, env.service_tld);
}

std::vector<VariableText> environment_variables() {
  std::vector<VariableText> texts;
  for (const Variable& variable : kVariables) texts.push_back(variable.text);
  return texts;
}

}  // namespace ostler::spec
