// The codec: what Mesos wrote comes back as it was, and bad input is named.
#include "mesos/codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "recordings.h"

namespace ostler::mesos {
namespace {

using nlohmann::json;

// A disk as a storage provider offers it, reserved twice, with fields that no
// struct of ours knows at every depth.
const json kDisk = json::parse(R"({
  "name": "disk", "type": "SCALAR", "scalar": {"value": 1024.125},
  "provider_id": {"value": "p-1"}, "shared": {}, "revocable": {},
  "allocation_info": {"role": "zk", "more": 1},
  "reservations": [
    {"type": "STATIC", "role": "zk", "future": [1, 2]},
    {"type": "DYNAMIC", "role": "zk", "principal": "p",
     "labels": {"labels": [{"key": "resource_id", "value": "r-1"}]}},
    {"type": "DYNAMIC", "role": "zk", "labels": {"labels": [{"key": "bare"}]}},
    {"type": "DYNAMIC", "role": "zk", "labels": {}}],
  "disk": {
    "persistence": {"id": "v-1", "principal": "p", "new": true},
    "volume": {"container_path": "data", "mode": "RO", "source": {"type": "X"}},
    "source": {"type": "MOUNT", "profile": "fast", "mount": {"root": "/mnt/a", "uuid": "u"}, "vendor": "v"},
    "quota": null}
})");

TEST(Codec, ResourceComesBackAsItWas) {
  const Result<Resource> resource = resource_from_json(kDisk);
  ASSERT_TRUE(resource) << resource.error().text();
  EXPECT_EQ(resource->milli, 1024125);
  EXPECT_EQ(resource->allocation_role, "zk");
  EXPECT_EQ(resource->provider_id, "p-1");
  ASSERT_EQ(resource->reservations.size(), 4u);
  EXPECT_FALSE(resource->reservations[0].is_dynamic);
  EXPECT_EQ(resource->reservations[1].labels, (Labels{{"resource_id", "r-1"}}));
  EXPECT_EQ(resource->disk->persistence_id, "v-1");
  EXPECT_TRUE(resource->disk->read_only);
  EXPECT_EQ(resource->disk->source->root, "/mnt/a");
  EXPECT_EQ(to_json(*resource), kDisk);
}

TEST(Codec, ChangedFieldsWinOverWhatIsCarriedThrough) {
  Resource resource = *resource_from_json(json::parse(
      R"({"name":"cpus","type":"SCALAR","scalar":{"value":4.0,"unit":"core"},"reservations":[]})"));
  resource.milli = 1500;
  resource.reservations.push_back({.role = "zk", .principal = "p", .labels = {{"resource_id", "r"}}});
  EXPECT_EQ(
      to_json(resource),
      json::parse(R"({"name":"cpus","type":"SCALAR","scalar":{"value":1.5,"unit":"core"},"reservations":[
              {"type":"DYNAMIC","role":"zk","principal":"p","labels":{"labels":[{"key":"resource_id","value":"r"}]}}]})"));
}

TEST(Codec, ScalarsAreRoundedToThreeDecimals) {
  const auto milli = [](const char* value) {
    return resource_from_text(std::string(R"({"name":"cpus","type":"SCALAR","scalar":{"value":)") + value +
                              "}}")
        ->milli;
  };
  EXPECT_EQ(milli("0.1"), 100);
  EXPECT_EQ(milli("0.30000000000000004"), 300);
  EXPECT_EQ(milli("2.0005"), 2001);
  EXPECT_EQ(milli("-0.25"), -250);
  EXPECT_EQ(milli("7"), 7000);
  EXPECT_EQ(milli("999999999.999"), 999999999999);
}

