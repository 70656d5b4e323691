// The program itself, run as a task runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

namespace fs = std::filesystem;

namespace ostler::bootstrap {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Ended {
  int code = -1;
  std::string output;  // of both streams
};

class Process : public ::testing::Test {
 protected:
  void SetUp() override {
    sandbox_ = fs::temp_directory_path() / ("ostler-bootstrap-" + std::to_string(getpid()));
    fs::create_directories(sandbox_ / "config-templates");
    hosts_ = (sandbox_ / "hosts").string();
    std::ofstream(sandbox_ / "config-templates" / "zoo.cfg") << "address={{MESOS_CONTAINER_IP}}\n";
  }
  void TearDown() override { fs::remove_all(sandbox_); }

  // Runs with an environment of these variables alone, and calls `on_line` with
  // each line of output as it comes.
  Ended run(
      const std::string& variables, const std::string& arguments,
      const std::function<void(const std::string&)>& on_line = [](const std::string&) {}) {
    const std::string command = "cd '" + sandbox_.string() + "' && exec env -i " + variables +
                                " " OSTLER_BUILD_DIR "/share/ostler/bootstrap " + arguments + " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    Ended ended;
    char line[4096];
    while (fgets(line, sizeof line, pipe)) {
      ended.output += line;
      on_line(line);
    }
    const int status = pclose(pipe);
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return ended;
  }

  std::string task() const {
    return "MESOS_SANDBOX='" + sandbox_.string() +
           "' MESOS_CONTAINER_IP=127.0.0.11 TASK_NAME=zk-0-server "
           "FRAMEWORK_HOST=zk.tld OSTLER_HOSTS_FILE='" +
           hosts_ + "' CONFIG_TEMPLATE_ZOO=config-templates/zoo.cfg,zoo.cfg";
  }
  std::string rendered() const {
    std::ostringstream text;
    text << std::ifstream(sandbox_ / "zoo.cfg").rdbuf();
    return text.str();
  }

  fs::path sandbox_;
  std::string hosts_;
};

TEST_F(Process, PreparesATask) {
  std::ofstream(hosts_) << "127.0.0.11 zk-0-server.zk.tld\n";
  const Ended ended = run(task() + " MY_TOKEN=abc123", "-verbose");
  EXPECT_EQ(ended.code, 0) << ended.output;
  EXPECT_THAT(ended.output, HasSubstr("TASK_NAME=zk-0-server\n"));
  EXPECT_THAT(ended.output, HasSubstr("LIBPROCESS_IP=127.0.0.11\n"));
  EXPECT_THAT(ended.output, HasSubstr("MY_TOKEN=********\n"));
  EXPECT_THAT(ended.output, Not(HasSubstr("abc123")));
  EXPECT_THAT(ended.output, HasSubstr("bootstrap: 'zk-0-server.zk.tld' resolves to 127.0.0.11\n"));
  EXPECT_TRUE(ended.output.ends_with("bootstrap: SDK Bootstrap successful.\n")) << ended.output;
  EXPECT_EQ(rendered(), "address=127.0.0.11\n");
}

TEST_F(Process, PrintsTheTasksAddressAndNothingElse) {
  const Ended ended = run("MESOS_CONTAINER_IP=10.1.2.3", "--get-task-ip");
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.output, "10.1.2.3");
}

TEST_F(Process, WaitsWithoutLimitWhenTheTimeoutIsZero) {
  const Ended ended = run(task(), "-resolve-timeout 0 -print-env=false", [this](const std::string& line) {
    if (line.find("waiting for host names") != std::string::npos)
      std::ofstream(hosts_) << "127.0.0.11 zk-0-server.zk.tld\n";
  });
  EXPECT_EQ(ended.code, 0) << ended.output;
}

TEST_F(Process, FailsWhenItsNameDoesNotComeInTime) {
  const Ended ended = run(task(), "-resolve-timeout=10ms -print-env=false");
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.output,
              HasSubstr("bootstrap: FATAL: resolve: waited 0 s for an address of zk-0-server.zk.tld, "
                        "expected the cluster's DNS to know the name\n"));
  EXPECT_FALSE(fs::exists(sandbox_ / "zoo.cfg"));
}

TEST_F(Process, WaitsOnlyForWhatItIsTold) {
  std::ofstream(hosts_) << "127.0.0.12 other\n";
  EXPECT_EQ(run(task(), "-resolve-hosts=other -self-resolve=false -template=false").code, 0);
  EXPECT_EQ(run(task(), "-resolve=false").code, 0);
  EXPECT_EQ(rendered(), "address=127.0.0.11\n");
}

TEST_F(Process, SaysWhatIsMissing) {
  const Ended no_address = run("A=b", "");
  EXPECT_EQ(no_address.code, 1);
  EXPECT_EQ(no_address.output,
            "bootstrap: FATAL: MESOS_CONTAINER_IP, LIBPROCESS_IP: found nothing, expected the "
            "task's IPv4 address in one of the two\n");
  EXPECT_THAT(run("LIBPROCESS_IP=127.0.0.1", "-print-env=false").output,
              HasSubstr("FATAL: TASK_NAME: found nothing"));
  EXPECT_EQ(run("LIBPROCESS_IP=127.0.0.1", "-nonsense").code, 2);
  EXPECT_EQ(run("A=b", "-help").code, 0);
}

TEST_F(Process, IsNotReadyWhileNothingListens) {
  const Ended ended = run("A=b", "-zk-ready 127.0.0.1:1");
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.output, "bootstrap: not ready: '127.0.0.1:1' Connection refused\n");
}

// A socket of 127.0.0.1 on a free port.
struct Port {
  explicit Port(int type) : fd(socket(AF_INET, type, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    number = ntohs(address.sin_port);
  }
  ~Port() { close(fd); }
  int fd;
  uint16_t number = 0;
};

TEST_F(Process, SendsItsServersMetricsToStatsd) {
  const Port server(SOCK_STREAM), statsd(SOCK_DGRAM);
  ASSERT_EQ(listen(server.fd, 1), 0);
  const std::string address = "127.0.0.1:" + std::to_string(server.number);
  std::string host = "STATSD_UDP_HOST=127.0.0.1", port = "STATSD_UDP_PORT=" + std::to_string(statsd.number);
  std::string program = OSTLER_BUILD_DIR "/share/ostler/bootstrap", flag = "-zk-metrics=" + address;
  char* arguments[] = {program.data(), flag.data(), nullptr};
  char* variables[] = {host.data(), port.data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, variables), 0);

  const int client = accept(server.fd, nullptr, nullptr);
  char word[4] = {};
  EXPECT_EQ(recv(client, word, 4, MSG_WAITALL), 4);
  EXPECT_EQ(std::string(word, 4), "mntr");
  const std::string answer = "zk_server_state\tleader\nzk_znode_count\t5\n";
  EXPECT_EQ(send(client, answer.data(), answer.size(), 0), static_cast<ssize_t>(answer.size()));
  close(client);
  char datagram[2000];
  const ssize_t size = recv(statsd.fd, datagram, sizeof datagram, 0);
  kill(child, SIGTERM);
  waitpid(child, nullptr, 0);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(datagram, static_cast<size_t>(size)),
            "zookeeper.is_leader:1|g\nzookeeper.znode_count:5|g\n");
}

}  // namespace
}  // namespace ostler::bootstrap
