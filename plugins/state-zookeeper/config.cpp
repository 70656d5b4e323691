#include "config.h"

#include <algorithm>
#include <charconv>
#include <ostler/plugin.hpp>
#include <vector>

#include "support/config.h"
#include "support/state_checks.h"
#include "support/text.h"

namespace ostler::zookeeper {
namespace {

using support::quote;

// The ensemble's shortest session is 2 ticks, 4 s unless it is configured for less;
// below 1 s a loaded machine would lose its session for no reason.
constexpr int64_t kLeastSessionMs = 1000;
constexpr int64_t kMostSessionMs = 600000;

// "host:port" as the C client wants it, or empty when it is no such thing. The client
// takes the text after the last ':' as the port and knows no brackets around IPv6.
std::string client_form(std::string_view server) {
  const size_t colon = server.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return "";
  std::string_view host = server.substr(0, colon);
  const std::string_view port = server.substr(colon + 1);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535) return "";
  const bool bracketed = host.front() == '[' && host.back() == ']' && host.size() > 2;
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool fine = std::all_of(host.begin(), host.end(), [&](char c) {
    return isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' ||
           (bracketed && c == ':');
  });
  return fine ? std::string(host) + ":" + std::to_string(number) : "";
}

void check_node(support::Config& keys, const std::string& key, const std::string& path) {
  try {
    support::check_path(path);
    if (path == "/")
      keys.problem(key, "this is '/'; expected a node of its own, as in '/dcos-service-zookeeper'");
  } catch (const plugin::Error& e) {
    keys.problem(key, e.what());
  }
}

// Fills servers; returns the chroot ("" when there is none).
std::string parse_servers(support::Config& keys, std::string& servers) {
  bool is_list = false;
  std::vector<std::string> entries = keys.texts("servers", is_list);
  std::string chroot;
  if (!is_list && !entries.empty()) {
    std::string all = entries.front();
    const size_t slash = all.find('/');
    if (slash != std::string::npos) {
      chroot = all.substr(slash);
      all.resize(slash);
      while (!chroot.empty() && chroot.back() == '/') chroot.pop_back();
      if (!chroot.empty()) check_node(keys, "/servers", chroot);
    }
    entries.clear();
    for (size_t start = 0; start <= all.size();) {
      const size_t end = std::min(all.find(',', start), all.size());
      entries.push_back(all.substr(start, end - start));
      start = end + 1;
    }
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string server = client_form(entries[i]);
    const std::string pointer = is_list ? "/servers/" + std::to_string(i) : "/servers";
    if (server.empty())
      keys.problem(pointer,
                   quote(entries[i]) + " is no server; expected host:port, as in 'zk-1.example.com:2181'");
    servers += (servers.empty() ? "" : ",") + server;
  }
  return chroot;
}

}  // namespace

Settings parse_settings(std::string_view config) {
  support::Config keys(config);
  Settings settings;
  const std::string chroot = parse_servers(keys, settings.servers);
  const std::string root = keys.text("root");
  if (!root.empty()) check_node(keys, "/root", root);
  settings.root = chroot + root;
  settings.session_timeout_ms =
      static_cast<int32_t>(keys.whole("session_timeout_ms", 30000, kLeastSessionMs, kMostSessionMs));
  if (auto credentials = keys.section("credentials")) {
    const std::string username = credentials->text("username");
    const std::string password = credentials->text("password");
    if (username.find(':') != std::string::npos)
      credentials->problem("/username", "the name contains ':', which ends the name in a digest");
    settings.digest = username + ":" + password;
  }
  keys.finish();
  return settings;
}

}  // namespace ostler::zookeeper
