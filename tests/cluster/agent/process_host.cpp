#include "cluster/agent/process_host.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace ostler::cluster {

using nlohmann::json;

bool write_message(int socket, const std::string& text) {
  const auto size = static_cast<uint32_t>(text.size());
  std::string message(reinterpret_cast<const char*>(&size), sizeof size);
  message += text;
  size_t done = 0;
  while (done < message.size()) {
    const auto n = ::send(socket, message.data() + done, message.size() - done, MSG_NOSIGNAL);
    if (n > 0) {
      done += static_cast<size_t>(n);
    } else if (n < 0 && errno == EAGAIN) {
      pollfd waiting{socket, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (n < 0 && errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> split_messages(std::string& buffer) {
  std::vector<std::string> messages;
  size_t at = 0;
  while (buffer.size() - at >= sizeof(uint32_t)) {
    uint32_t size = 0;
    std::memcpy(&size, buffer.data() + at, sizeof size);
    if (buffer.size() - at - sizeof size < size) break;
    messages.push_back(buffer.substr(at + sizeof size, size));
    at += sizeof size + size;
  }
  buffer.erase(0, at);
  return messages;
}

Result<std::unique_ptr<ProcessHost>> ProcessHost::start() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return Error{Code::kInternal, std::string("cannot create a socket pair: ") + std::strerror(errno), {}};
  }
  const pid_t helper = ::fork();
  if (helper < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return Error{Code::kInternal, std::string("cannot fork the process helper: ") + std::strerror(errno), {}};
  }
  if (helper == 0) {
    ::close(ends[0]);
    run_process_helper(ends[1]);
  }
  ::close(ends[1]);
  return std::unique_ptr<ProcessHost>(new ProcessHost(ends[0], helper));
}

ProcessHost::~ProcessHost() {
  ::close(socket_);
  while (::waitpid(helper_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ProcessHost::spawn(uint64_t id, const ProcessSpec& spec) {
  json environment = json::array();
  for (const auto& [name, value] : spec.environment) environment.push_back(name + "=" + value);
  const json message{{"id", id},
                     {"argv", spec.argv},
                     {"env", std::move(environment)},
                     {"dir", spec.directory},
                     {"out", spec.stdout_path},
                     {"err", spec.stderr_path}};
  if (!write_message(socket_, message.dump(-1, ' ', false, json::error_handler_t::replace))) is_lost_ = true;
}

void ProcessHost::signal(uint64_t id, int signal_number) {
  if (!write_message(socket_, json{{"id", id}, {"signal", signal_number}}.dump())) is_lost_ = true;
}

std::vector<ProcessNews> ProcessHost::read() {
  char chunk[65536];
  while (true) {
    const auto n = ::recv(socket_, chunk, sizeof chunk, MSG_DONTWAIT);
    if (n > 0) {
      buffer_.append(chunk, static_cast<size_t>(n));
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n == 0 || errno != EAGAIN) is_lost_ = true;
    break;
  }
  std::vector<ProcessNews> news;
  for (const auto& text : split_messages(buffer_)) {
    const auto message = json::parse(text);
    ProcessNews item;
    item.id = message["id"];
    item.pid = message["pid"];
    item.status = message["status"];
    item.error = message["error"];
    item.kind = static_cast<ProcessNews::Kind>(message["kind"].get<int>());
    news.push_back(std::move(item));
  }
  return news;
}

}  // namespace ostler::cluster
