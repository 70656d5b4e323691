#include "core/names.h"

namespace ostler::core {
namespace {

std::string_view trim_slashes(std::string_view text) {
  while (!text.empty() && text.front() == '/') text.remove_prefix(1);
  while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  return text;
}

std::string replace(std::string_view text, char from, std::string_view to) {
  std::string out;
  for (const char c : text) {
    if (c == from) {
      out += to;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string service_in_ids(std::string_view service) { return replace(trim_slashes(service), '/', "."); }

std::string make_task_id(std::string_view service, std::string_view task, std::string_view uuid) {
  std::string id = service_in_ids(service);
  id += "__";
  id += task;
  id += "__";
  id += uuid;
  return id;
}

std::string make_executor_id(std::string_view service, std::string_view pod_type, std::string_view uuid) {
  return make_task_id(service, pod_type, uuid);
}

std::string_view task_name_of_id(std::string_view task_id) {
  const size_t last = task_id.rfind("__");
  if (last == std::string_view::npos || last < 2) return {};
  const size_t before = task_id.rfind("__", last - 2);
  if (before == std::string_view::npos) return {};
  return task_id.substr(before + 2, last - before - 2);
}

std::string dns_label(const spec::TaskSpec& task, std::string_view pod_type, int32_t index) {
  if (task.discovery && !task.discovery->prefix.empty()) return pod_name(task.discovery->prefix, index);
  return task_name(pod_type, index, task.name);
}

std::string metric_word(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

}  // namespace ostler::core
