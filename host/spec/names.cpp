// Small text transformations; each rule is stated in the header.
#include "spec/names.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <iterator>
#include <vector>

namespace ostler::spec {
namespace {

std::string with_dashes(std::string text) {
  std::replace(text.begin(), text.end(), '.', '-');
  return text;
}

std::string join(std::initializer_list<std::string_view> parts) {
  size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::string out;
  out.reserve(size);
  for (const std::string_view part : parts) out += part;
  return out;
}

std::string_view value_of(const Environment& env, const std::string& name) {
  const auto found = env.find(name);
  return found == env.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

std::string escape_service_name(std::string_view name) {
  if (name.starts_with('/')) name.remove_prefix(1);
  std::string out;
  for (const char c : name) {
    if (c == '/') {
      out += "__";
    } else {
      out += c;
    }
  }
  return out;
}

std::string service_without_slashes(std::string_view name) {
  std::string out(name);
  std::erase(out, '/');
  return out;
}

std::string framework_host(std::string_view service, std::string_view service_tld) {
  return with_dashes(service_without_slashes(service)) + "." + std::string(service_tld);
}

std::string framework_vip_host(std::string_view service, std::string_view vip_tld) {
  return service_without_slashes(service) + "." + std::string(vip_tld);
}

std::string scheduler_api_hostname(std::string_view service, std::string_view marathon_name,
                                   std::string_view service_tld) {
  std::string reversed;
  while (!service.empty()) {
    const size_t slash = service.rfind('/');
    const std::string_view part = slash == std::string_view::npos ? service : service.substr(slash + 1);
    if (!part.empty()) reversed += (reversed.empty() ? "" : "-") + std::string(part);
    service = slash == std::string_view::npos ? std::string_view() : service.substr(0, slash);
  }
  return with_dashes(std::move(reversed)) + "." + std::string(marathon_name) + "." + std::string(service_tld);
}

std::string pod_instance_name(std::string_view pod, int32_t index) {
  char number[16];
  const char* const end = std::to_chars(std::begin(number), std::end(number), index).ptr;
  return join({pod, "-", std::string_view(number, static_cast<size_t>(end - number))});
}

std::string task_instance_name(std::string_view pod, int32_t index, std::string_view task) {
  return join({pod_instance_name(pod, index), "-", task});
}

std::string variable_part(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const bool keeps = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    out += keeps ? c : '_';
  }
  return out;
}

std::string service_role(std::string_view service, const Environment& env) {
  const std::string_view group = value_of(env, "MESOS_ALLOCATION_ROLE");
  const std::string_view enforce = value_of(env, "MARATHON_APP_ENFORCE_GROUP_ROLE");
  const bool enforced =
      !enforce.empty() && std::string_view("tTyY").find(enforce.front()) != std::string_view::npos;
  if (enforced || (!group.empty() && group != "slave_public")) return escape_service_name(group);
  return escape_service_name(service) + "-role";
}

}  // namespace ostler::spec
