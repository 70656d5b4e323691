// Config templates in a sandbox: lines of NAME=value, an empty line, then the template.
#include <filesystem>

#include "bootstrap/templates.h"
#include "files.h"
#include "fuzz.h"

using namespace ostler;
namespace fs = std::filesystem;

OSTLER_FUZZ_TARGET(bootstrap_templates) {
  bootstrap::Environment env;
  std::string_view rest = input;
  while (!rest.empty()) {
    std::string_view line = fuzz::take_until(rest, '\n');
    if (line.empty()) break;
    const std::string name(fuzz::take_until(line, '='));
    // Where a rendered file goes is up to the service's author; here it stays in the sandbox.
    if (!name.starts_with("CONFIG_TEMPLATE_")) env[name] = std::string(line);
  }
  const fuzz::InputFile text(rest);
  const std::string rendered = text.path() + ".out";
  env["MESOS_SANDBOX"] = fs::path(text.path()).parent_path();
  env["CONFIG_TEMPLATE_X"] = fs::path(text.path()).filename().string() + "," + rendered;
  for (const Error& error : bootstrap::render_templates(env, 1 << 16)) {
    fuzz::require(!error.message.empty(), "an error without words");
  }
  std::error_code none;
  fs::remove(rendered, none);
}
