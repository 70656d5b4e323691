// One small scan per rule.
#include "spec/text_rules.h"

#include <algorithm>
#include <array>

namespace ostler::spec {
namespace {

constexpr std::array<std::string_view, 16> kRLimits = {
    "RLIMIT_AS",      "RLIMIT_CORE",     "RLIMIT_CPU",        "RLIMIT_DATA",   "RLIMIT_FSIZE", "RLIMIT_LOCKS",
    "RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE", "RLIMIT_NICE",       "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_RSS",
    "RLIMIT_RTPRIO",  "RLIMIT_RTTIME",   "RLIMIT_SIGPENDING", "RLIMIT_STACK"};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_space_or_control(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }

// Calls `check` for every part between separators; false as soon as it is.
template <class Check>
bool every_part(std::string_view text, char separator, Check check) {
  for (;;) {
    const size_t end = text.find(separator);
    if (!check(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_path_part(std::string_view part) {
  return part != ".." && std::all_of(part.begin(), part.end(), [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

bool is_not_empty(std::string_view text) { return !text.empty(); }

bool is_not_blank(std::string_view text) {
  return !std::all_of(text.begin(), text.end(), is_space_or_control);
}

bool is_name(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && std::none_of(text.begin(), text.end(), [](char c) {
    return c == '/' || c == '\\' || is_space_or_control(c);
  });
}

bool is_task_name(std::string_view text) {
  return is_name(text) && text.find("__") == std::string_view::npos;
}

bool is_pod_name(std::string_view text) { return is_task_name(text) && text.front() != '_'; }

bool is_service_name(std::string_view text) {
  if (text.find("__") != std::string_view::npos) return false;
  if (text.starts_with('/')) text.remove_prefix(1);
  return every_part(text, '/', is_name);
}

bool is_volume_path(std::string_view text) {
  return !text.empty() && is_letter_or_digit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

bool is_volume_profile(std::string_view text) {
  return !text.empty() && text.size() <= 128 && is_path_part(text);
}

bool is_relative_path(std::string_view text) {
  return !text.empty() && (is_letter_or_digit(text.front()) || text.front() == '.') &&
         every_part(text, '/', is_path_part);
}

bool is_absolute_path(std::string_view text) {
  return text.size() > 1 && text.front() == '/' && is_relative_path(text.substr(1));
}

bool is_secret_path(std::string_view text) {
  return !text.empty() && every_part(text, '/', [](std::string_view part) {
    return !part.empty() && part != "." && part != ".." &&
           std::none_of(part.begin(), part.end(), is_space_or_control);
  });
}

bool is_uri(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return is_space_or_control(c) || std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos;
  });
}

bool is_rlimit_name(std::string_view text) {
  return std::find(kRLimits.begin(), kRLimits.end(), text) != kRLimits.end();
}

bool is_variable_name(std::string_view text) {
  return !text.empty() && text.find('=') == std::string_view::npos;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_labels(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> labels;
  while (text.ends_with(',')) text.remove_suffix(1);
  if (text.empty()) return labels;
  const bool good = every_part(text, ',', [&](std::string_view piece) {
    const size_t colon = piece.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    std::string key(piece.substr(0, colon));
    if (std::any_of(labels.begin(), labels.end(), [&](const auto& label) { return label.first == key; }))
      return false;
    labels.emplace_back(std::move(key), std::string(piece.substr(colon + 1)));
    return true;
  });
  if (!good) return std::nullopt;
  return labels;
}

std::string rlimit_names() {
  std::string names;
  for (const std::string_view name : kRLimits) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

}  // namespace ostler::spec
