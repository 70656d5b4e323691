// svc.yml from text to specification, and through the stored form back.
#include "fuzz.h"
#include "spec/load.h"
#include "spec/spec_json.h"
#include "spec/spec_reader.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(svc_yml) {
  const spec::Environment env = {
      {"NAME", "service"}, {"COUNT", "3"}, {"FLAG", "true"}, {"TASKCFG_ALL_X", "y"}};
  mustache::Options options;
  options.name = "svc.yml";
  const auto rendered = mustache::render(input, mustache::from_environment(env, options.flavour), options);
  if (!rendered.ok()) return;
  spec::Report report("svc.yml", &*rendered);
  const auto service = spec::read_spec({rendered->text, OSTLER_FUZZ_TEMPLATES, env}, report);
  for (const spec::Problem& problem : report.errors()) {
    fuzz::require(!problem.found.empty() && !problem.expected.empty(), "a problem without words");
    (void)problem.text();
  }
  (void)spec::problems_json(report.warnings());
  if (!service || report.has_errors()) return;
  const auto again = spec::from_json(spec::to_json(*service));
  fuzz::require(again.ok(), "a specification that cannot be read back");
  fuzz::require(*again == *service, "a specification that changes when it is stored");
}