TEST(Codec, TaskComesBackAsItWas) {
  const json task = json::parse(R"({
    "name": "zookeeper-0-server", "task_id": {"value": "t__1"}, "agent_id": {"value": "S0"},
    "resources": [{"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 1140, "end": 1140}]}},
                  {"name": "tags", "type": "SET", "set": {"item": ["a", "b"]}}],
    "command": {"value": "./run", "user": "nobody", "shell": true, "arguments": ["x"],
      "environment": {"variables": [{"name": "A", "value": "1"},
        {"name": "S", "type": "SECRET", "secret": {"type": "REFERENCE", "reference": {"name": "path/s"}}}]},
      "uris": [{"value": "http://h/a.tgz", "executable": false, "extract": true, "cache": true, "output_file": "b"}]},
    "container": {"type": "MESOS", "rlimit_info": {"rlimits": []},
      "mesos": {"image": {"type": "DOCKER", "docker": {"name": "zookeeper:3.8"}, "cached": true}},
      "volumes": [
        {"container_path": "d", "mode": "RW", "source": {"type": "SANDBOX_PATH", "sandbox_path": {"type": "PARENT", "path": "d"}}},
        {"container_path": "s", "mode": "RO", "source": {"type": "SECRET", "secret": {"type": "REFERENCE", "reference": {"name": "n"}}}},
        {"container_path": "v", "mode": "RW", "source": {"type": "DOCKER_VOLUME", "docker_volume": {"name": "n", "driver": "d"}}},
        {"container_path": "h", "mode": "RW", "host_path": "/etc/h"},
        {"container_path": "f", "mode": "RW", "source": {"type": "FUTURE", "future": {"x": 1}}}]},
    "health_check": {"type": "COMMAND", "delay_seconds": 0.0, "interval_seconds": 3.0, "timeout_seconds": 5.0,
      "consecutive_failures": 2, "grace_period_seconds": 900.0, "command": {"value": "true"}},
    "check": {"type": "COMMAND", "delay_seconds": 0.0, "interval_seconds": 3.0, "timeout_seconds": 5.5,
      "command": {"command": {"value": "test -f ready"}}},
    "discovery": {"visibility": "CLUSTER", "name": "z", "location": "l", "ports": {"ports": [
      {"number": 1140, "name": "client", "protocol": "tcp", "visibility": "EXTERNAL",
       "labels": {"labels": [{"key": "k", "value": "v"}]}}]}},
    "kill_policy": {"grace_period": {"nanoseconds": 5000000000}},
    "labels": {"labels": [{"key": "k", "value": "v"}]},
    "limits": {"cpus": {"value": 2.5}, "mem": {"value": "Infinity"}},
    "max_completion_time": {"nanoseconds": 1}
  })");
  const Result<TaskInfo> read = task_info_from_json(task);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->kill_grace_s, 5.0);
  EXPECT_EQ(read->limits.at("mem"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(read->container->docker_image, "zookeeper:3.8");
  EXPECT_EQ(read->check->command.value, "test -f ready");
  EXPECT_EQ(read->command.environment[1].secret, "path/s");
  EXPECT_EQ(to_json(*read), task);

  const Result<TaskInfo> again = task_info_from_text(to_text(*read));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, *read);
}

TEST(Codec, ChecksThatAreNoCommandsAreCarriedThrough) {
  const json task = json::parse(R"({"name":"t","task_id":{"value":"t"},"agent_id":{"value":"a"},
    "health_check":{"type":"HTTP","http":{"port":80}},"check":{"type":"TCP","tcp":{"port":81}}})");
  const TaskInfo read = *task_info_from_json(task);
  EXPECT_FALSE(read.health_check || read.check);
  EXPECT_EQ(to_json(read), task);
}

TEST(Codec, StatusKeepsWhatItKnows) {
  TaskStatus status;
  status.task_id = "t";
  status.state = TaskState::kKilled;
  status.message = "Killed \"it\"";
  status.reason = "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED";
  status.source = "SOURCE_EXECUTOR";
  status.agent_id = "a";
  status.executor_id = "e";
  status.uuid = "+O2+vJw2R2mibMv+W/yJCQ==";
  status.timestamp_s = 1795350184.505419;
  status.healthy = false;
  status.has_check = true;
  status.check_exit_code = 1;
  status.ip_addresses = {"127.0.0.11", "::1"};
  const Result<TaskStatus> again = task_status_from_text(to_text(status));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, status);
}

