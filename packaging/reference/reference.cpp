// `ostler-reference`: prints the reference pages of this folder from the tables that the
// program itself reads by, so that the pages cannot disagree with it.
//
//   ostler-reference environment|http-api|svc-yml|validators
//
// The target `ostler_reference_pages` writes the pages; a test compares them.
#include <iostream>
#include <string>
#include <string_view>

#include "api/api.h"
#include "api/preview.h"
#include "core/health.h"
#include "core/validators.h"
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
  print_levels(describe_extension_levels());
}

void print_validators() {
  std::cout
      << "# Which configurations are refused\n\n"
         "Every start compares `svc.yml` and its variables with the configuration that is in force. A change "
         "that breaks\none of these rules is refused as a whole: the service goes on as it is, the deploy "
         "plan "
         "shows ERROR with all\nproblems, and so does `/v1/health?verbose=true`, with the fields, the old "
         "and "
         "the new values and how to revert. A\nrestart with what was there before clears it. A first "
         "installation that breaks a rule ends with exit code 1. The\nrules of one service are in its "
         "`svc.yml` "
         "(`x-ostler`, see [svc-yml.md](svc-yml.md)). This page is printed by\n`ostler-reference "
         "validators`.\n\n"
         "Unlike the SDK's, no rule ends a scheduler whose service is installed (the SDK ends with the "
         "user's "
         "and the role's),\na role can never change (the SDK lets it after a complete deployment and leaves "
         "the "
         "reservations to `pod replace`),\nand the rules that ask for a version of DC/OS do not exist.\n\n"
         "| Rule | Applies | What it demands |\n|---|---|---|\n";
  for (const ostler::core::ValidatorText& one : ostler::core::validator_texts()) {
    std::cout << "| " << code(one.name) << " | " << one.applies << " | " << cell(one.rule) << " |\n";
  }
}

void print_routes(const ostler::api::Api& api, std::string_view method) {
  std::cout << "| Path | What it is |\n|---|---|\n";
  for (const ostler::api::RouteText& one : api.own_routes()) {
    if (one.method == method) std::cout << "| " << code(one.pattern) << " | " << one.about << " |\n";
  }
}

void print_http_api() {
  ostler::MetricsRegistry metrics;
  const ostler::api::Api api({}, metrics);
  std::cout
      << "# HTTP API\n\n"
         "On port `PORT_API`, without authentication: whoever reaches the port may do everything, so "
         "put it behind what\nyour cluster has for that. Paths, bodies and codes are those of the "
         "DC/OS SDK where it has them; an error is a line of\ntext. Names with a colon are yours, `*` is "
         "one or more components. Exporters add the paths that their manifest\nentries name "
         "(`/v1/metrics`, `/v1/metrics/prometheus`), and plugins may add routes. This page is printed by\n"
         "`ostler-reference http-api`.\n\n"
         "## GET\n\nAnswered from what was published last, also while the scheduler is busy; 503 before "
         "the state was read.\n\n";
  print_routes(api, "GET");
  std::cout << "\n## POST\n\nAnswered when what it changes is stored. 208: it has been so already. 400: the "
               "body or a parameter is wrong.\n404: there is no such plan, phase, step or pod. 503: not now; "
               "ask again after `Retry-After`.\n\n";
  print_routes(api, "POST");
  std::cout << "| " << code(ostler::api::kPreviewPath) << " | " << ostler::api::kPreviewAbout << " |\n";
  std::cout << "\n## What `/v1/health` says\n\nThe HTTP code is the health, as in the SDK. `ostler "
               "health` shows it with its reasons.\nThe answers 204 and 205 cannot "
               "have a body; the header `Ostler-Reasons` has the reasons then.\n\n"
               "| Code | Name | When, and what to do |\n|---|---|---|\n";
  for (const ostler::core::HealthText& one : ostler::core::health_texts())
    std::cout << "| " << one.code << " | " << code(one.name) << " | " << one.about << " |\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view page = argc == 2 ? argv[1] : "";
  if (page == "environment") {
    print_environment();
  } else if (page == "http-api") {
    print_http_api();
  } else if (page == "svc-yml") {
    print_svc_yml();
  } else if (page == "validators") {
    print_validators();
  } else {
    std::cerr << "usage: ostler-reference environment|http-api|svc-yml|validators\n";
    return 64;
  }
  return std::cout.flush() ? 0 : 74;
}
