#include "store/launch_json.h"

#include <array>
#include <nlohmann/json.hpp>

#include "mesos/codec_fields.h"

namespace ostler::store {
namespace {

using Json = nlohmann::json;
using mesos::codec::Fields;
using mesos::codec::Path;
using mesos::codec::Trouble;
using mesos::codec::Value;

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
    if (!launch.run.empty()) out.field("run", launch.run);
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

mesos::Resource read_resource(Fields& fields) {
  const Path path{&fields.path(), "resource"};
  if (const std::optional<Value> resource = fields.take("resource"))
    return mesos::codec::read_resource(*resource, path, fields.trouble());
  fields.trouble().say(path, "expected a resource");
  return {};
}

core::Holding read_holding(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  core::Holding holding;
  holding.key = fields.string("key");
  holding.confirmed = fields.flag("confirmed", false);
  holding.resource = read_resource(fields);
  return holding;
}

core::Leftover read_leftover(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  core::Leftover leftover;
  leftover.agent_id = fields.string("agent-id");
  leftover.hostname = fields.string("hostname");
  leftover.resource = read_resource(fields);
  return leftover;
}

// What is missing was not there in an older version, but for what no record is without.
void read_launch(Fields& fields, core::LaunchRecord& launch) {
  Trouble& trouble = fields.trouble();
  launch.pod_type = fields.string("pod-type");
  if (!fields.has("pod-index")) trouble.say(Path{&fields.path(), "pod-index"}, "expected a whole number");
  launch.pod_index = fields.int32("pod-index", 0);
  launch.task_spec = fields.string("task");
  launch.config_id = fields.string("config-id");
  const Path task{&fields.path(), "task-info"}, executor{&fields.path(), "executor-info"};
  if (const std::optional<Value> info = fields.take(task.key)) {
    launch.task = mesos::codec::read_task(*info, task, trouble);
  } else {
    trouble.say(task, "expected a TaskInfo");
  }
  if (const std::optional<Value> info = fields.take(executor.key)) {
    launch.executor = mesos::codec::read_executor(*info, executor, trouble);
  } else {
    trouble.say(executor, "expected an ExecutorInfo");
  }
  if (!fields.has("holdings")) trouble.say(Path{&fields.path(), "holdings"}, "expected a list");
  fields.array("holdings", [&](const Value& value, const Path& path) {
    launch.holdings.push_back(read_holding(value, path, trouble));
  });
  launch.hostname = fields.string("hostname");
  launch.region = fields.string("region");
  launch.zone = fields.string("zone");
  fields.array("attributes", [&](const Value& value, const Path& path) {
    Fields attribute(value, path, trouble);
    std::string name = attribute.string("name");
    launch.attributes.emplace_back(std::move(name), attribute.string("text"));
  });
  launch.permanently_failed = fields.flag("permanently-failed", false);
  for (const auto& [key, value] : flags(launch)) *value = fields.flag(key, false);
  launch.run = fields.string("run");
  fields.array("leftovers", [&](const Value& value, const Path& path) {
    launch.leftovers.push_back(read_leftover(value, path, trouble));
  });
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

Result<std::shared_ptr<const core::LaunchRecord>> launch_from_text(std::string_view text,
                                                                   std::string* unknown) {
  mesos::codec::Document document;
  if (Result<void> parsed = document.parse(text); !parsed.ok()) return parsed.error();
  Trouble trouble;
  auto launch = std::make_shared<core::LaunchRecord>();
  {
    const Path root;
    Fields fields(document.root(), root, trouble);
    read_launch(fields, *launch);
  }
  if (trouble.error) {
    trouble.error->code = Code::kDataLoss;
    return std::move(*trouble.error);
  }
  if (unknown != nullptr && trouble.has_unread) {
    const Json more = beyond(mesos::codec::to_document(document.root()), Json::parse(known_text(*launch)));
    *unknown = more.is_null() ? std::string() : mesos::json_text(more);
  }
  return std::shared_ptr<const core::LaunchRecord>(std::move(launch));
}

}  // namespace ostler::store