TEST(Codec, UnknownStateIsUnknownAndNotTerminal) {
  const Result<TaskStatus> status =
      task_status_from_text(R"({"task_id":{"value":"t"},"state":"TASK_ON_THE_MOON"})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->state, TaskState::kUnknown);
  EXPECT_FALSE(is_terminal(status->state));
}

TEST(Codec, EveryTaskStateHasItsName) {
  for (int i = 0; i <= static_cast<int>(TaskState::kUnknown); ++i) {
    const auto state = static_cast<TaskState>(i);
    EXPECT_EQ(task_state(to_string(state)), state) << to_string(state);
  }
}

TEST(Codec, OperationUuidIsReadFromAnObjectOrText) {
  EXPECT_EQ(
      operation_status_from_json(json::parse(R"({"state":"OPERATION_FINISHED","uuid":{"value":"QQ=="}})"))
          ->uuid,
      "QQ==");
  EXPECT_EQ(operation_status_from_json(json::parse(R"({"state":"OPERATION_FINISHED","uuid":"QQ=="})"))->uuid,
            "QQ==");
}

TEST(Codec, FrameworkComesBackAsItWas) {
  FrameworkInfo framework;
  framework.id = "f";
  framework.name = "zookeeper";
  framework.user = "nobody";
  framework.principal = "p";
  framework.roles = {"zk-role"};
  framework.capabilities = {"MULTI_ROLE", "RESERVATION_REFINEMENT"};
  framework.failover_timeout_s = 1209600;
  framework.webui_url = "http://h/";
  const std::string text = to_text(framework);
  EXPECT_EQ(to_text(*framework_info_from_text(text)), text);
  EXPECT_EQ(json::parse(text)["capabilities"],
            json::parse(R"([{"type":"MULTI_ROLE"},{"type":"RESERVATION_REFINEMENT"}])"));
}

// ---- bad input

std::string complaint(const char* task) {
  const Result<TaskInfo> read = task_info_from_text(task);
  return read ? "accepted" : read.error().text();
}

TEST(Codec, NamesTheValueThatIsWrong) {
  EXPECT_EQ(complaint("[]"), "expected an object, found []");
  EXPECT_EQ(complaint(R"({"name":1})"), "name: expected a string, found 1");
  EXPECT_EQ(complaint(R"({"task_id":"t"})"), "task_id: expected an object, found \"t\"");
  EXPECT_EQ(complaint(R"({"task_id":{"value":null}})"), "task_id.value: expected a string, found null");
  EXPECT_EQ(complaint(R"({"resources":{}})"), "resources: expected an array, found {}");
  EXPECT_EQ(complaint(R"({"resources":[{"type":"SCALAR","scalar":{"value":"4"}}]})"),
            "resources[0].scalar.value: expected a number, found \"4\"");
  EXPECT_EQ(complaint(R"({"resources":[{"type":"SCALAR"},{"name":"x"}]})"),
            "resources[1].type: a resource needs a type: SCALAR, RANGES or SET");
  EXPECT_EQ(complaint(R"({"resources":[{"type":"TEXT"}]})"),
            "resources[0].type: expected \"SCALAR\", \"RANGES\" or \"SET\", found \"TEXT\"");
  EXPECT_EQ(complaint(R"({"resources":[{"type":"SCALAR","scalar":{"value":1e300}}]})"),
            "resources[0].scalar.value: expected at most 4e12, found 1e+300");
  EXPECT_EQ(complaint(R"({"resources":[{"type":"RANGES","ranges":{"range":[{"begin":-1,"end":2}]}}]})"),
            "resources[0].ranges.range[0].begin: expected an integer that is not negative, found -1");
  EXPECT_EQ(complaint(R"({"resources":[{"type":"RANGES","ranges":{"range":[{"begin":1.5,"end":2}]}}]})"),
            "resources[0].ranges.range[0].begin: expected an integer, found 1.5");
  EXPECT_EQ(complaint(R"({"resources":[{"type":"RANGES","ranges":{"range":[{"begin":3,"end":2}]}}]})"),
            "resources[0].ranges.range[0]: expected a range that ends after its begin, found "
            "{\"begin\":3,\"end\":2}");
  EXPECT_EQ(complaint(R"({"limits":{"cpus":{"value":"lots"}}})"),
            "limits.cpus: expected {\"value\": a number or \"Infinity\"}, found {\"value\":\"lots\"}");
  EXPECT_EQ(complaint(R"({"command":{"uris":[{"extract":1}]}})"),
            "command.uris[0].extract: expected true or false, found 1");
  EXPECT_EQ(complaint(R"({"labels":{"labels":[7]}})"), "labels.labels[0]: expected an object, found 7");
}

TEST(Codec, RefusesTextThatIsNoJson) {
  EXPECT_EQ(complaint(R"({"name":)"), "byte 9: this is not valid JSON");
  EXPECT_EQ(complaint("{\"name\":\"\xff\"}"), "byte 10: this is not valid JSON");
  EXPECT_EQ(complaint(R"({"x":1e999})"), "this JSON has a number that is out of range");
  EXPECT_EQ(complaint((std::string(100000, '[')).c_str()), "this JSON is nested deeper than 64 levels");
}

TEST(Codec, EveryKindOfValueInEveryFieldIsSurvived) {
  const json task = to_json(*task_info_from_text(
      R"({"name":"n","task_id":{"value":"t"},"command":{"value":"v","environment":{"variables":[{"name":"A","value":"1"}]}},
          "container":{"volumes":[{"container_path":"d","source":{"type":"SANDBOX_PATH","sandbox_path":{"type":"SELF","path":"p"}}}]},
          "check":{"type":"COMMAND","command":{"command":{"value":"c"}}},"discovery":{"ports":{"ports":[{"number":1}]}},
          "kill_policy":{"grace_period":{"nanoseconds":1}},"labels":{"labels":[{"key":"a","value":"b"}]}})"));
  json with_disk = task;
  with_disk["resources"] = json::array({kDisk});
  const json flat = with_disk.flatten();
  int tried = 0;
  for (const auto& [pointer, value] : flat.items()) {
    for (json::json_pointer at{pointer}; !at.empty(); at.pop_back()) {
      for (const json& other :
           {json(), json(true), json(-3), json(1e308), json("x"), json::array({1}), json({{"a", 1}})}) {
        json changed = with_disk;
        changed[at] = other;
        const Result<TaskInfo> read = task_info_from_json(changed);  // must not throw
        if (read) {
          EXPECT_TRUE(task_info_from_text(to_text(*read))) << at;
        }
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 500);
}

// ---- the recordings

// Calls `use` for every object under `value` that is listed in a field named `key`.
template <typename Use>
void each_in(const json& value, std::string_view key, const Use& use) {
  if (value.is_object()) {
    for (const auto& [name, nested] : value.items()) {
      if (name == key && nested.is_array()) {
        for (const json& element : nested) use(element);
      }
      each_in(nested, key, use);
    }
  } else if (value.is_array()) {
    for (const json& nested : value) each_in(nested, key, use);
  }
}

TEST(CodecRecordings, EveryResourceComesBackAsItWas) {
  const auto lines = testing::all_recordings();
  OSTLER_NEED_RECORDINGS(lines);
  int count = 0;
  const auto check = [&](const json& value) {
    const Result<Resource> resource = resource_from_json(value);
    ASSERT_TRUE(resource) << resource.error().text() << value;
    EXPECT_EQ(to_json(*resource), value);
    EXPECT_EQ(*resource_from_text(to_text(*resource)), *resource);
    ++count;
  };
  for (const json& line : lines) {
    each_in(line, "resources", check);
    each_in(line, "volumes", [&](const json& value) {
      if (value.contains("scalar")) check(value);  // a task's volumes are not resources
    });
  }
  EXPECT_GT(count, 1000);
}

TEST(CodecRecordings, EveryTaskAndOperationComesBackAsItWas) {
  const auto lines = testing::all_recordings();
  OSTLER_NEED_RECORDINGS(lines);
  int tasks = 0;
  int operations = 0;
  for (const json& line : lines) {
    each_in(line, "tasks", [&](const json& value) {
      if (!value.contains("resources")) return;  // of a RECONCILE
      const Result<TaskInfo> task = task_info_from_json(value);
      ASSERT_TRUE(task) << task.error().text() << value;
      EXPECT_EQ(to_json(*task), value);
      ++tasks;
    });
    each_in(line, "operations", [&](const json& value) {
      const Result<Operation> operation = operation_from_json(value);
      if (!operation) return;  // LAUNCH, or wrong on purpose
      json expected = value;
      if (expected.contains("launch_group")) expected["launch_group"]["executor"]["type"] = "DEFAULT";
      EXPECT_EQ(to_json(*operation), expected);
      ++operations;
    });
  }
  EXPECT_GT(tasks, 20);
  EXPECT_GT(operations, 40);
}

TEST(CodecRecordings, EveryStatusIsRead) {
  const auto lines = testing::all_recordings();
  OSTLER_NEED_RECORDINGS(lines);
  int count = 0;
  for (const json& line : lines) {
    if (line["kind"] != "event" || line["event"]["type"] != "UPDATE") continue;
    const json& wire = line["event"]["update"]["status"];
    const Result<TaskStatus> status = task_status_from_json(wire);
    ASSERT_TRUE(status) << status.error().text();
    EXPECT_EQ(to_string(status->state), wire["state"].get<std::string>());
    EXPECT_EQ(status->uuid, wire.value("uuid", ""));
    EXPECT_EQ(*task_status_from_text(to_text(*status)), *status);
    ++count;
  }
  EXPECT_GT(count, 50);
}

TEST(Codec, KeepsTwoHundredMembersThatItDoesNotKnow) {
  json resource = {{"type", "SCALAR"}, {"scalar", {{"value", 1}}}, {"zz-name-stands-before", true}};
  for (int i = 0; i < 200; ++i) resource["a" + std::to_string(i)] = i;
  resource["name"] = "cpus";
  const Result<Resource> read = resource_from_json(resource);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->name, "cpus");
  EXPECT_EQ(read->milli, 1000);
  EXPECT_EQ(to_json(*read), resource);
}

TEST(Codec, OfSeveralMembersOfOneNameTheLastCounts) {
  const Result<Resource> read =
      resource_from_text(R"({"name":"a","name":"b","type":"SCALAR","scalar":{"value":1,"value":2}})");
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->name, "b");
  EXPECT_EQ(read->milli, 2000);
  EXPECT_EQ(read->extra, "");
}

}  // namespace
}  // namespace ostler::mesos
