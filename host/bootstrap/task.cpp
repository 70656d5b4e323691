// Reads the environment; only container_ip() may ask the resolver.
#include "bootstrap/task.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>

#include "bootstrap/resolve.h"

namespace ostler::bootstrap {
namespace {

bool speaks_of_secrets(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const char* word : {"credential", "password", "secret", "token"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return false;
}

const std::string* find(const Environment& env, const char* name) {
  const auto found = env.find(name);
  return found == env.end() || found->second.empty() ? nullptr : &found->second;
}

bool is_ipv4(const std::string& text) {
  in_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

}  // namespace

Environment own_environment() {
  Environment env;
  for (char** entry = environ; *entry; ++entry) {
    const std::string line = *entry;
    const size_t equals = line.find('=');
    if (equals != std::string::npos) env.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return env;
}

std::string printable(const Environment& env) {
  std::string text;
  for (const auto& [name, value] : env) {
    text.append(name).append("=").append(speaks_of_secrets(name) ? "********" : value).append("\n");
  }
  return text;
}

Result<std::string> container_ip(const Environment& env) {
  const char* source = "MESOS_CONTAINER_IP";
  const std::string* ip = find(env, source);
  if (!ip) ip = find(env, source = "LIBPROCESS_IP");
  if (!ip) {
    return Error{Code::kNotFound, "found nothing, expected the task's IPv4 address in one of the two",
                 "MESOS_CONTAINER_IP, LIBPROCESS_IP"};
  }
  if (!is_ipv4(*ip))
    return Error{Code::kInvalidArgument, "found '" + *ip + "', expected an IPv4 address", source};
  if (*ip != "0.0.0.0") return *ip;

  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0) {
    return Error{Code::kUnknown, "found 0.0.0.0, and the machine's own name cannot be read", source};
  }
  const std::vector<std::string> addresses = resolve(host, env);
  const auto usable = std::find_if(addresses.begin(), addresses.end(), is_ipv4);
  if (usable == addresses.end()) {
    return Error{
        Code::kNotFound,
        std::string("found 0.0.0.0, and the machine's own name '") + host + "' resolves to no IPv4 address",
        source};
  }
  return *usable;
}

Result<std::string> own_name(const Environment& env) {
  const std::string* task = find(env, "TASK_NAME");
  const std::string* host = find(env, "FRAMEWORK_HOST");
  if (!task || !host) {
    return Error{Code::kNotFound, "found nothing, expected the scheduler to set it (or use -resolve=false)",
                 task ? "FRAMEWORK_HOST" : "TASK_NAME"};
  }
  return *task + "." + *host;
}

}  // namespace ostler::bootstrap
