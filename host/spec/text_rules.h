// What the words in a svc.yml may look like, as predicates over text.
//
// Written out by hand: the SDK's regular expressions for these backtrack
// without bound on hostile input.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ostler::spec {

bool is_not_empty(std::string_view text);
bool is_not_blank(std::string_view text);

// A pod's, task's, plan's or phase's name: it becomes part of task ids, host
// names and state paths, so: no space, slash or control character, not "." or "..".
bool is_name(std::string_view text);
// A name of a pod or a task: such a name is a part of task ids, whose parts "__" separates.
bool is_pod_name(std::string_view text);
bool is_task_name(std::string_view text);
// A service's name: names separated by slashes, a leading slash allowed, no "__".
bool is_service_name(std::string_view text);

// A volume's path: one name of letters, digits, '_' and '-' that begins with a letter or digit.
bool is_volume_path(std::string_view text);
bool is_volume_profile(std::string_view text);
// A relative path whose parts are letters, digits, '.', '_' and '-', never "..".
bool is_relative_path(std::string_view text);
// The same with a leading slash.
bool is_absolute_path(std::string_view text);
// A secret's path in its store: relative, no empty part, no "..".
bool is_secret_path(std::string_view text);
// The characters that a URI may have, and at least one of them.
bool is_uri(std::string_view text);
bool is_rlimit_name(std::string_view text);
// A name of an environment variable: no '=' and not empty.
bool is_variable_name(std::string_view text);

// "k:v,k:v", split at the first colon of each piece; values may hold colons.
// Nothing when a piece is blank or has no colon; commas at the end are let pass, as in the SDK.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_labels(std::string_view text);

// The names Mesos knows, "RLIMIT_AS" and so on, for messages.
std::string rlimit_names();

}  // namespace ostler::spec
