// plugins.yaml.
#include "plugins/manifest.h"

#include "fuzz.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(manifest) {
  const auto reading = plugins::parse_manifest(input, "plugins.yaml", "/opt/plugins");
  for (const auto& problem : reading.problems)
    fuzz::require(!problem.text().empty(), "a problem without words");
  for (const auto& entry : reading.manifest.plugins) (void)entry.find("/a/0");
}
