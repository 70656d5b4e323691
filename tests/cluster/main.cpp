// ostler-cluster: parses the options, builds the pieces, waits for the end.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cluster/http/api.h"
#include "cluster/http/control.h"
#include "cluster/options.h"

namespace {

using namespace ostler;
using namespace ostler::cluster;

constexpr int kUsage = 64;        // EX_USAGE
constexpr int kUnavailable = 69;  // EX_UNAVAILABLE

int fail(int code, const Error& error) {
  std::fprintf(stderr, "ostler-cluster: %s\n", error.text().c_str());
  return code;
}

// The folder for sandboxes; a temporary one goes with the object.
struct WorkDir {
  std::filesystem::path path;
  bool is_temporary = false;

  WorkDir() = default;
  WorkDir(const WorkDir&) = delete;
  WorkDir& operator=(const WorkDir&) = delete;
  ~WorkDir() { remove(); }

  Result<void> make(const std::string& wanted) {
    std::error_code failed;
    if (wanted.empty()) {
      std::string name = (std::filesystem::temp_directory_path(failed) / "ostler-cluster-XXXXXX").string();
      if (::mkdtemp(name.data()) == nullptr)
        return Error{Code::kUnavailable, "cannot create a folder " + name, {}};
      is_temporary = true;
      path = name;
      return {};
    }
    path = std::filesystem::absolute(wanted, failed);
    std::filesystem::create_directories(path, failed);
    if (failed) {
      return Error{Code::kUnavailable, "cannot create '" + path.string() + "': " + failed.message(),
                   "--work-dir"};
    }
    return {};
  }
  void remove() {
    std::error_code ignored;
    if (is_temporary) std::filesystem::remove_all(path, ignored);
  }
};

void wait_for_end(const sigset_t& signals, const Control& control) {
  const timespec poll{0, 50'000'000};  // /control/shutdown is noticed this fast.
  while (!control.wants_shutdown()) {
    if (::sigtimedwait(&signals, nullptr, &poll) > 0) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  auto options = parse_options(argc, argv);
  if (!options) return fail(kUsage, options.error());
  if (!options->print.empty()) {
    std::fputs(options->print.c_str(), stdout);
    return 0;
  }
  if (!options->log_file.empty()) {
    const int log = ::open(options->log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0)
      return fail(kUnavailable,
                  {Code::kUnavailable, "cannot open '" + options->log_file + "'", "--log-file"});
    ::dup2(log, STDERR_FILENO);
  }
  // The helper that runs tasks is forked while there is only one thread.
  std::unique_ptr<ProcessHost> processes;
  if (!options->cluster.simulate) {
    auto started = ProcessHost::start();
    if (!started) return fail(kUnavailable, started.error());
    processes = std::move(*started);
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  WorkDir work_dir;
  if (const auto made = work_dir.make(options->work_dir); !made) return fail(kUnavailable, made.error());
  auto& settings = options->cluster;
  settings.runner.root = (work_dir.path / "agents").string();
  settings.runner.hosts_file = options->hosts_file.empty()
                                   ? (work_dir.path / "hosts").string()
                                   : std::filesystem::absolute(options->hosts_file).string();
  auto agents = make_agents(*options, work_dir.path.string());
  if (!agents) return fail(kUsage, agents.error());
  settings.agents = std::move(*agents);

  Cluster cluster(settings, std::move(processes));
  Control control(cluster);
  Api api(cluster, control);
  const auto handler = [&](const HttpRequest& request) {
    return request.path.starts_with("/control/") ? control.handle(request) : api.handle(request);
  };
  auto server = HttpServer::listen(options->port, handler);
  if (!server) return fail(kUnavailable, server.error());
  const int port = (*server)->port();
  cluster.set_port(port);
  const auto master = "127.0.0.1:" + std::to_string(port);
  nlohmann::json ready{{"master", master},
                       {"control", "http://" + master + "/control"},
                       {"work_dir", work_dir.path.string()},
                       {"hosts_file", settings.runner.hosts_file},
                       {"pid", ::getpid()}};
  Result<std::unique_ptr<HttpServer>> follower = std::unique_ptr<HttpServer>();
  if (options->follower_port) {
    follower = HttpServer::listen(*options->follower_port, [&](const HttpRequest& request) {
      auto answer = HttpAnswer{};
      if (request.path == "/health") return answer;
      answer.status = 307;
      answer.headers.emplace_back("Location", "//" + master + request.path);
      return answer;
    });
    if (!follower) return fail(kUnavailable, follower.error());
    ready["follower"] = "127.0.0.1:" + std::to_string((*follower)->port());
  }
  std::printf("%s\n", ready.dump().c_str());
  std::fflush(stdout);
  log::info("cluster is up", {{"master", master}, {"agents", std::to_string(settings.agents.size())}});

  wait_for_end(signals, control);
  log::info("ending");
  cluster.stop();
  work_dir.remove();
  // Idle connections would hold up an orderly end of the servers; nothing is lost by it.
  ::_exit(0);
}
