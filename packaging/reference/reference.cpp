// `ostler-reference`: prints the reference pages of this folder from the tables that the
// program itself reads by, so that the pages cannot disagree with it.
//
//   ostler-reference environment|svc-yml
//
// The target `ostler_reference_pages` writes the pages; a test compares them.
#include <iostream>
#include <string>
#include <string_view>

#include "spec/environment.h"
#include "spec/raw_spec.h"

namespace {

using namespace ostler::spec;

// Markdown reads these as its own.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '>' || c == '*' || c == '_') out += '\\';
    out += c;
  }
  return out.empty() ? "-" : out;
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

void print_environment() {
  std::cout
      << "# Environment variables\n\n"
         "What `ostler run` itself reads. Every other variable is for `svc.yml`, whose defaults are in\n"
         "`share/ostler/service/defaults.env` (`ostler run --env FILE`; variables of the process come before "
         "it). A value that is not what is expected ends the start with exit\n"
         "code 1; all such values are reported at once. This page is printed by `ostler-reference "
         "environment`.\n\n"
         "| Variable | Expected | Default | Meaning |\n|---|---|---|---|\n";
  for (const VariableText& one : environment_variables()) {
    std::cout << "| " << code(one.name) << " | " << cell(one.expected) << " | " << cell(one.fallback) << " | "
              << cell(one.about) << (one.is_secret ? " Its value is never shown." : "") << " |\n";
  }
}

void print_levels(const std::vector<Level>& levels) {
  for (const Level& level : levels) {
    std::cout << "\n## " << (level.path.empty() ? "The top" : code(level.path))
              << "\n\n| Key | Needed | Expected | Default | Meaning |\n|---|---|---|---|---|\n";
    for (const FieldText& field : level.fields) {
      std::cout << "| " << code(field.key) << " | " << (field.need == Need::kRequired ? "yes" : "no") << " | "
                << cell(field.expected) << " | " << cell(field.fallback) << " | " << cell(field.about)
                << " |\n";
    }
  }
}

void print_svc_yml() {
  std::cout
      << "# Keys of svc.yml\n\n"
         "A `svc.yml` is rendered as a mustache template with the environment, then read as YAML. Names in\n"
         "angle brackets are yours. `ostler check` reports every key that is unknown, missing or wrong, "
         "with\n"
         "line and column. This page is printed by `ostler-reference svc-yml`.\n";
  print_levels(describe_service_levels());
  print_levels(describe_pod_levels());
  print_levels(describe_task_levels());
  print_levels(describe_resource_levels());
  print_levels(describe_plan_levels());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view page = argc == 2 ? argv[1] : "";
  if (page == "environment") {
    print_environment();
  } else if (page == "svc-yml") {
    print_svc_yml();
  } else {
    std::cerr << "usage: ostler-reference environment|svc-yml\n";
    return 64;
  }
  return std::cout.flush() ? 0 : 74;
}
