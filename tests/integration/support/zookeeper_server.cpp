#include "support/zookeeper_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace ostler::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kServerJar = "/usr/share/java/zookeeper.jar";
constexpr const char* kLogJar = "/usr/share/java/slf4j-simple.jar";
// A Java start takes 0.2 to 0.9 s alone, and much longer beside a compiler.
constexpr auto kStartLimit = std::chrono::seconds(60);
constexpr auto kPoll = std::chrono::milliseconds(5);
constexpr const char* kServes = "Mode:";  // in the answer to "srvr"

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Distinct ones. The server cannot choose ports itself. Another process may take one of
// these before the server does; then the constructor tries others.
template <size_t kCount>
std::array<uint16_t, kCount> free_ports() {
  std::array<int, kCount> sockets;
  std::array<uint16_t, kCount> ports;
  bool found = true;
  for (size_t i = 0; i < kCount; ++i) {
    sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    found = found && bind(sockets[i], reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
            getsockname(sockets[i], reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ports[i] = ntohs(address.sin_port);
  }
  for (const int fd : sockets) close(fd);
  if (!found) throw std::runtime_error("no free port on the loopback");
  return ports;
}

// The answer to a four-letter word, or "".
std::string ask(uint16_t port, const std::string& word) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      send(fd, word.data(), word.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(word.size())) {
    char buffer[4096];
    pollfd readable = {fd, POLLIN, 0};
    while (poll(&readable, 1, 1000) == 1) {
      const ssize_t size = recv(fd, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      answer.append(buffer, static_cast<size_t>(size));
    }
  }
  close(fd);
  return answer;
}

}  // namespace

bool ZookeeperServer::is_installed() {
  return access(kServerJar, R_OK) == 0 && access(kLogJar, R_OK) == 0 &&
         system("java -version >/dev/null 2>&1") == 0;
}

ZookeeperServer::ZookeeperServer(int heap_mib, std::vector<std::string> properties)
    : heap_("-Xmx" + std::to_string(heap_mib) + "m"), properties_(std::move(properties)) {
  for (int tries = 0; tries < 3; ++tries) {
    choose_ports();
    write_config(true);
    spawn();
    if (wait_until_it_says(kServes)) return;
    kill();
  }
  throw std::runtime_error("the ZooKeeper server does not start:\n" + end_of_log());
}

ZookeeperServer::~ZookeeperServer() { kill(); }

std::string ZookeeperServer::address() const { return "127.0.0.1:" + std::to_string(port_); }

void ZookeeperServer::choose_ports() {
  const auto ports = free_ports<3>();
  port_ = ports[0];
  quorum_port_ = ports[1];
  election_port_ = ports[2];
}

void ZookeeperServer::write_config(bool has_quorum) {
  const std::string data = folder_ / "data";
  std::filesystem::create_directories(data);
  std::ofstream(data + "/myid") << "1\n";
  std::ofstream config(folder_ / "zoo.cfg");
  config << "tickTime=200\ninitLimit=10\nsyncLimit=5\n"
         << "dataDir=" << data << "\nadmin.enableServer=false\n4lw.commands.whitelist=*\n"
         << "maxClientCnxns=0\nminSessionTimeout=400\nmaxSessionTimeout=60000\nstandaloneEnabled=false\n"
         << "server.1=127.0.0.1:" << quorum_port_ << ":" << election_port_
         << ":participant;127.0.0.1:" << port_ << "\n";
  // Nobody listens on these ports, which only root could take.
  if (!has_quorum) config << "server.2=127.0.0.1:2:3;4\nserver.3=127.0.0.1:5:6;7\n";
}

void ZookeeperServer::spawn() {
  const std::string classpath = std::string(kServerJar) + ":" + kLogJar;
  const std::string config = folder_ / "zoo.cfg";
  const std::string log = folder_ / "server.log";
  std::vector<const char*> arguments = {"java",
                                        heap_.c_str(),
                                        "-XX:+UseSerialGC",
                                        "-XX:TieredStopAtLevel=1",
                                        "-Dzookeeper.forceSync=no",
                                        "-Dzookeeper.preAllocSize=1024",
                                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"};
  std::vector<std::string> properties;
  for (const std::string& property : properties_) properties.push_back("-D" + property);
  for (const std::string& property : properties) arguments.push_back(property.c_str());
  for (const char* argument :
       {"-cp", classpath.c_str(), "org.apache.zookeeper.server.quorum.QuorumPeerMain", config.c_str()})
    arguments.push_back(argument);
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before the line above
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (most_file_bytes_ > 0) {
    const rlimit most{most_file_bytes_, most_file_bytes_};
    setrlimit(RLIMIT_FSIZE, &most);
  }
  // The test may have set a mask, which a program started from it would keep.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp("java", const_cast<char* const*>(arguments.data()));
  _exit(127);
}

bool ZookeeperServer::wait_until_it_says(const std::string& text) {
  const auto until = Clock::now() + kStartLimit;
  while (Clock::now() < until) {
    if (ask(port_, "srvr").find(text) != std::string::npos) return true;
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    std::this_thread::sleep_for(kPoll);
  }
  return false;
}

void ZookeeperServer::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void ZookeeperServer::start() {
  if (pid_ > 0) return;
  write_config(true);
  spawn();
  if (!wait_until_it_says(kServes))
    throw std::runtime_error("the ZooKeeper server does not start again:\n" + end_of_log());
}

void ZookeeperServer::start_without_quorum() {
  kill();
  write_config(false);
  spawn();
  const auto is_readonly = std::find(properties_.begin(), properties_.end(), "readonlymode.enabled=true");
  if (!wait_until_it_says(is_readonly == properties_.end() ? "not currently serving" : "Mode: read-only"))
    throw std::runtime_error("the ZooKeeper server does not start without a quorum:\n" + end_of_log());
}

void ZookeeperServer::freeze() {
  ::kill(pid_, SIGSTOP);
  // Until then its other threads may still answer.
  siginfo_t stopped{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &stopped, WSTOPPED);
}

void ZookeeperServer::thaw() { ::kill(pid_, SIGCONT); }

std::string ZookeeperServer::end_of_log() const {
  std::stringstream text;
  text << std::ifstream(folder_ / "server.log").rdbuf();
  const std::string all = text.str();
  return all.size() > 2000 ? all.substr(all.size() - 2000) : all;
}

}  // namespace ostler::test
