// Mesos' v1 JSON to and from our structs.
//
// Reading checks every type: wrong input is an Error whose `where` is the path of
// the offending value ("resources[2].scalar.value"), never an exception. What a
// struct has no field for goes into its `extra` (or that of the nearest struct
// around it that has one), as the text of a JSON object, and comes out again when
// written; so a resource is handed back as it came. Where both know a field, the
// struct's own wins.
//
// Writing is write(), into a text; to_text() and to_json() are made of it, the latter for
// those who go on building a document. Reading is from a document or from text. All
// functions are pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mesos/json_writer.h"
#include "mesos/types.h"

namespace ostler::mesos {

// An object, where `out` stands.
void write(JsonWriter& out, const Resource& resource);
void write(JsonWriter& out, const CommandInfo& command);
void write(JsonWriter& out, const ContainerInfo& container);
void write(JsonWriter& out, const ExecutorInfo& executor);
void write(JsonWriter& out, const TaskInfo& task);
// With the members of `extra`, the text of an object, that the status itself does not have.
void write(JsonWriter& out, const TaskStatus& status, std::string_view extra = {});
void write(JsonWriter& out, const OperationStatus& status);
void write(JsonWriter& out, const Operation& operation);
void write(JsonWriter& out, const FrameworkInfo& framework);

template <typename Message>
std::string to_text(const Message& message) {
  JsonWriter out;
  write(out, message);
  return out.take();
}

nlohmann::json to_json(const Resource& resource);
nlohmann::json to_json(const CommandInfo& command);
nlohmann::json to_json(const ContainerInfo& container);
nlohmann::json to_json(const ExecutorInfo& executor);
nlohmann::json to_json(const TaskInfo& task);
nlohmann::json to_json(const TaskStatus& status);
nlohmann::json to_json(const OperationStatus& status);
nlohmann::json to_json(const Operation& operation);
nlohmann::json to_json(const FrameworkInfo& framework);

// By way of the text; for tests and tools.
Result<Resource> resource_from_json(const nlohmann::json& value);
Result<CommandInfo> command_info_from_json(const nlohmann::json& value);
Result<ContainerInfo> container_info_from_json(const nlohmann::json& value);
Result<ExecutorInfo> executor_info_from_json(const nlohmann::json& value);
Result<TaskInfo> task_info_from_json(const nlohmann::json& value);
Result<TaskStatus> task_status_from_json(const nlohmann::json& value);
Result<OperationStatus> operation_status_from_json(const nlohmann::json& value);
Result<Operation> operation_from_json(const nlohmann::json& value);
Result<FrameworkInfo> framework_info_from_json(const nlohmann::json& value);

Result<Resource> resource_from_text(std::string_view text);
Result<TaskInfo> task_info_from_text(std::string_view text);
Result<ExecutorInfo> executor_info_from_text(std::string_view text);
Result<TaskStatus> task_status_from_text(std::string_view text);
Result<FrameworkInfo> framework_info_from_text(std::string_view text);

// Parses any JSON text: the error's `where` is "byte N". Nesting deeper than 64 is
// refused, because nlohmann's own functions recurse.
Result<nlohmann::json> parse_json(std::string_view text);

// The shortest text; bytes that are not UTF-8 become U+FFFD.
std::string json_text(const nlohmann::json& value);

}  // namespace ostler::mesos
