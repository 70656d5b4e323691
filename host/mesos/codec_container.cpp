// Commands, containers and executors.
#include "mesos/codec_fields.h"

namespace ostler::mesos {
namespace codec {
namespace {

EnvironmentVariable read_variable(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  EnvironmentVariable variable;
  variable.name = fields.string("name");
  variable.value = fields.string("value");
  fields.drop("type");
  fields.object("secret", [&](Fields& secret) {
    const std::string type = secret.string("type", "REFERENCE");
    // A secret given by value would be kept in plain sight from here on.
    if (type != "REFERENCE") secret.trouble().say(path, "only secrets by REFERENCE are understood");
    secret.object("reference", [&](Fields& reference) { variable.secret = reference.string("name"); });
  });
  return variable;
}

// {"type": "REFERENCE", "reference": {"name": name}}, Mesos' word for a secret.
void write_secret(JsonWriter& out, const std::string& name) {
  out.object("secret", [&] {
    out.field("type", "REFERENCE");
    out.object("reference", [&] { out.field("name", name); });
  });
}

void write(JsonWriter& out, const EnvironmentVariable& variable) {
  out.object([&] {
    out.field("name", variable.name);
    if (variable.secret.empty()) {
      out.field("value", variable.value);
    } else {
      out.field("type", "SECRET");
      write_secret(out, variable.secret);
    }
  });
}

Uri read_uri(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  Uri uri;
  uri.value = fields.string("value");
  uri.executable = fields.flag("executable", false);
  uri.extract = fields.flag("extract", true);
  uri.cache = fields.flag("cache", false);
  uri.output_file = fields.string("output_file");
  return uri;
}

void write(JsonWriter& out, const Uri& uri) {
  out.object([&] {
    out.field("value", uri.value);
    out.field("executable", uri.executable);
    out.field("extract", uri.extract);
    out.field("cache", uri.cache);
    if (!uri.output_file.empty()) out.field("output_file", uri.output_file);
  });
}

// Takes what our fields can say and leaves the rest of `source` where it is.
void read_volume_source(Fields& source, Volume& volume) {
  const std::optional<Value> type = source.find("type");
  const std::string_view name = type ? as<std::string_view>(*type).value_or("") : "";
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

Volume read_volume(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  Volume volume;
  volume.container_path = fields.string("container_path");
  volume.read_only = fields.string("mode", "RW") == "RO";
  volume.host_path = fields.string("host_path");
  fields.object("source", [&](Fields& source) { read_volume_source(source, volume); });
  volume.extra = fields.rest();
  return volume;
}

void write_source(JsonWriter& out, const Volume& volume) {
  switch (volume.source) {
    case Volume::Source::kHostPath:
      break;
    case Volume::Source::kSandboxParent:
    case Volume::Source::kSandboxSelf:
      out.field("type", "SANDBOX_PATH");
      out.object("sandbox_path", [&] {
        out.field("type", volume.source == Volume::Source::kSandboxParent ? "PARENT" : "SELF");
        out.field("path", volume.source_path);
      });
      break;
    case Volume::Source::kSecret:
      out.field("type", "SECRET");
      write_secret(out, volume.source_path);
      break;
    case Volume::Source::kDocker:
      out.field("type", "DOCKER_VOLUME");
      out.object("docker_volume", [&] { out.field("name", volume.source_path); });
      break;
  }
}

void write(JsonWriter& out, const Volume& volume) {
  const auto members = [&] {
    out.field("container_path", volume.container_path);
    out.field("mode", volume.read_only ? "RO" : "RW");
    if (!volume.host_path.empty()) out.field("host_path", volume.host_path);
    if (volume.source != Volume::Source::kHostPath) out.object("source", [&] { write_source(out, volume); });
  };
  out.object(members, volume.extra);
}

CommandInfo read_command_document(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  CommandInfo command;
  read_command(fields, command);
  return command;
}

}  // namespace

void read_command(Fields& fields, CommandInfo& command) {
  command.value = fields.string("value");
  command.user = fields.string("user");
  fields.object("environment", [&](Fields& environment) {
    environment.array("variables", [&](const Value& element, const Path& path) {
      command.environment.push_back(read_variable(element, path, fields.trouble()));
    });
  });
  fields.array("uris", [&](const Value& element, const Path& path) {
    command.uris.push_back(read_uri(element, path, fields.trouble()));
  });
}

ContainerInfo read_container(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  ContainerInfo container;
  // We write MESOS ourselves; any other containerizer stays in `extra`, and wins.
  if (is_text(fields.find("type"), "MESOS")) fields.drop("type");
  fields.array("volumes", [&](const Value& element, const Path& at) {
    container.volumes.push_back(read_volume(element, at, trouble));
  });
  fields.object("mesos", [&](Fields& mesos) {
    mesos.object("image", [&](Fields& image) {
      if (!is_text(image.find("type"), "DOCKER")) return;
      image.drop("type");
      image.object("docker", [&](Fields& docker) { container.docker_image = docker.string("name"); });
    });
  });
  container.extra = fields.rest();
  return container;
}

ExecutorInfo read_executor(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  ExecutorInfo executor;
  if (is_text(fields.find("type"), "DEFAULT")) fields.drop("type");
  executor.executor_id = fields.id("executor_id");
  executor.framework_id = fields.id("framework_id");
  executor.name = fields.string("name");
  executor.resources = read_resources(fields, "resources");
  if (std::optional<Value> container = fields.take("container"))
    executor.container = read_container(*container, Path{&path, "container"}, trouble);
  executor.labels = read_labels(fields, "labels");
  executor.extra = fields.rest();
  return executor;
}

}  // namespace codec

void write(JsonWriter& out, const CommandInfo& command) {
  out.object([&] {
    if (!command.value.empty()) out.field("value", command.value);
    if (!command.user.empty()) out.field("user", command.user);
    if (!command.environment.empty()) {
      out.object("environment", [&] {
        out.array("variables", command.environment,
                  [&](const EnvironmentVariable& variable) { codec::write(out, variable); });
      });
    }
    if (!command.uris.empty())
      out.array("uris", command.uris, [&](const Uri& uri) { codec::write(out, uri); });
  });
}

void write(JsonWriter& out, const ContainerInfo& container) {
  const auto members = [&] {
    if (!codec::extra_has(container.extra, "type")) out.field("type", "MESOS");
    if (!container.volumes.empty()) {
      out.array("volumes", container.volumes, [&](const Volume& volume) { codec::write(out, volume); });
    }
    if (!container.docker_image.empty()) {
      out.object("mesos", [&] {
        out.object("image", [&] {
          out.field("type", "DOCKER");
          out.object("docker", [&] { out.field("name", container.docker_image); });
        });
      });
    }
  };
  out.object(members, container.extra);
}

void write(JsonWriter& out, const ExecutorInfo& executor) {
  const auto members = [&] {
    if (!codec::extra_has(executor.extra, "type")) out.field("type", "DEFAULT");
    out.id_field("executor_id", executor.executor_id);
    if (!executor.framework_id.empty()) out.id_field("framework_id", executor.framework_id);
    if (!executor.name.empty()) out.field("name", executor.name);
    if (!executor.resources.empty()) codec::write_resources(out, "resources", executor.resources);
    if (executor.container) {
      out.key("container");
      write(out, *executor.container);
    }
    if (!executor.labels.empty()) codec::write_labels(out, executor.labels);
  };
  out.object(members, executor.extra);
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
Result<ExecutorInfo> executor_info_from_text(std::string_view text) {
  return codec::read_text(text, codec::read_executor);
}

}  // namespace ostler::mesos
