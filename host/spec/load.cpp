// Render, then read; positions in the rendered text lead back to the template.
#include "spec/load.h"

#include <filesystem>

#include "spec/spec_reader.h"
#include "spec/template_file.h"
#include "spec/text_rules.h"
#include "spec/utf8.h"

namespace fs = std::filesystem;

namespace ostler::spec {
namespace {

// The limit of a rendered file too: a service of thousands of tasks is smaller.
constexpr size_t kMaxFileBytes = 1 << 20;

// "{{>f}}" is f, or f with svc.yml's own extension, in svc.yml's folder.
std::optional<std::string> read_partial(const fs::path& file, std::string_view name) {
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  for (const std::string& path : {std::string(name), std::string(name) + file.extension().string()}) {
    if (auto text = read_template(folder, path)) return std::move(*text);
  }
  return std::nullopt;
}

// An error's `where` is "name:line:column", or only a name.
Problem as_problem(const Error& error, const std::string& file) {
  Problem problem;
  problem.file = file;
  // The renderer words its errors as we do: "found X, expected Y", or only X.
  const std::string_view found = "found ", expected = ", expected ";
  const size_t split = error.message.rfind(expected);
  problem.found = error.message.substr(0, split);
  if (problem.found.starts_with(found)) problem.found.erase(0, found.size());
  problem.expected = split == std::string::npos ? "a smaller mustache template"
                                                : error.message.substr(split + expected.size());
  const size_t column = error.where.rfind(':');
  const size_t line =
      column == std::string::npos || column == 0 ? std::string::npos : error.where.rfind(':', column - 1);
  if (line != std::string::npos) {
    problem.file = error.where.substr(0, line);
    problem.line = std::atoi(error.where.c_str() + line + 1);
    problem.column = std::atoi(error.where.c_str() + column + 1);
  }
  return problem;
}

LoadResult load(const LoadOptions& options) {
  LoadResult result;
  const fs::path file(options.path);
  const std::string name = file.filename().string();
  const auto text = read_text_file(options.path, kMaxFileBytes);
  if (!text) {
    result.problems.push_back({options.path,
                               0,
                               0,
                               {},
                               "that " + text.error().where + " " + text.error().message,
                               "a readable svc.yml of at most " + std::to_string(kMaxFileBytes) + " bytes",
                               {}});
    return result;
  }
  mustache::Options how;
  how.name = name;
  how.partial = [&](std::string_view partial) { return read_partial(file, partial); };
  how.partials_must_exist = true;
  const auto values = mustache::from_environment(options.env, how.flavour);
  auto rendered = mustache::render(*text, values, how);
  if (!rendered) {
    result.problems.push_back(as_problem(rendered.error(), name));
    return result;
  }
  Report report(name, &*rendered);
  if (options.strict) {
    for (const MissingValue& missing : rendered->missing) {
      result.problems.push_back({missing.file,
                                 missing.line,
                                 missing.column,
                                 missing.name,
                                 "no value",
                                 "the variable " + missing.name + " to be set",
                                 {}});
    }
  }
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  result.spec = read_spec({rendered->text, folder.string(), options.env}, report);
  for (Problem& problem : report.errors()) result.problems.push_back(std::move(problem));
  result.objections = report.objections();
  result.warnings = report.warnings();
  result.missing = std::move(rendered->missing);
  result.rendered = std::move(rendered->text);
  return result;
}

// A service whose file cannot be read may run already; this finds its state.
void identify(const Environment& env, LoadResult& result) {
  const auto value = [&](const char* name) {
    const auto found = env.find(name);
    return found == env.end() ? std::string() : found->second;
  };
  const ServiceSpec nobody;
  result.name = result.spec ? result.spec->name : std::string();
  result.zookeeper = result.spec ? result.spec->zookeeper : nobody.zookeeper;
  if (!result.name.empty()) return;
  if (std::string name = value("FRAMEWORK_NAME"); is_service_name(name)) result.name = std::move(name);
  const bool is_default = result.zookeeper == nobody.zookeeper;
  if (std::string servers = value("FRAMEWORK_ZOOKEEPER"); is_default && !servers.empty())
    result.zookeeper = std::move(servers);
}

}  // namespace

LoadResult load_service(const LoadOptions& options) {
  LoadResult result = load(options);
  identify(options.env, result);
  if (!result.problems.empty()) result.spec.reset();
  return result;
}

EnvironmentFile read_env_file(const std::string& path) {
  EnvironmentFile result;
  const auto text = read_text_file(path, kMaxFileBytes);
  if (!text) {
    result.problems.push_back({path,
                               0,
                               0,
                               {},
                               "that " + text.error().where + " " + text.error().message,
                               "a readable file of KEY=value lines",
                               {}});
    return result;
  }
  int line = 0;
  for (size_t begin = 0; begin < text->size();) {
    ++line;
    size_t end = text->find('\n', begin);
    if (end == std::string::npos) end = text->size();
    std::string_view row(text->data() + begin, end - begin);
    begin = end + 1;
    if (row.ends_with('\r')) row.remove_suffix(1);
    if (row.empty() || row.front() == '#') continue;
    const size_t equals = row.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      result.problems.push_back({path, line, 1, {}, "a line without a name and '='", "KEY=value", {}});
      continue;
    }
    result.env[std::string(row.substr(0, equals))] = std::string(row.substr(equals + 1));
  }
  return result;
}

}  // namespace ostler::spec
