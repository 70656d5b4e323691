#include "support/zookeeper_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

ZookeeperServer::ZookeeperServer(int heap_mib) : heap_("-Xmx" + std::to_string(heap_mib) + "m") {
  for (int tries = 0; tries < 3; ++tries) {
    write_config();
    spawn();
    if (wait_until_it_serves()) return;
    kill();
  }
  throw std::runtime_error("the ZooKeeper server does not start:\n" + end_of_log());
}

ZookeeperServer::~ZookeeperServer() { kill(); }

std::string ZookeeperServer::address() const { return "127.0.0.1:" + std::to_string(port_); }

void ZookeeperServer::write_config() {
  const auto [client, quorum, election] = free_ports<3>();
  port_ = client;
  const std::string data = folder_ / "data";
  std::filesystem::create_directories(data);
  std::ofstream(data + "/myid") << "1\n";
  std::ofstream(folder_ / "zoo.cfg")
      << "tickTime=200\ninitLimit=10\nsyncLimit=5\n"
      << "dataDir=" << data << "\nadmin.enableServer=false\n4lw.commands.whitelist=*\n"
      << "maxClientCnxns=0\nminSessionTimeout=400\nmaxSessionTimeout=60000\nstandaloneEnabled=false\n"
      << "server.1=127.0.0.1:" << quorum << ":" << election << ":participant;127.0.0.1:" << client << "\n";
}

void ZookeeperServer::spawn() {
  const std::string classpath = std::string(kServerJar) + ":" + kLogJar;
  const std::string config = folder_ / "zoo.cfg";
  const std::string log = folder_ / "server.log";
  const std::vector<const char*> arguments = {"java",
                                              heap_.c_str(),
                                              "-XX:+UseSerialGC",
                                              "-XX:TieredStopAtLevel=1",
                                              "-Dzookeeper.forceSync=no",
                                              "-Dzookeeper.preAllocSize=1024",
                                              "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                                              "-cp",
                                              classpath.c_str(),
                                              "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                                              config.c_str(),
                                              nullptr};
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before the line above
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  // The test may have set a mask, which a program started from it would keep.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp("java", const_cast<char* const*>(arguments.data()));
  _exit(127);
}

bool ZookeeperServer::wait_until_it_serves() {
  const auto until = Clock::now() + kStartLimit;
  while (Clock::now() < until) {
    if (ask(port_, "srvr").find("Mode:") != std::string::npos) return true;
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
  spawn();
  if (!wait_until_it_serves())
    throw std::runtime_error("the ZooKeeper server does not start again:\n" + end_of_log());
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
