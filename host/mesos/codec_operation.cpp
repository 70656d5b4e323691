// Operations: what an ACCEPT does with the resources of its offers.
#include <array>

#include "mesos/codec_fields.h"

namespace ostler::mesos {
namespace codec {
namespace {

// One row a type: its name, its field, and the list of resources in there.
struct Form {
  Operation::Type type;
  const char* field;
  const char* list;  // null: LAUNCH_GROUP
};
constexpr std::array<Form, 5> kForms = {{
    {Operation::Type::kReserve, "reserve", "resources"},
    {Operation::Type::kUnreserve, "unreserve", "resources"},
    {Operation::Type::kCreate, "create", "volumes"},
    {Operation::Type::kDestroy, "destroy", "volumes"},
    {Operation::Type::kLaunchGroup, "launch_group", nullptr},
}};

void read_launch_group(Fields& fields, Operation& operation) {
  Trouble& trouble = fields.trouble();
  if (const json* executor = fields.find("executor")) {
    operation.executor = read_executor(json(*executor), Path{&fields.path(), "executor"}, trouble);
  } else {
    trouble.say(fields.path(), "LAUNCH_GROUP needs an executor");
  }
  fields.object("task_group", [&](Fields& group) {
    group.array("tasks", [&](json&& task, const Path& path) {
      operation.tasks.push_back(read_task(std::move(task), path, trouble));
    });
  });
}

Operation read_operation(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  Operation operation;
  operation.id = fields.id("id");
  const json found = fields.find("type") != nullptr ? *fields.find("type") : json();
  const std::string type = fields.string("type");
  for (const Form& form : kForms) {
    if (to_string(form.type) != type) continue;
    operation.type = form.type;
    const bool present = fields.object(form.field, [&](Fields& body) {
      if (form.list == nullptr) {
        read_launch_group(body, operation);
      } else {
        operation.resources = read_resources(body, form.list);
      }
    });
    if (!present) trouble.say(path, type + " needs the field \"" + form.field + "\"");
    return operation;
  }
  trouble.wrong(Path{&path, "type"}, "RESERVE, UNRESERVE, CREATE, DESTROY or LAUNCH_GROUP", found);
  return operation;
}

}  // namespace
}  // namespace codec

nlohmann::json to_json(const Operation& operation) {
  using nlohmann::json;
  json out = {{"type", to_string(operation.type)}};
  if (!operation.id.empty()) out["id"] = codec::id_json(operation.id);
  for (const codec::Form& form : codec::kForms) {
    if (form.type != operation.type) continue;
    if (form.list != nullptr) {
      out[form.field] = {{form.list, codec::array_json(operation.resources)}};
      continue;
    }
    json tasks = json::array();
    for (const TaskInfo& task : operation.tasks) tasks.push_back(to_json(task));
    out[form.field] = {{"executor", to_json(operation.executor)},
                       {"task_group", {{"tasks", std::move(tasks)}}}};
  }
  return out;
}

Result<Operation> operation_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_operation);
}

}  // namespace ostler::mesos
