// Read, render, write; a template's text comes from the scheduler, its values
// from the environment.
#include "bootstrap/templates.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "spec/mustache.h"

namespace ostler::bootstrap {
namespace {

Error system_error(const std::string& what) {
  return {Code::kUnavailable, what + ": " + std::strerror(errno), {}};
}

Result<std::string> read_all(const std::string& path, uint64_t max_bytes) {
  // O_NONBLOCK: a pipe must not hold the task up before it is found to be no file.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return system_error("the template '" + path + "' cannot be opened");
  struct stat status {};
  Result<std::string> result = std::string();
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    result = Error{Code::kInvalidArgument, "found '" + path + "', expected a regular file", {}};
  } else if (max_bytes != 0 && static_cast<uint64_t>(status.st_size) > max_bytes) {
    result = Error{Code::kResourceExhausted,
                   "the template '" + path + "' has " + std::to_string(status.st_size) +
                       " bytes, expected at most " + std::to_string(max_bytes) + " (see -template-max-bytes)",
                   {}};
  } else {
    std::string text;
    char buffer[16384];
    ssize_t size = 0;
    while ((size = read(fd, buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<size_t>(size));
    result =
        size < 0 ? Result<std::string>(system_error("the template '" + path + "' cannot be read")) : text;
  }
  close(fd);
  return result;
}

Result<void> write_all(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return system_error("'" + path + "' cannot be written");
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t size = write(fd, text.data() + done, text.size() - done);
    if (size < 0) {
      const Error error = system_error("'" + path + "' cannot be written");
      close(fd);
      return error;
    }
    done += static_cast<size_t>(size);
  }
  if (close(fd) != 0) return system_error("'" + path + "' cannot be written");
  return {};
}

Result<void> render_one(const std::string& value, const std::string& sandbox, const mustache::Value& values,
                        uint64_t max_bytes) {
  const size_t comma = value.find(',');
  if (comma == std::string::npos) {
    return Error{Code::kInvalidArgument, "found '" + value + "', expected 'source,destination'", {}};
  }
  const std::string source = sandbox + "/" + value.substr(0, comma);
  auto text = read_all(source, max_bytes);
  if (!text) return text.error();
  mustache::Options options;
  options.flavour = mustache::Flavour::kBootstrap;
  options.name = value.substr(0, comma);
  options.max_template_bytes = 0;  // checked above, by a limit that the caller chose
  options.max_output_bytes = std::numeric_limits<size_t>::max();
  auto rendered = mustache::render(*text, values, options);
  if (!rendered) return Error{rendered.error().code, rendered.error().text(), {}};
  return write_all(value.substr(comma + 1), rendered->text);
}

}  // namespace

std::vector<Error> render_templates(const Environment& env, uint64_t max_bytes) {
  const std::string prefix = "CONFIG_TEMPLATE_";
  const auto sandbox = env.find("MESOS_SANDBOX");
  if (sandbox == env.end() || sandbox->second.empty()) {
    return {{Code::kNotFound, "found nothing, expected the task's sandbox", "MESOS_SANDBOX"}};
  }
  std::vector<Error> errors;
  const auto values = mustache::from_environment(env, mustache::Flavour::kBootstrap);
  for (auto entry = env.lower_bound(prefix); entry != env.end() && entry->first.starts_with(prefix);
       ++entry) {
    const auto done = render_one(entry->second, sandbox->second, values, max_bytes);
    if (!done) errors.push_back({done.error().code, done.error().message, entry->first});
  }
  return errors;
}

}  // namespace ostler::bootstrap
