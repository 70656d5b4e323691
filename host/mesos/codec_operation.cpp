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
  if (std::optional<Value> executor = fields.take("executor")) {
    operation.executor = read_executor(*executor, Path{&fields.path(), "executor"}, trouble);
  } else {
    trouble.say(fields.path(), "LAUNCH_GROUP needs an executor");
  }
  fields.object("task_group", [&](Fields& group) {
    group.array("tasks", [&](const Value& task, const Path& path) {
      operation.tasks.push_back(read_task(task, path, trouble));
    });
  });
}

void write_launch_group(JsonWriter& out, const Operation& operation) {
  out.key("executor");
  mesos::write(out, operation.executor);
  out.object("task_group", [&] {
    out.array("tasks", operation.tasks, [&](const TaskInfo& task) { mesos::write(out, task); });
  });
}

Operation read_operation(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  Operation operation;
  operation.id = fields.id("id");
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
  trouble.wrong(Path{&path, "type"}, "RESERVE, UNRESERVE, CREATE, DESTROY or LAUNCH_GROUP", type);
  return operation;
}

}  // namespace
}  // namespace codec

void write(JsonWriter& out, const Operation& operation) {
  out.object([&] {
    out.field("type", to_string(operation.type));
    if (!operation.id.empty()) out.id_field("id", operation.id);
    for (const codec::Form& form : codec::kForms) {
      if (form.type != operation.type) continue;
      out.object(form.field, [&] {
        if (form.list != nullptr) {
          codec::write_resources(out, form.list, operation.resources);
        } else {
          codec::write_launch_group(out, operation);
        }
      });
    }
  });
}

Result<Operation> operation_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_operation);
}

}  // namespace ostler::mesos
