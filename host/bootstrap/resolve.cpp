// getaddrinfo or a hosts file, and one loop that waits.
#include "bootstrap/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

namespace ostler::bootstrap {
namespace {

void add(std::vector<std::string>& addresses, std::string address) {
  if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
    addresses.push_back(std::move(address));
  }
}

bool is_address(const std::string& text) {
  in6_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::vector<std::string> from_hosts_file(const std::string& path, const std::string& name) {
  std::vector<std::string> addresses;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address, word;
    // A line that is no entry helps nobody who waits for an address.
    if (!(words >> address) || !is_address(address)) continue;
    while (words >> word) {
      if (word == name) add(addresses, address);
    }
  }
  return addresses;
}

std::vector<std::string> from_system(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<std::string> addresses;
  if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return addresses;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    char text[INET6_ADDRSTRLEN] = {};
    const void* address = nullptr;
    if (entry->ai_family == AF_INET)
      address = &reinterpret_cast<const sockaddr_in*>(entry->ai_addr)->sin_addr;
    if (entry->ai_family == AF_INET6)
      address = &reinterpret_cast<const sockaddr_in6*>(entry->ai_addr)->sin6_addr;
    if (address && inet_ntop(entry->ai_family, address, text, sizeof text)) add(addresses, text);
  }
  freeaddrinfo(found);
  return addresses;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text.empty() ? "nothing" : text;
}

// Asks `is_done` once a second; false when the time is over.
bool wait_until(const Wait& wait, const std::function<bool()>& is_done) {
  const auto start = wait.clock.now();
  while (!is_done()) {
    auto pause = std::chrono::milliseconds(1000);
    if (wait.timeout.count() != 0) {
      const auto left = wait.timeout - (wait.clock.now() - start);
      if (left.count() <= 0) return false;
      pause = std::min(pause, left);
    }
    wait.clock.sleep(pause);
  }
  return true;
}

}  // namespace

Clock real_clock() {
  return {[] {
            return std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now().time_since_epoch());
          },
          [](std::chrono::milliseconds pause) { std::this_thread::sleep_for(pause); }};
}

std::vector<std::string> resolve(const std::string& name, const Environment& env) {
  if (is_address(name)) return {name};
  const auto hosts = env.find("OSTLER_HOSTS_FILE");
  if (hosts != env.end() && !hosts->second.empty()) return from_hosts_file(hosts->second, name);
  return from_system(name);
}

Result<void> wait_for_hosts(const std::vector<std::string>& names, const Environment& env, const Wait& wait) {
  std::vector<std::string> missing = names;
  const bool done = wait_until(wait, [&] {
    std::erase_if(missing, [&](const std::string& name) {
      const std::vector<std::string> addresses = resolve(name, env);
      wait.log(addresses.empty() ? "'" + name + "' does not resolve yet"
                                 : "'" + name + "' resolves to " + join(addresses));
      return !addresses.empty();
    });
    return missing.empty();
  });
  if (done) return {};
  return Error{Code::kDeadlineExceeded,
               "waited " + std::to_string(wait.timeout.count() / 1000) + " s for an address of " +
                   join(missing) + ", expected the cluster's DNS to know the name",
               "resolve"};
}

Result<void> wait_for_self(const std::string& name, const std::string& ip, const Environment& env,
                           const Wait& wait) {
  std::vector<std::string> addresses;
  const bool done = wait_until(wait, [&] {
    addresses = resolve(name, env);
    const bool is_own = addresses.size() == 1 && addresses.front() == ip;
    wait.log("'" + name + "' resolves to " + join(addresses) + (is_own ? "" : ", waiting for " + ip));
    return is_own;
  });
  if (done) return {};
  return Error{Code::kDeadlineExceeded,
               "waited " + std::to_string(wait.timeout.count() / 1000) + " s, found " + join(addresses) +
                   " for '" + name + "', expected the task's own address " + ip,
               "self-resolve"};
}

}  // namespace ostler::bootstrap
