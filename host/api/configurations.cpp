#include <algorithm>
#include <cctype>

#include "api/json.h"
#include "api/resources.h"
#include "base/uuid.h"

namespace ostler::api {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// The spec of that id, or null.
const spec::ServiceSpec* find_config(const Snapshot& snapshot, std::string_view id) {
  const auto it = snapshot.configs.find(lower(id));
  return it == snapshot.configs.end() ? nullptr : it->second.get();
}

template <typename T, typename Key>
const T* find_by(const std::vector<T>& all, Key T::*key, std::string_view wanted) {
  const auto it = std::find_if(all.begin(), all.end(), [&](const T& one) { return one.*key == wanted; });
  return it == all.end() ? nullptr : &*it;
}

Response bad_id() { return text_response(400, "the configuration's id is not a UUID"); }

}  // namespace

Response list_configurations(const Snapshot& snapshot) {
  Json ids = Json::array();
  for (const auto& [id, spec] : snapshot.configs) ids.push_back(id);
  return json_response(ids);
}

Response target_id(const Snapshot& snapshot) {
  if (snapshot.target_config.empty()) return text_response(404, "Target configuration not found");
  return json_response(Json::array({snapshot.target_config}));
}

Response target_configuration(const Snapshot& snapshot, const SpecToJson& to_json) {
  if (snapshot.target_config.empty()) return text_response(404, "Target configuration not found");
  const spec::ServiceSpec* spec = find_config(snapshot, snapshot.target_config);
  if (spec == nullptr)
    return text_response(500, "the target configuration " + snapshot.target_config + " is not in the store");
  return json_response(parse_or_null(to_json(*spec)));
}

Response show_configuration(const Snapshot& snapshot, std::string_view id, const SpecToJson& to_json) {
  if (!is_uuid(id)) return bad_id();
  const spec::ServiceSpec* spec = find_config(snapshot, id);
  return spec == nullptr ? not_found("Configuration", id) : json_response(parse_or_null(to_json(*spec)));
}

Response show_template(const Snapshot& snapshot, std::string_view config_id, std::string_view pod_type,
                       std::string_view task, std::string_view config_name) {
  if (!is_uuid(config_id)) return bad_id();
  const spec::ServiceSpec* spec = find_config(snapshot, config_id);
  if (spec == nullptr) return not_found("Configuration", config_id);
  const spec::PodSpec* pod = find_by(spec->pods, &spec::PodSpec::type, pod_type);
  if (pod == nullptr) return not_found("Pod", pod_type);
  const spec::TaskSpec* found = find_by(pod->tasks, &spec::TaskSpec::name, task);
  if (found == nullptr) return not_found("Task", task);
  const spec::ConfigFile* config = find_by(found->configs, &spec::ConfigFile::name, config_name);
  if (config == nullptr) return not_found("Config", config_name);
  return text_response(200, config->content);
}

}  // namespace ostler::api
