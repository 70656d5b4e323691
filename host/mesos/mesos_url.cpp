#include "mesos/mesos_url.h"

#include <algorithm>

namespace ostler::mesos {
namespace {

constexpr std::string_view kForms =
    "expected \"host:port,host:port\", \"http://host:port\" or \"zk://host:port,host:port/path\"";

std::string quoted(std::string_view text) {
  std::string out(1, '"');
  out += text;
  out += '"';
  return out;
}

Error wrong(std::string message) { return Error{Code::kInvalidArgument, std::move(message), {}}; }

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// "host", "host:port" or "[v6]:port" with the default port filled in.
Result<std::string> host_and_port(std::string_view text, std::string_view default_port) {
  std::string_view host = text;
  std::string_view port = default_port;
  const size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return wrong(quoted(text) + " has a \"[\" without a \"]\"");
  const size_t colon = text.find(':', bracket);
  if (colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  const bool is_number = !port.empty() && port.size() <= 5 &&
                         std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  const int number = is_number ? std::stoi(std::string(port)) : 0;
  if (number < 1 || number > 65535) {
    return wrong(quoted(text) + " has the port \"" + std::string(port) +
                 "\", expected a number from 1 to 65535");
  }
  const bool is_name = !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7F &&
           std::string_view("/?#\\\"<>").find(static_cast<char>(c)) == std::string_view::npos;
  });
  if (!is_name) return wrong(quoted(text) + " is no host and port; " + std::string(kForms));
  return std::string(host) + ":" + std::string(port);
}

Result<MasterUrl> parse_zk(std::string_view rest) {
  MasterUrl url;
  url.kind = MasterUrl::Kind::kZooKeeper;
  const size_t slash = rest.find('/');
  url.path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  for (const std::string_view part : split(rest.substr(0, slash))) {
    Result<std::string> host = host_and_port(part, "2181");
    if (!host) return host.error();
    url.hosts.push_back(std::move(*host));
  }
  return url;
}

}  // namespace

Result<MasterUrl> parse_master_url(std::string_view text) {
  if (text.find('@') != std::string_view::npos) {
    return wrong(
        "the address of Mesos must not hold a user or password; give the principal and its secret apart");
  }
  if (text.starts_with("zk://")) return parse_zk(text.substr(5));
  MasterUrl url;
  for (const std::string_view part : split(text)) {
    std::string_view rest = part;
    std::string scheme = "http://";
    if (const size_t end = part.find("://"); end != std::string_view::npos) {
      scheme = part.substr(0, end + 3);
      rest = part.substr(end + 3);
      if (scheme != "http://" && scheme != "https://") {
        return wrong(quoted(part) + " has an unknown scheme; " + std::string(kForms));
      }
      while (rest.ends_with('/')) rest.remove_suffix(1);
    }
    Result<std::string> host = host_and_port(rest, "5050");
    if (!host) return host.error();
    url.hosts.push_back(scheme + *host);
  }
  return url;
}

Result<std::vector<std::string>> master_list(std::string_view text) {
  Result<MasterUrl> url = parse_master_url(text);
  if (!url) return url.error();
  if (url->kind == MasterUrl::Kind::kMasters) return std::move(url->hosts);
  return Error{Code::kUnimplemented,
               "finding the leading master through ZooKeeper (\"" + std::string(text) +
                   "\") is not supported yet; list the masters instead, \"host:5050,host:5050\": any of them "
                   "leads to the leader",
               {}};
}

std::string master_label(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const size_t user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
  return std::string(url);
}

std::string api_url(const std::string& master) {
  constexpr std::string_view kApi = "/api/v1/scheduler";
  const size_t scheme = master.find("://");
  if (scheme == std::string::npos) return "http://" + master + std::string(kApi);
  const size_t path = master.find('/', scheme + 3);
  if (path == std::string::npos) return master + std::string(kApi);
  return path + 1 == master.size() ? master.substr(0, path) + std::string(kApi) : master;
}

}  // namespace ostler::mesos
