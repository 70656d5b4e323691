#include "cluster/http/schema.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "cluster/model/base64.h"

namespace ostler::cluster {
namespace {

using nlohmann::json;

enum Kind { kText, kBytes, kNumber, kFlag, kMessage };
enum Need { kOptional, kRequired, kRepeated };

struct Field {
  const char* name;
  Kind kind;
  Need need = kOptional;
  const Field* message = nullptr;  // ends with a nameless field
};

// Only what schedulers send; the order is that of Mesos' definitions, because missing
// fields are listed in it.
constexpr Field kEnd = {nullptr, kText};
constexpr Field kId[] = {{"value", kText, kRequired}, kEnd};
constexpr Field kScalar[] = {{"value", kNumber, kRequired}, kEnd};
constexpr Field kRange[] = {{"begin", kNumber, kRequired}, {"end", kNumber, kRequired}, kEnd};
constexpr Field kRanges[] = {{"range", kMessage, kRepeated, kRange}, kEnd};
constexpr Field kResource[] = {{"name", kText, kRequired},
                               {"type", kText, kRequired},
                               {"scalar", kMessage, kOptional, kScalar},
                               {"ranges", kMessage, kOptional, kRanges},
                               kEnd};
constexpr Field kResources[] = {{"resources", kMessage, kRepeated, kResource}, kEnd};
constexpr Field kVolumes[] = {{"volumes", kMessage, kRepeated, kResource}, kEnd};
constexpr Field kUri[] = {{"value", kText, kRequired}, {"executable", kFlag}, {"extract", kFlag}, kEnd};
constexpr Field kVariable[] = {{"name", kText, kRequired}, {"value", kText}, kEnd};
constexpr Field kEnvironment[] = {{"variables", kMessage, kRepeated, kVariable}, kEnd};
constexpr Field kCommand[] = {{"uris", kMessage, kRepeated, kUri},
                              {"environment", kMessage, kOptional, kEnvironment},
                              {"shell", kFlag},
                              {"value", kText},
                              {"user", kText},
                              kEnd};
constexpr Field kTask[] = {{"name", kText, kRequired},
                           {"task_id", kMessage, kRequired, kId},
                           {"agent_id", kMessage, kRequired, kId},
                           {"resources", kMessage, kRepeated, kResource},
                           {"command", kMessage, kOptional, kCommand},
                           kEnd};
constexpr Field kTaskGroup[] = {{"tasks", kMessage, kRepeated, kTask}, kEnd};
constexpr Field kExecutor[] = {{"executor_id", kMessage, kRequired, kId},
                               {"framework_id", kMessage, kOptional, kId},
                               {"resources", kMessage, kRepeated, kResource},
                               kEnd};
constexpr Field kLaunchGroup[] = {
    {"executor", kMessage, kRequired, kExecutor}, {"task_group", kMessage, kRequired, kTaskGroup}, kEnd};
constexpr Field kOperation[] = {{"type", kText},
                                {"id", kMessage, kOptional, kId},
                                {"launch_group", kMessage, kOptional, kLaunchGroup},
                                {"reserve", kMessage, kOptional, kResources},
                                {"unreserve", kMessage, kOptional, kResources},
                                {"create", kMessage, kOptional, kVolumes},
                                {"destroy", kMessage, kOptional, kVolumes},
                                kEnd};
constexpr Field kFilters[] = {{"refuse_seconds", kNumber}, kEnd};
constexpr Field kCapability[] = {{"type", kText}, kEnd};
constexpr Field kFrameworkInfo[] = {{"user", kText, kRequired},
                                    {"name", kText, kRequired},
                                    {"id", kMessage, kOptional, kId},
                                    {"failover_timeout", kNumber},
                                    {"checkpoint", kFlag},
                                    {"role", kText},
                                    {"roles", kText, kRepeated},
                                    {"hostname", kText},
                                    {"principal", kText},
                                    {"webui_url", kText},
                                    {"capabilities", kMessage, kRepeated, kCapability},
                                    kEnd};
constexpr Field kSubscribe[] = {
    {"framework_info", kMessage, kRequired, kFrameworkInfo}, {"suppressed_roles", kText, kRepeated}, kEnd};
constexpr Field kAccept[] = {{"offer_ids", kMessage, kRepeated, kId},
                             {"operations", kMessage, kRepeated, kOperation},
                             {"filters", kMessage, kOptional, kFilters},
                             kEnd};
constexpr Field kDecline[] = {
    {"offer_ids", kMessage, kRepeated, kId}, {"filters", kMessage, kOptional, kFilters}, kEnd};
constexpr Field kRoles[] = {{"roles", kText, kRepeated}, kEnd};
constexpr Field kDuration[] = {{"nanoseconds", kNumber, kRequired}, kEnd};
constexpr Field kKillPolicy[] = {{"grace_period", kMessage, kOptional, kDuration}, kEnd};
constexpr Field kKill[] = {{"task_id", kMessage, kRequired, kId},
                           {"agent_id", kMessage, kOptional, kId},
                           {"kill_policy", kMessage, kOptional, kKillPolicy},
                           kEnd};
constexpr Field kShutdown[] = {
    {"executor_id", kMessage, kRequired, kId}, {"agent_id", kMessage, kRequired, kId}, kEnd};
constexpr Field kAcknowledge[] = {{"agent_id", kMessage, kRequired, kId},
                                  {"task_id", kMessage, kRequired, kId},
                                  {"uuid", kBytes, kRequired},
                                  kEnd};
constexpr Field kAcknowledgeOperation[] = {{"agent_id", kMessage, kOptional, kId},
                                           {"resource_provider_id", kMessage, kOptional, kId},
                                           {"uuid", kBytes, kRequired},
                                           {"operation_id", kMessage, kRequired, kId},
                                           kEnd};
constexpr Field kReconcileTask[] = {
    {"task_id", kMessage, kRequired, kId}, {"agent_id", kMessage, kOptional, kId}, kEnd};
constexpr Field kReconcile[] = {{"tasks", kMessage, kRepeated, kReconcileTask}, kEnd};
constexpr Field kReconcileOperation[] = {
    {"operation_id", kMessage, kRequired, kId}, {"agent_id", kMessage, kOptional, kId}, kEnd};
constexpr Field kReconcileOperations[] = {{"operations", kMessage, kRepeated, kReconcileOperation}, kEnd};
constexpr Field kCall[] = {{"framework_id", kMessage, kOptional, kId},
                           {"type", kText},
                           {"subscribe", kMessage, kOptional, kSubscribe},
                           {"accept", kMessage, kOptional, kAccept},
                           {"decline", kMessage, kOptional, kDecline},
                           {"revive", kMessage, kOptional, kRoles},
                           {"suppress", kMessage, kOptional, kRoles},
                           {"kill", kMessage, kOptional, kKill},
                           {"shutdown", kMessage, kOptional, kShutdown},
                           {"acknowledge", kMessage, kOptional, kAcknowledge},
                           {"acknowledge_operation_status", kMessage, kOptional, kAcknowledgeOperation},
                           {"reconcile", kMessage, kOptional, kReconcile},
                           {"reconcile_operations", kMessage, kOptional, kReconcileOperations},
                           {"update_framework", kMessage, kOptional, kSubscribe},
                           kEnd};

bool has_kind(const json& value, Kind kind) {
  switch (kind) {
    case kText:
    case kBytes:
      return value.is_string();
    case kNumber:
      return value.is_number();
    case kFlag:
      return value.is_boolean();
    case kMessage:
      return value.is_object();
  }
  return false;
}

class Check {
 public:
  // Types first, over the whole document; then what is missing.
  std::optional<std::string> run(const json& call) {
    if (!call.is_object()) return "Expecting a JSON object";
    walk(call, kCall, nullptr);
    if (!error_.empty()) return error_;
    if (!missing_.empty()) return "Missing required fields: " + missing_;
    return std::nullopt;
  }

