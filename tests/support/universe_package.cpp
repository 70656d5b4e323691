#include "support/universe_package.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "spec/mustache.h"

namespace ostler::test {
namespace {

using nlohmann::json;

std::string read(const std::string& name) {
  std::ifstream file(OSTLER_SOURCE_DIR "/packaging/universe/" + name);
  if (!file) throw std::runtime_error("cannot read packaging/universe/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void collect(const json& schema, const std::string& path, std::vector<PackageOption>& into) {
  for (const auto& [name, inner] : schema.at("properties").items()) {
    const std::string full = path.empty() ? name : path + "." + name;
    if (inner.contains("properties")) {
      collect(inner, full, into);
    } else {
      into.push_back({full, inner});
    }
  }
}

mustache::Value value_of(const json& node) {
  if (node.is_object()) {
    mustache::Value::Map map;
    for (const auto& [name, inner] : node.items()) map.emplace(name, value_of(inner));
    return {std::move(map)};
  }
  if (node.is_boolean()) return {node.get<bool>()};
  if (node.is_null()) return {};
  const std::string text = node.dump();
  return {node.is_string() ? text.substr(1, text.size() - 2) : text};
}

}  // namespace

UniversePackage::UniversePackage()
    : config(json::parse(read("config.json"))),
      resource(json::parse(read("resource.json"))),
      package(json::parse(read("package.json"))),
      marathon_(read("marathon.json.mustache")) {}

std::vector<PackageOption> UniversePackage::options_of(const json& config_schema) {
  std::vector<PackageOption> out;
  collect(config_schema, "", out);
  return out;
}

std::vector<PackageOption> UniversePackage::options() const { return options_of(config); }

json UniversePackage::merged(const json& changed) const {
  json out = json::object();
  for (const PackageOption& option : options()) {
    if (option.schema.contains("default")) {
      out.merge_patch(option_value(option.path, option.schema.at("default")));
    }
  }
  out.merge_patch(changed);
  return out;
}

json UniversePackage::app(const json& changed, const std::map<std::string, std::string>& uris) const {
  json context = merged(changed);
  context["resource"] = resource;
  for (const auto& [name, uri] : uris) context["resource"]["assets"]["uris"].at(name) = uri;
  mustache::Options options;
  options.name = "marathon.json.mustache";
  const auto rendered = mustache::render(marathon_, value_of(context), options);
  if (!rendered.ok()) throw std::runtime_error(rendered.error().text());
  return json::parse(rendered->text);
}

std::map<std::string, std::string> variables_of(const json& app) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : app.at("env").items()) {
    if (value.is_string()) out[name] = value.get<std::string>();
  }
  return out;
}

json option_value(const std::string& path, const json& value) {
  std::string pointer = "/" + path;
  for (char& c : pointer) c = c == '.' ? '/' : c;
  json out;
  out[json::json_pointer(pointer)] = value;
  return out;
}

}  // namespace ostler::test
