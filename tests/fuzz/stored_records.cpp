// What a state plugin gives back: "path=value" lines of a damaged tree, and each record
// by itself.
#include "fuzz.h"
#include "spec/spec_json.h"
#include "store/launch_json.h"
#include "store/service_store.h"
#include "support/memory_tree.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(stored_records) {
  if (const auto launch = store::launch_from_text(input); launch.ok()) {
    const auto again = store::launch_from_text(store::launch_text(**launch));
    fuzz::require(again.ok() && **again == **launch, "a launch that changes when it is stored");
  }
  if (const auto service = spec::from_json(input); service.ok()) {
    const auto again = spec::from_json(spec::to_json(*service));
    fuzz::require(again.ok() && *again == *service, "a specification that changes when it is stored");
  }
  test::MemoryTree tree;
  for (std::string_view rest = input; !rest.empty();) {
    std::string_view line = fuzz::take_until(rest, '\n');
    const std::string path(fuzz::take_until(line, '='));
    tree.nodes["/" + path] = std::string(line);
  }
  store::ServiceStore store(tree);
  const auto state = store.load("zk");
  if (!state.ok()) fuzz::require(!state.error().message.empty(), "an error without words");
}