 private:
  // Where we are, spelled out only when something is missing there.
  struct Place {
    const Place* parent;
    const char* field;
    std::optional<size_t> index;

    std::string text() const {
      std::string out = parent == nullptr ? "" : parent->text() + ".";
      out += field;
      return index ? out + "[" + std::to_string(*index) + "]" : out;
    }
  };

  void walk(const json& object, const Field* fields, const Place* parent) {
    for (; fields->name != nullptr; ++fields) {
      const Place at{parent, fields->name, {}};
      const auto found = object.find(fields->name);
      if (found == object.end() || found->is_null()) {
        if (fields->need == kRequired) missing_ += (missing_.empty() ? "" : ", ") + at.text();
        continue;
      }
      if (fields->need != kRepeated) {
        value(*found, *fields, at);
        continue;
      }
      if (!found->is_array()) {
        wrong(*found, *fields);
        continue;
      }
      for (size_t i = 0; i < found->size(); ++i) value((*found)[i], *fields, Place{parent, fields->name, i});
    }
  }

  void value(const json& found, const Field& field, const Place& at) {
    if (!has_kind(found, field.kind)) {
      wrong(found, field);
    } else if (field.kind == kMessage) {
      walk(found, field.message, &at);
    } else if (field.kind == kBytes) {
      char bad = 0;
      if (from_base64(found.get_ref<const std::string&>(), &bad)) return;
      say(std::string("Failed to base64 decode bytes field '") + field.name +
          "': " + (bad != 0 ? std::string("Invalid character '") + bad + "'" : "Invalid length"));
    }
  }

  void wrong(const json& found, const Field& field) {
    say(std::string("Not expecting a JSON ") + found.type_name() + " for field '" + field.name + "'");
  }
  void say(std::string text) {
    if (error_.empty()) error_ = std::move(text);
  }

  std::string error_;
  std::string missing_;
};

}  // namespace

std::optional<std::string> invalid_call_document(const json& call) { return Check().run(call); }

}  // namespace ostler::cluster
