// Events of the Mesos master, offers down to each resource.
#include "fuzz.h"
#include "mesos/event_parser.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(mesos_event) {
  mesos::EventParser parser({"F1", {"zk-role"}});
  const auto parsed = parser.parse(std::string(input));
  if (!parsed.ok()) {
    fuzz::require(!parsed.error().message.empty(), "an error without words");
  } else if (parsed->event) {
    if (const auto* offers = std::get_if<mesos::event::Offers>(&*parsed->event)) {
      const mesos::OfferBatch& batch = offers->batch;
      for (uint32_t i = 0; i < batch.resources.size(); ++i) {
        const mesos::Resource resource = batch.resource(i);
        fuzz::require(resource.milli >= 0, "a resource of less than nothing");
      }
    }
  }
  fuzz::require(parser.parse(R"({"type": "HEARTBEAT"})").ok(), "a parser that does not recover");
}
