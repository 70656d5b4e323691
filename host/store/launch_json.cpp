#include "store/launch_json.h"

#include <array>
#include <nlohmann/json.hpp>

#include "mesos/codec.h"

namespace ostler::store {
namespace {

using Json = nlohmann::json;

Error wrong(std::string where, const char* expected) {
  return Error{Code::kDataLoss, std::string("expected ") + expected, std::move(where)};
}

bool read(const Json& object, const char* key, std::string& out) {
  const auto value = object.find(key);
  if (value == object.end()) return true;  // written by an older version
  if (!value->is_string()) return false;
  out = value->get<std::string>();
  return true;
}

template <typename Launch>
auto flags(Launch& launch) {
  return std::array{std::pair{"restart-requested", &launch.restart_requested},
                    std::pair{"paused", &launch.paused}, std::pair{"released", &launch.released}};
}

void write(mesos::JsonWriter& out, std::string_view key, const mesos::Resource& resource) {
  out.key(key);
  mesos::write(out, resource);
}

std::string known_text(const core::LaunchRecord& launch) {
  mesos::JsonWriter out;
  out.object([&] {
    out.field("pod-type", launch.pod_type);
    out.field("pod-index", launch.pod_index);
    out.field("task", launch.task_spec);
    out.field("config-id", launch.config_id);
    out.key("task-info");
    mesos::write(out, launch.task);
    out.key("executor-info");
    mesos::write(out, launch.executor);
    out.array("holdings", launch.holdings, [&](const core::Holding& holding) {
      out.object([&] {
        out.field("key", holding.key);
        out.field("confirmed", holding.confirmed);
        write(out, "resource", holding.resource);
      });
    });
    out.field("hostname", launch.hostname);
    out.field("region", launch.region);
    out.field("zone", launch.zone);
    out.array("attributes", launch.attributes, [&](const auto& attribute) {
      out.object([&] {
        out.field("name", attribute.first);
        out.field("text", attribute.second);
      });
    });
    out.field("permanently-failed", launch.permanently_failed);
    // What is rarely so is written only then.
    for (const auto& [key, value] : flags(launch)) {
      if (*value) out.field(key, true);
    }
    if (launch.leftovers.empty()) return;
    out.array("leftovers", launch.leftovers, [&](const core::Leftover& leftover) {
      out.object([&] {
        out.field("agent-id", leftover.agent_id);
        out.field("hostname", leftover.hostname);
        write(out, "resource", leftover.resource);
      });
    });
  });
  return out.take();
}

// The part of `text` that is not in `known`: members of objects, also inside lists of
// the same length.
Json beyond(const Json& text, const Json& known) {
  Json out;
  if (text.is_object() && known.is_object()) {
    for (const auto& [key, value] : text.items()) {
      const auto same = known.find(key);
      Json more = same == known.end() ? value : beyond(value, *same);
      if (same == known.end() || !more.is_null()) out[key] = std::move(more);
    }
  } else if (text.is_array() && known.is_array() && text.size() == known.size()) {
    bool has_any = false;
    Json list = Json::array();
    for (size_t i = 0; i < text.size(); ++i) {
      list.push_back(beyond(text[i], known[i]));
      has_any |= !list.back().is_null();
    }
    if (has_any) out = std::move(list);
  }
  return out;
}

// Adds what beyond() found; what is there already wins.
void add_unknown(Json& to, const Json& unknown) {
  if (to.is_object() && unknown.is_object()) {
    for (const auto& [key, value] : unknown.items()) {
      if (to.contains(key)) {
        add_unknown(to[key], value);
      } else {
        to[key] = value;
      }
    }
  } else if (to.is_array() && unknown.is_array() && to.size() == unknown.size()) {
    for (size_t i = 0; i < to.size(); ++i) add_unknown(to[i], unknown[i]);
  }
}

}  // namespace

std::string launch_text(const core::LaunchRecord& launch, std::string_view unknown) {
  std::string text = known_text(launch);
  if (unknown.empty()) return text;
  Json object = Json::parse(text);
  add_unknown(object, Json::parse(unknown, nullptr, false));
  return mesos::json_text(object);
}

std::string unknown_fields(std::string_view text, const core::LaunchRecord& launch) {
  const std::string known = known_text(launch);
  if (text == known) return {};  // as this version writes it
  const Result<Json> parsed = mesos::parse_json(text);
  if (!parsed.ok()) return {};
  const Json more = beyond(*parsed, Json::parse(known));
  return more.is_null() ? std::string() : mesos::json_text(more);
}

Result<std::shared_ptr<const core::LaunchRecord>> launch_from_text(std::string_view text) {
  Result<Json> parsed = mesos::parse_json(text);
  if (!parsed.ok()) return parsed.error();
  Json& object = *parsed;
  if (!object.is_object()) return wrong("", "a JSON object");
  auto launch = std::make_shared<core::LaunchRecord>();
  for (const auto& [key, field] : {std::pair{"pod-type", &launch->pod_type},
                                   {"task", &launch->task_spec},
                                   {"config-id", &launch->config_id},
                                   {"hostname", &launch->hostname},
                                   {"region", &launch->region},
                                   {"zone", &launch->zone}}) {
    if (!read(object, key, *field)) return wrong(key, "text");
  }
  const auto index = object.find("pod-index");
  if (index == object.end() || !index->is_number_integer()) return wrong("pod-index", "a whole number");
  launch->pod_index = index->get<int32_t>();
  const auto failed = object.find("permanently-failed");
  if (failed != object.end() && !failed->is_boolean()) return wrong("permanently-failed", "true or false");
  launch->permanently_failed = failed != object.end() && failed->get<bool>();

  for (const auto& [key, value] : flags(*launch)) {
    const auto flag = object.find(key);
    if (flag != object.end() && !flag->is_boolean()) return wrong(key, "true or false");
    *value = flag != object.end() && flag->get<bool>();
  }
  if (const auto leftovers = object.find("leftovers"); leftovers != object.end()) {
    if (!leftovers->is_array()) return wrong("leftovers", "a list");
    for (Json& one : *leftovers) {
      core::Leftover leftover;
      if (!one.is_object() || !one.contains("resource") || !read(one, "agent-id", leftover.agent_id) ||
          !read(one, "hostname", leftover.hostname))
        return wrong("leftovers", "an agent's id, its name and a resource");
      auto resource = mesos::resource_from_json(std::move(one.at("resource")));
      if (!resource.ok())
        return Error{Code::kDataLoss, resource.error().message, "leftovers." + resource.error().where};
      leftover.resource = std::move(*resource);
      launch->leftovers.push_back(std::move(leftover));
    }
  }

  const auto task = object.find("task-info"), executor = object.find("executor-info");
  if (task == object.end()) return wrong("task-info", "a TaskInfo");
  if (executor == object.end()) return wrong("executor-info", "an ExecutorInfo");
  auto info = mesos::task_info_from_json(std::move(*task));
  if (!info.ok()) return Error{Code::kDataLoss, info.error().message, "task-info." + info.error().where};
  launch->task = std::move(*info);
  auto executor_info = mesos::executor_info_from_json(std::move(*executor));
  if (!executor_info.ok()) {
    return Error{Code::kDataLoss, executor_info.error().message,
                 "executor-info." + executor_info.error().where};
  }
  launch->executor = std::move(*executor_info);

  const auto holdings = object.find("holdings");
  if (holdings == object.end() || !holdings->is_array()) return wrong("holdings", "a list");
  for (size_t i = 0; i < holdings->size(); ++i) {
    Json& one = (*holdings)[i];
    const std::string where = "holdings[" + std::to_string(i) + "]";
    if (!one.is_object() || !one.contains("resource")) return wrong(where, "a holding");
    core::Holding holding;
    if (!read(one, "key", holding.key)) return wrong(where + ".key", "text");
    const auto confirmed = one.find("confirmed");
    holding.confirmed = confirmed != one.end() && confirmed->is_boolean() && confirmed->get<bool>();
    auto resource = mesos::resource_from_json(std::move(one.at("resource")));
    if (!resource.ok())
      return Error{Code::kDataLoss, resource.error().message, where + "." + resource.error().where};
    holding.resource = std::move(*resource);
    launch->holdings.push_back(std::move(holding));
  }
  const auto attributes = object.find("attributes");
  if (attributes != object.end() && attributes->is_array()) {
    for (const Json& one : *attributes) {
      std::string name, value;
      if (!one.is_object() || !read(one, "name", name) || !read(one, "text", value))
        return wrong("attributes", "texts");
      launch->attributes.emplace_back(std::move(name), std::move(value));
    }
  }
  return std::shared_ptr<const core::LaunchRecord>(std::move(launch));
}

}  // namespace ostler::store
