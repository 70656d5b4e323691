// Commands, containers and executors.
#include "mesos/codec_fields.h"

namespace ostler::mesos {
namespace codec {
namespace {

EnvironmentVariable read_variable(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  EnvironmentVariable variable;
  variable.name = fields.string("name");
  variable.value = fields.string("value");
  fields.object("secret", [&](Fields& secret) {
    const std::string type = secret.string("type", "REFERENCE");
    // A secret given by value would be kept in plain sight from here on.
    if (type != "REFERENCE") secret.trouble().say(path, "only secrets by REFERENCE are understood");
    secret.object("reference", [&](Fields& reference) { variable.secret = reference.string("name"); });
  });
  return variable;
}

json to_json(const EnvironmentVariable& variable) {
  if (variable.secret.empty()) return {{"name", variable.name}, {"value", variable.value}};
  return {{"name", variable.name},
          {"type", "SECRET"},
          {"secret", {{"type", "REFERENCE"}, {"reference", {{"name", variable.secret}}}}}};
}

Uri read_uri(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  Uri uri;
  uri.value = fields.string("value");
  uri.executable = fields.flag("executable", false);
  uri.extract = fields.flag("extract", true);
  uri.cache = fields.flag("cache", false);
  uri.output_file = fields.string("output_file");
  return uri;
}

json to_json(const Uri& uri) {
  json out = {
      {"value", uri.value}, {"executable", uri.executable}, {"extract", uri.extract}, {"cache", uri.cache}};
  if (!uri.output_file.empty()) out["output_file"] = uri.output_file;
  return out;
}

// Takes what our fields can say and leaves the rest of `source` where it is.
void read_volume_source(Fields& source, Volume& volume) {
  const json* type = source.find("type");
  if (type == nullptr || !type->is_string()) return;
  const std::string name = type->get<std::string>();
  if (name == "SANDBOX_PATH") {
    source.drop("type");
    source.object("sandbox_path", [&](Fields& sandbox) {
      volume.source =
          sandbox.string("type") == "PARENT" ? Volume::Source::kSandboxParent : Volume::Source::kSandboxSelf;
      volume.source_path = sandbox.string("path");
    });
  } else if (name == "SECRET") {
    source.drop("type");
    source.object("secret", [&](Fields& secret) {
      volume.source = Volume::Source::kSecret;
      if (secret.string("type", "REFERENCE") != "REFERENCE") {
        secret.trouble().say(secret.path(), "only secrets by REFERENCE are understood");
      }
      secret.object("reference", [&](Fields& reference) { volume.source_path = reference.string("name"); });
    });
  } else if (name == "DOCKER_VOLUME") {
    source.drop("type");
    source.object("docker_volume", [&](Fields& docker) {
      volume.source = Volume::Source::kDocker;
      volume.source_path = docker.string("name");
    });
  }
}

Volume read_volume(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  Volume volume;
  volume.container_path = fields.string("container_path");
  volume.read_only = fields.string("mode", "RW") == "RO";
  volume.host_path = fields.string("host_path");
  fields.object("source", [&](Fields& source) { read_volume_source(source, volume); });
  volume.extra = fields.rest();
  return volume;
}

json to_json(const Volume& volume) {
  json out = {{"container_path", volume.container_path}, {"mode", volume.read_only ? "RO" : "RW"}};
  if (!volume.host_path.empty()) out["host_path"] = volume.host_path;
  switch (volume.source) {
    case Volume::Source::kHostPath:
      break;
    case Volume::Source::kSandboxParent:
    case Volume::Source::kSandboxSelf:
      out["source"] = {{"type", "SANDBOX_PATH"},
                       {"sandbox_path",
                        {{"type", volume.source == Volume::Source::kSandboxParent ? "PARENT" : "SELF"},
                         {"path", volume.source_path}}}};
      break;
    case Volume::Source::kSecret:
      out["source"] = {{"type", "SECRET"},
                       {"secret", {{"type", "REFERENCE"}, {"reference", {{"name", volume.source_path}}}}}};
      break;
    case Volume::Source::kDocker:
      out["source"] = {{"type", "DOCKER_VOLUME"}, {"docker_volume", {{"name", volume.source_path}}}};
      break;
  }
  add_extra(out, volume.extra);
  return out;
}

CommandInfo read_command_document(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  CommandInfo command;
  read_command(fields, command);
  return command;
}

}  // namespace

void read_command(Fields& fields, CommandInfo& command) {
  command.value = fields.string("value");
  command.user = fields.string("user");
  fields.object("environment", [&](Fields& environment) {
    environment.array("variables", [&](json&& element, const Path& path) {
      command.environment.push_back(read_variable(std::move(element), path, fields.trouble()));
    });
  });
  fields.array("uris", [&](json&& element, const Path& path) {
    command.uris.push_back(read_uri(std::move(element), path, fields.trouble()));
  });
}

ContainerInfo read_container(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  ContainerInfo container;
  // We write MESOS ourselves; any other containerizer stays in `extra`, and wins.
  const json* type = fields.find("type");
  if (type != nullptr && *type == "MESOS") fields.drop("type");
  fields.array("volumes", [&](json&& element, const Path& at) {
    container.volumes.push_back(read_volume(std::move(element), at, trouble));
  });
  fields.object("mesos", [&](Fields& mesos) {
    mesos.object("image", [&](Fields& image) {
      const json* image_type = image.find("type");
      if (image_type == nullptr || *image_type != "DOCKER") return;
      image.drop("type");
      image.object("docker", [&](Fields& docker) { container.docker_image = docker.string("name"); });
    });
  });
  container.extra = fields.rest();
  return container;
}

ExecutorInfo read_executor(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  ExecutorInfo executor;
  const json* type = fields.find("type");
  if (type != nullptr && *type == "DEFAULT") fields.drop("type");
  executor.executor_id = fields.id("executor_id");
  executor.framework_id = fields.id("framework_id");
  executor.name = fields.string("name");
  executor.resources = read_resources(fields, "resources");
  if (const json* container = fields.find("container")) {
    json copy = *container;
    fields.drop("container");
    executor.container = read_container(std::move(copy), Path{&path, "container"}, trouble);
  }
  executor.labels = read_labels(fields, "labels");
  executor.extra = fields.rest();
  return executor;
}

}  // namespace codec

nlohmann::json to_json(const CommandInfo& command) {
  using nlohmann::json;
  json out = json::object();
  if (!command.value.empty()) out["value"] = command.value;
  if (!command.user.empty()) out["user"] = command.user;
  if (!command.environment.empty()) {
    json list = json::array();
    for (const EnvironmentVariable& variable : command.environment) list.push_back(codec::to_json(variable));
    out["environment"] = {{"variables", std::move(list)}};
  }
  if (!command.uris.empty()) {
    json list = json::array();
    for (const Uri& uri : command.uris) list.push_back(codec::to_json(uri));
    out["uris"] = std::move(list);
  }
  return out;
}

nlohmann::json to_json(const ContainerInfo& container) {
  using nlohmann::json;
  json out = json::object();
  if (!container.volumes.empty()) {
    json list = json::array();
    for (const Volume& volume : container.volumes) list.push_back(codec::to_json(volume));
    out["volumes"] = std::move(list);
  }
  if (!container.docker_image.empty()) {
    out["mesos"] = {{"image", {{"type", "DOCKER"}, {"docker", {{"name", container.docker_image}}}}}};
  }
  codec::add_extra(out, container.extra);
  if (!out.contains("type")) out["type"] = "MESOS";
  return out;
}

nlohmann::json to_json(const ExecutorInfo& executor) {
  using nlohmann::json;
  json out = {{"executor_id", codec::id_json(executor.executor_id)}};
  if (!executor.framework_id.empty()) out["framework_id"] = codec::id_json(executor.framework_id);
  if (!executor.name.empty()) out["name"] = executor.name;
  if (!executor.resources.empty()) out["resources"] = codec::array_json(executor.resources);
  if (executor.container) out["container"] = to_json(*executor.container);
  if (!executor.labels.empty()) out["labels"] = codec::labels_json(executor.labels);
  codec::add_extra(out, executor.extra);
  if (!out.contains("type")) out["type"] = "DEFAULT";
  return out;
}

Result<CommandInfo> command_info_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_command_document);
}
Result<ContainerInfo> container_info_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_container);
}
Result<ExecutorInfo> executor_info_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_executor);
}
std::string executor_info_text(const ExecutorInfo& executor) { return json_text(to_json(executor)); }
Result<ExecutorInfo> executor_info_from_text(std::string_view text) {
  return codec::read_text(text, codec::read_executor);
}

}  // namespace ostler::mesos
