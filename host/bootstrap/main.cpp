// bootstrap: what a task runs before its own command.
//
// Waits until the task's name is known in the cluster, renders its config files
// and exits. It runs in a bare sandbox, so it is one small file that needs only
// the C library. Everything but -get-task-ip goes to standard error.
#include <algorithm>
#include <cstdio>

#include "bootstrap/certs.h"
#include "bootstrap/options.h"
#include "bootstrap/resolve.h"
#include "bootstrap/templates.h"
#include "bootstrap/zookeeper.h"

namespace ostler::bootstrap {
namespace {

void log(const std::string& message) { std::fprintf(stderr, "bootstrap: %s\n", message.c_str()); }

int fail(const Error& error) {
  log("FATAL: " + error.text());
  return 1;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    std::string word = list.substr(begin, end - begin);
    word.erase(0, word.find_first_not_of(' '));
    word.erase(word.find_last_not_of(' ') + 1);
    if (!word.empty()) words.push_back(std::move(word));
    begin = end + 1;
  }
  return words;
}

int check_zookeeper(const Options& options, const Environment& env) {
  const auto answer = ask_zookeeper(options.zk_ready, "srvr", env, options.zk_timeout);
  const auto mode = answer ? zookeeper_mode(*answer) : Result<std::string>(answer.error());
  if (!mode) {
    log("not ready: " + mode.error().message);
    return 1;
  }
  std::printf("%s\n", mode->c_str());
  return 0;
}

// The default host is the task itself; -self-resolve waits for its own address too.
Result<void> wait_for_names(const Options& options, const Environment& env, const std::string& ip) {
  Wait wait;
  wait.timeout = options.resolve_timeout;
  if (options.verbose) wait.log = log;
  std::vector<std::string> hosts = split(options.resolve_hosts);
  std::string self;
  if (hosts.empty() || options.self_resolve) {
    auto name = own_name(env);
    if (!name) return name.error();
    self = std::move(*name);
  }
  if (hosts.empty()) hosts.push_back(self);
  log("waiting for host names");
  if (auto done = wait_for_hosts(hosts, env, wait); !done || !options.self_resolve) return done;
  return wait_for_self(self, ip, env, wait);
}

int run(const std::vector<std::string>& arguments) {
  const auto options = parse_options(arguments);
  if (!options) {
    log(options.error().text());
    return 2;
  }
  if (options->help) {
    std::fputs(usage().c_str(), stdout);
    return 0;
  }
  Environment env = own_environment();
  if (!options->zk_ready.empty()) return check_zookeeper(*options, env);
  if (!options->zk_metrics.empty()) {
    report_metrics(options->zk_metrics, env, options->zk_metrics_interval, options->zk_timeout);
  }

  const auto ip = container_ip(env);
  if (!ip) return fail(ip.error());
  env["MESOS_CONTAINER_IP"] = env["LIBPROCESS_IP"] = *ip;
  if (options->get_task_ip) {
    std::fputs(ip->c_str(), stdout);
    return 0;
  }
  if (options->print_env) std::fputs(printable(env).c_str(), stderr);
  if (options->resolve) {
    if (const auto done = wait_for_names(*options, env, *ip); !done) return fail(done.error());
  }
  if (options->render_templates) {
    const auto errors = render_templates(env, options->template_max_bytes);
    for (const Error& error : errors) fail(error);
    if (!errors.empty()) return 1;
  }
  if (options->install_certs) {
    const auto done = install_certs(env);
    log(done ? *done : done.error().message);
  }
  log("SDK Bootstrap successful.");
  return 0;
}

}  // namespace
}  // namespace ostler::bootstrap

int main(int argc, char** argv) { return ostler::bootstrap::run({argv + 1, argv + argc}); }
