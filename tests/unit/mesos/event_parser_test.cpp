// The event parser: the flat form of offers, the small events, and bad records.
#include "mesos/event_parser.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "mesos/codec.h"
#include "recordings.h"

namespace ostler::mesos {
namespace {

using nlohmann::json;

ParserConfig us() { return {.framework_id = "F1", .roles = {"zk"}}; }

OfferBatch offers(const std::string& list, ParserConfig config = us()) {
  EventParser parser(std::move(config));
  auto parsed = parser.parse(R"({"type":"OFFERS","offers":{"offers":)" + list + "}}");
  EXPECT_TRUE(parsed) << parsed.error().text();
  return parsed ? std::move(std::get<event::Offers>(*parsed->event).batch) : OfferBatch();
}

// An offer that has only these resources.
OfferBatch with_resources(const std::string& resources, ParserConfig config = us()) {
  return offers(
      R"([{"id":{"value":"O1"},"agent_id":{"value":"S1"},"allocation_info":{"role":"zk"},"resources":)" +
          resources + "}]",
      std::move(config));
}

ostler_resource_t resource_with(const std::string& fields) {
  static OfferBatch batch;  // the text must outlive the resource
  batch = with_resources(R"([{"name":"disk","type":"SCALAR","scalar":{"value":1},)" + fields + "}]");
  return batch.resources.at(0);
}

std::string complaint(std::string record) {
  EventParser parser(us());
  const auto parsed = parser.parse(std::move(record));
  return parsed ? "accepted" : parsed.error().text();
}

TEST(EventParser, FlattensAnOffer) {
  const OfferBatch batch = offers(R"([{
    "id": {"value": "O1"}, "agent_id": {"value": "S1"}, "hostname": "h1", "framework_id": {"value": "F1"},
    "domain": {"fault_domain": {"region": {"name": "r1"}, "zone": {"name": "z1"}}},
    "allocation_info": {"role": "zk"},
    "executor_ids": [{"value": "e1"}, {"value": "e2"}],
    "attributes": [{"name": "rack", "type": "TEXT", "text": {"value": "r7"}},
                   {"name": "speed", "type": "SCALAR", "scalar": {"value": 2.50}},
                   {"name": "slots", "type": "RANGES", "ranges": {"range": [{"begin":1,"end":3},{"begin":5,"end":5}]}},
                   {"name": "tags", "type": "SET", "set": {"item": ["a", "b"]}},
                   {"name": "none", "type": "SET", "set": {"item": []}}],
    "resources": [
      {"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.1}, "allocation_info": {"role": "zk"}},
      {"name": "mem", "type": "SCALAR", "scalar": {"value": 1024.0}},
      {"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 1025, "end": 2180}, {"begin": 2182, "end": 3887}]}},
      {"name": "gpus", "type": "SCALAR", "scalar": {"value": 1}},
      {"name": "widgets", "type": "SCALAR", "scalar": {"value": 3}, "revocable": {}, "shared": {}}],
    "url": {"scheme": "http", "address": {"port": 5051}}, "unavailability": {"start": {"nanoseconds": 1}}
  }])");
  ASSERT_EQ(batch.size(), 1u);
  const ostler_offer_t& offer = batch.offers[0];
  EXPECT_EQ(view(offer.id), "O1");
  EXPECT_EQ(view(offer.agent_id), "S1");
  EXPECT_EQ(view(offer.hostname), "h1");
  EXPECT_EQ(view(offer.region), "r1");
  EXPECT_EQ(view(offer.zone), "z1");
  ASSERT_EQ(batch.unavailable.size(), 1u);
  EXPECT_EQ(batch.unavailable[0].from_ms, 0);
  EXPECT_GT(batch.unavailable[0].until_ms, int64_t{3'000'000'000'000})
      << "without a duration it does not end";

  ASSERT_EQ(offer.executor_ids.count, 2u);
  EXPECT_EQ(view(batch.executor_ids[1]), "e2");
  ASSERT_EQ(offer.attributes.count, 5u);
  std::string attributes;
  for (const ostler_attribute_t& a : batch.attributes)
    attributes += std::string(view(a.name)) + "=" + std::string(view(a.text)) + " ";
  EXPECT_EQ(attributes, "rack=r7 speed=2.5 slots=[1-3,5-5] tags={a,b} none={} ");

  ASSERT_EQ(offer.resources.count, 5u);
  const auto& r = batch.resources;
  EXPECT_EQ(r[0].kind, OSTLER_RES_CPUS);
  EXPECT_EQ(r[0].milli, 100);
  EXPECT_EQ(r[0].flags, 0u);
  EXPECT_EQ(view(r[0].reservation_role), "*");
  EXPECT_EQ(r[1].kind, OSTLER_RES_MEM);
  EXPECT_EQ(r[1].milli, 1024000);
  EXPECT_EQ(view(r[1].allocation_role), "zk") << "taken from the offer";
  EXPECT_EQ(r[2].kind, OSTLER_RES_PORTS);
  ASSERT_EQ(r[2].ranges.count, 2u);
  EXPECT_EQ(batch.ranges[r[2].ranges.first + 1].first, 2182u);
  EXPECT_EQ(batch.ranges.size(), 2u) << "the attribute's ranges are not kept";
  EXPECT_EQ(r[3].kind, OSTLER_RES_GPUS);
  EXPECT_EQ(r[4].kind, OSTLER_RES_OTHER);
  EXPECT_EQ(view(r[4].name), "widgets");
  EXPECT_EQ(r[4].flags, OSTLER_RES_REVOCABLE | OSTLER_RES_SHARED);
}

TEST(EventParser, KnowsWhichAgentsAreToGoAwayAlsoAfterBatchesAreJoined) {
  const auto offer = [](const std::string& more) {
    return R"({"id":{"value":"O1"},"agent_id":{"value":"S1"})" + more + "}";
  };
  const std::string away =
      R"(,"unavailability":{"start":{"nanoseconds":1700000000000000000},"duration":{"nanoseconds":60000000000}})";
  OfferBatch batch = offers("[" + offer("") + "," + offer(away) + "]");
  batch.append(offers("[" + offer(away) + "]"));
  ASSERT_EQ(batch.unavailable.size(), 2u);
  EXPECT_EQ(batch.unavailable[0].offer, 1u);
  EXPECT_EQ(batch.unavailable[1].offer, 2u);
  EXPECT_EQ(batch.unavailable[1].from_ms, 1'700'000'000'000);
  EXPECT_EQ(batch.unavailable[1].until_ms, 1'700'000'060'000);
}

TEST(EventParser, TellsWhoseAReservationIs) {
  const auto dynamic = [](const char* role, const char* labels) {
    return resource_with(std::string(R"("reservations":[{"type":"DYNAMIC","role":")") + role +
                         R"(","principal":"p","labels":{"labels":)" + labels + "}}]");
  };
  ostler_resource_t ours =
      dynamic("zk", R"([{"key":"resource_id","value":"r1"},{"key":"framework_id","value":"F1"}])");
  EXPECT_EQ(ours.flags, OSTLER_RES_RESERVED);
  EXPECT_EQ(view(ours.reservation_id), "r1");
  EXPECT_EQ(view(ours.reservation_role), "*");

  for (const ostler_resource_t& foreign :
       {dynamic("zk", R"([{"key":"resource_id","value":"r1"},{"key":"framework_id","value":"F2"}])"),
        dynamic("other", R"([{"key":"resource_id","value":"r1"},{"key":"framework_id","value":"F1"}])"),
        dynamic("zk", R"([{"key":"resource_id","value":"r1"}])"),  // of no framework that we know of
        dynamic("zk", R"([{"key":"x","value":"r1"}])"), dynamic("zk", R"([{"key":"resource_id"}])"),
        dynamic("zk", "[]"), resource_with(R"("reservations":[{"type":"DYNAMIC","role":"zk"}])"),
        resource_with(R"("role":"zk","reservation":{"principal":"p"})")}) {
    EXPECT_EQ(foreign.flags, OSTLER_RES_FOREIGN);
    EXPECT_EQ(view(foreign.reservation_id), "");
  }
}

TEST(EventParser, SeesTheStaticReservationBelow) {
  const ostler_resource_t alone = resource_with(R"("reservations":[{"type":"STATIC","role":"pre"}])");
  EXPECT_EQ(alone.flags, OSTLER_RES_STATIC);
  EXPECT_EQ(view(alone.reservation_role), "pre");
  const ostler_resource_t below = resource_with(R"("reservations":[{"type":"STATIC","role":"pre"},
      {"type":"DYNAMIC","role":"zk","labels":{"labels":[{"key":"resource_id","value":"r1"},
      {"key":"framework_id","value":"F1"}]}}])");
  EXPECT_EQ(below.flags, OSTLER_RES_STATIC | OSTLER_RES_RESERVED);
  EXPECT_EQ(view(below.reservation_role), "pre");
  EXPECT_EQ(view(below.reservation_id), "r1");
}

TEST(EventParser, TellsDisksApart) {
  const ostler_resource_t volume = resource_with(
      R"("disk":{"persistence":{"id":"v1","principal":"p"},"volume":{"container_path":"d","mode":"RW"}})");
  EXPECT_EQ(volume.flags, OSTLER_RES_VOLUME);
  EXPECT_EQ(volume.kind, OSTLER_RES_DISK);
  EXPECT_EQ(view(volume.persistence_id), "v1");
  const ostler_resource_t mount =
      resource_with(R"("disk":{"source":{"type":"MOUNT","profile":"fast","mount":{"root":"/m"}}})");
  EXPECT_EQ(mount.flags, OSTLER_RES_MOUNT);
  EXPECT_EQ(view(mount.profile), "fast");
  for (const char* type : {"PATH", "BLOCK", "RAW", "FUTURE"}) {
    const ostler_resource_t odd =
        resource_with(std::string(R"("disk":{"source":{"type":")") + type + R"("}})");
    EXPECT_EQ(odd.kind, OSTLER_RES_OTHER) << type << " must not pass for the root disk";
  }
}

// Mesos would refuse to reserve a part of it that lacks what we do not know.
TEST(EventParser, WhatIsNotUnderstoodIsNotDivided) {
  const OfferBatch batch = with_resources(
      R"([{"name":"cpus","type":"SCALAR","scalar":{"value":4},"provider_id":{"value":"p"}},)"
      R"({"name":"ports","type":"RANGES","ranges":{"range":[{"begin":1,"end":9}]},"future":1},)"
      R"({"name":"disk","type":"SCALAR","scalar":{"value":4},"provider_id":{"value":"p"},)"
      R"("disk":{"source":{"type":"MOUNT"}}}])");
  EXPECT_EQ(batch.resources[0].kind, OSTLER_RES_OTHER);
  EXPECT_EQ(batch.resources[1].kind, OSTLER_RES_OTHER);
  EXPECT_EQ(batch.resources[2].kind, OSTLER_RES_DISK) << "taken whole, with everything";
}

TEST(EventParser, AResourceOfAnUnknownTypeIsNobodys) {
  const OfferBatch batch = with_resources(R"([{"name":"cpus","type":"MATRIX","matrix":[[1]]}])");
  EXPECT_EQ(batch.resources[0].kind, OSTLER_RES_OTHER);
  EXPECT_EQ(batch.resources[0].flags, OSTLER_RES_FOREIGN);
  EXPECT_EQ(batch.resource(0).name, "cpus") << "and reading it does no harm";
}

TEST(EventParser, TextWithEscapesIsUnescapedIntoTheBatch) {
  const OfferBatch batch = offers(
      R"([{"id":{"value":"O\u0031"},"agent_id":{"value":"S\"1\""},"hostname":"h\\1",
           "attributes":[{"name":"t","set":{"item":["\u00e4"]}}]},
          {"id":{"value":"O\u0032"},"agent_id":{"value":"S\/2"}}])");
  EXPECT_EQ(view(batch.offers[0].id), "O1");
  EXPECT_EQ(view(batch.offers[0].agent_id), "S\"1\"");
  EXPECT_EQ(view(batch.offers[0].hostname), "h\\1");
  EXPECT_EQ(view(batch.attributes[0].text), "{\xc3\xa4}");
  EXPECT_EQ(view(batch.offers[1].id), "O2");
  EXPECT_EQ(view(batch.offers[1].agent_id), "S/2");
}

TEST(EventParser, KeepsEachResourcesOwnText) {
  const OfferBatch batch = with_resources(
      "[ {\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1},\"extra\":{\"}\":\"}]\"}}  ,\n"
      "  {\"extra\":[1,{}],\"name\":\"mem\",\"type\":\"SCALAR\",\"scalar\":{\"value\":2.0 } }\n]");
  EXPECT_EQ(batch.raw_resources[0],
            R"({"name":"cpus","type":"SCALAR","scalar":{"value":1},"extra":{"}":"}]"}})");
  EXPECT_EQ(batch.raw_resources[1],
            R"({"extra":[1,{}],"name":"mem","type":"SCALAR","scalar":{"value":2.0 } })");
  EXPECT_EQ(batch.resource(1).extra, R"({"extra":[1,{}]})");
}

TEST(EventParser, ABatchStaysReadableAfterOthersAndMoves) {
  EventParser parser(us());
  const auto record = [](const char* id) {
    return std::string(R"({"type":"OFFERS","offers":{"offers":[{"id":{"value":")") + id +
           R"("},"agent_id":{"value":"S\u0031"},"executor_ids":[{"value":"e"}],"attributes":[{"name":"a","text":{"value":"b"}}],
            "resources":[{"name":"ports","type":"RANGES","ranges":{"range":[{"begin":1,"end":2}]}}]}]}})";
  };
  auto first = parser.parse(record("O1"));
  auto second = parser.parse(record("O2"));
  ASSERT_TRUE(first && second);
  OfferBatch all = std::move(std::get<event::Offers>(*first->event).batch);
  all.append(std::move(std::get<event::Offers>(*second->event).batch));
  ASSERT_EQ(all.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(view(all.offers[i].id), i == 0 ? "O1" : "O2");
    EXPECT_EQ(view(all.offers[i].agent_id), "S1");
    EXPECT_EQ(all.offers[i].resources.first, i);
    EXPECT_EQ(all.offers[i].attributes.first, i);
    EXPECT_EQ(all.offers[i].executor_ids.first, i);
    EXPECT_EQ(all.resources[i].ranges.first, i);
  }
}

TEST(EventParser, ReadsSubscribed) {
  EventParser parser;
  const auto parsed = parser.parse(
      R"({"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"F1"},"heartbeat_interval_seconds":15.0,
          "master_info":{"hostname":"m","domain":{"fault_domain":{"region":{"name":"r1"},"zone":{"name":"z"}}}}}})");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->heartbeat_interval_s, 15);
  const auto& subscribed = std::get<event::Subscribed>(*parsed->event);
  EXPECT_EQ(subscribed.framework_id, "F1");
  EXPECT_EQ(subscribed.region, "r1");
}

TEST(EventParser, ReadsTheSmallEvents) {
  EventParser parser;
  EXPECT_EQ(std::get<event::Rescinded>(
                *parser.parse(R"({"type":"RESCIND","rescind":{"offer_id":{"value":"O7"}}})")->event)
                .offer_id,
            "O7");
  EXPECT_EQ(std::get<event::Error>(
                *parser.parse(R"({"error":{"message":"Framework \"x\" failed over"},"type":"ERROR"})")->event)
                .message,
            "Framework \"x\" failed over");
  const auto failure = std::get<event::Failure>(
      *parser
           .parse(
               R"({"type":"FAILURE","failure":{"agent_id":{"value":"S"},"executor_id":{"value":"E"},"status":-9}})")
           ->event);
  EXPECT_EQ(failure.agent_id + failure.executor_id, "SE");
  EXPECT_EQ(failure.status, -9);
  const auto inverse = std::get<event::InverseOffers>(
      *parser
           .parse(
               R"({"type":"INVERSE_OFFERS","inverse_offers":{"inverse_offers":[{"id":{"value":"I"},"agent_id":{"value":"S"}}]}})")
           ->event);
  EXPECT_EQ(inverse.offer_ids, std::vector<std::string>{"I"});
  EXPECT_EQ(inverse.agent_ids, std::vector<std::string>{"S"});
}

TEST(EventParser, PassesOverWhatItDoesNotKnow) {
  EventParser parser;
  for (const char* record :
       {R"({"type":"HEARTBEAT"})", R"({"type":"FROM_THE_FUTURE","from_the_future":{"a":[1,{}]}})",
        R"({"type":"MESSAGE","message":{"data":"QQ=="}})"}) {
    const auto parsed = parser.parse(record);
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_FALSE(parsed->event) << record;
  }
}

TEST(EventParser, NamesTheValueThatIsWrong) {
  EXPECT_EQ(complaint(""), "Empty: no JSON found");
  EXPECT_EQ(complaint("[]"), "expected an event, which is a JSON object");
  EXPECT_EQ(complaint("{}"), "an event needs a type");
  EXPECT_EQ(complaint(R"({"type":7})"), "type: expected a string, found 7");
  EXPECT_EQ(complaint(R"({"type":"UPDATE","update":{}})"), "update: the field \"status\" is missing");
  EXPECT_EQ(complaint(R"({"type":"UPDATE","update":{"status":{"task_id":{"value":[]}}}})"),
            "update.status.task_id.value: expected a string, found [");
  EXPECT_EQ(complaint(R"({"type":"OFFERS","offers":{"offers":{}}})"),
            "offers.offers: expected an array, found {");
  EXPECT_EQ(complaint(R"({"type":"OFFERS","offers":{"offers":[{"id":{"value":"O"}}]}})"),
            "offers.offers[0]: an offer needs an id and an agent_id");
  EXPECT_EQ(
      complaint(R"({"type":"OFFERS","offers":{"offers":[{"resources":[{},{"scalar":{"value":"4"}}]}]}})"),
      "offers.offers[0].resources[1].scalar.value: expected a number, found \"4\"");
  EXPECT_EQ(
      complaint(
          R"({"type":"OFFERS","offers":{"offers":[{"resources":[{"ranges":{"range":[{"begin":9,"end":8}]}}]}]}})"),
      "offers.offers[0].resources[0].ranges.range[0]: a range ends before its begin");
}

TEST(EventParser, SurvivesEveryTruncationAndGoesOn) {
  const std::string record =
      R"({"type":"OFFERS","offers":{"offers":[{"id":{"value":"O"},"agent_id":{"value":"S"},"resources":[{"name":"cpus",
      "type":"SCALAR","scalar":{"value":1.5},"reservations":[{"type":"DYNAMIC","role":"r","labels":{"labels":[{"key":"k",
      "value":"\u00e4"}]}}],"disk":{"persistence":{"id":"p"}}}],"attributes":[{"name":"a","set":{"item":["x"]}}]}]}})";
  EventParser parser(us());
  for (size_t length = 0; length < record.size(); ++length) {
    EXPECT_FALSE(parser.parse(record.substr(0, length))) << length;
    (void)parser.parse(record.substr(0, length) + "}");  // passes the look at the last byte
  }
  EXPECT_TRUE(parser.parse(std::string(record)));
}

// ---- the recordings: the same as the codec sees

void expect_same_resource(const OfferBatch& batch, size_t index, const json& wire,
                          const std::string& framework_id) {
  const ostler_resource_t& flat = batch.resources[index];
  const Resource resource = *resource_from_json(wire);
  EXPECT_EQ(batch.resource(index), resource);
  EXPECT_EQ(view(flat.name), resource.name);
  EXPECT_EQ(flat.milli, resource.milli);
  EXPECT_EQ(view(flat.allocation_role), resource.allocation_role);
  EXPECT_EQ(view(flat.persistence_id), resource.disk ? resource.disk->persistence_id : "");
  ASSERT_EQ(flat.ranges.count, resource.ranges.size());
  for (size_t i = 0; i < resource.ranges.size(); ++i) {
    const ostler_range_t& range = batch.ranges[flat.ranges.first + i];
    EXPECT_EQ((Range{range.first, range.last}), resource.ranges[i]);
  }
  std::string id;
  std::string owner;
  if (!resource.reservations.empty()) {
    for (const auto& [key, value] : resource.reservations.back().labels) {
      if (key == "resource_id") id = value;
      if (key == "framework_id") owner = value;
    }
  }
  const bool is_ours = !id.empty() && owner == framework_id;
  EXPECT_EQ(view(flat.reservation_id), is_ours ? id : "");
  EXPECT_EQ((flat.flags & OSTLER_RES_RESERVED) != 0, is_ours);
  EXPECT_EQ((flat.flags & OSTLER_RES_FOREIGN) != 0, !resource.reservations.empty() && !is_ours);
}

TEST(EventParserRecordings, OffersAreWhatTheCodecSees) {
  const auto lines = testing::all_recordings();
  OSTLER_NEED_RECORDINGS(lines);
  int resources = 0;
  for (const json& line : lines) {
    if (line["kind"] != "event" || line["event"]["type"] != "OFFERS") continue;
    const json& wire = line["event"]["offers"]["offers"];
    const std::string framework_id = wire[0]["framework_id"]["value"];
    EventParser parser(ParserConfig{.framework_id = framework_id, .roles = {}});
    const auto parsed = parser.parse(line["event"].dump());
    ASSERT_TRUE(parsed) << parsed.error().text();
    const OfferBatch& batch = std::get<event::Offers>(*parsed->event).batch;
    ASSERT_EQ(batch.size(), wire.size());
    for (size_t i = 0; i < wire.size(); ++i) {
      const ostler_offer_t& offer = batch.offers[i];
      EXPECT_EQ(view(offer.id), wire[i]["id"]["value"].get<std::string>());
      EXPECT_EQ(view(offer.agent_id), wire[i]["agent_id"]["value"].get<std::string>());
      EXPECT_EQ(view(offer.hostname), wire[i]["hostname"].get<std::string>());
      EXPECT_EQ(view(offer.zone), wire[i]["domain"]["fault_domain"]["zone"]["name"].get<std::string>());
      EXPECT_EQ(view(batch.attributes[offer.attributes.first].text),
                wire[i]["attributes"][0]["text"]["value"].get<std::string>());
      ASSERT_EQ(offer.resources.count, wire[i]["resources"].size());
      for (uint32_t r = 0; r < offer.resources.count; ++r, ++resources) {
        expect_same_resource(batch, offer.resources.first + r, wire[i]["resources"][r], framework_id);
      }
    }
  }
  EXPECT_GT(resources, 500);
}

TEST(EventParser, AnOperationStatusNamesItsResourceProvider) {
  const json status = json::parse(R"({"operation_id":{"value":"op"},"state":"OPERATION_FINISHED",
      "uuid":{"value":"QQ=="},"agent_id":{"value":"S1"},"resource_provider_id":{"value":"csi-1"}})");
  EventParser parser;
  const auto parsed = parser.parse(
      json{{"type", "UPDATE_OPERATION_STATUS"}, {"update_operation_status", {{"status", status}}}}.dump());
  ASSERT_TRUE(parsed) << parsed.error().text();
  const OperationStatus& read = std::get<event::OperationUpdate>(*parsed->event).status;
  EXPECT_EQ(read.resource_provider_id, "csi-1");
  EXPECT_EQ(to_json(read), status);
  EXPECT_EQ(to_json(*operation_status_from_json(status)), status);
}

TEST(EventParserRecordings, EveryEventIsReadAsTheCodecReadsIt) {
  const auto lines = testing::all_recordings();
  OSTLER_NEED_RECORDINGS(lines);
  EventParser parser;
  std::map<std::string, int> seen;
  for (const json& line : lines) {
    if (line["kind"] != "event") continue;
    const json& wire = line["event"];
    const auto parsed = parser.parse(wire.dump());
    ASSERT_TRUE(parsed) << parsed.error().text() << wire;
    EXPECT_EQ(parsed->type, wire["type"].get<std::string>());
    ++seen[parsed->type];
    EXPECT_EQ(parsed->event.has_value(), parsed->type != "HEARTBEAT");
    if (parsed->type == "UPDATE") {
      EXPECT_EQ(std::get<event::Update>(*parsed->event).status,
                *task_status_from_json(wire["update"]["status"]));
    } else if (parsed->type == "UPDATE_OPERATION_STATUS") {
      const auto& status = std::get<event::OperationUpdate>(*parsed->event).status;
      EXPECT_EQ(to_json(status),
                to_json(*operation_status_from_json(wire["update_operation_status"]["status"])));
      EXPECT_FALSE(status.state.empty());
    }
  }
  for (const char* type : {"SUBSCRIBED", "HEARTBEAT", "OFFERS", "RESCIND", "UPDATE",
                           "UPDATE_OPERATION_STATUS", "FAILURE", "ERROR"}) {
    EXPECT_GT(seen[type], 0) << type;
  }
}

// An agent's attribute may be a date in digits: one such agent must not hide all the others.
TEST(EventParser, ANumberTooLargeForDecimalsIsReadAsFarAsItGoes) {
  const OfferBatch batch = offers(R"([{
    "id":{"value":"O1"},"framework_id":{"value":"F1"},"agent_id":{"value":"S1"},"hostname":"h",
    "attributes":[{"name":"image","type":"SCALAR","scalar":{"value":20241122153000}},
                  {"name":"weight","type":"SCALAR","scalar":{"value":2.5}}],
    "resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1e15},"allocation_info":{"role":"zk-role"}},
                 {"name":"mem","type":"SCALAR","scalar":{"value":64},"allocation_info":{"role":"zk-role"}}]}])");
  ASSERT_EQ(batch.size(), 1U);
  ASSERT_EQ(batch.attributes.size(), 2U);
  EXPECT_EQ(view(batch.attributes[0].text), "20241122153000");
  EXPECT_EQ(view(batch.attributes[1].text), "2.5");
  ASSERT_EQ(batch.resources.size(), 2U);
  EXPECT_EQ(batch.resources[0].kind, static_cast<uint32_t>(OSTLER_RES_OTHER))
      << "no amount that we could use";
  EXPECT_EQ(batch.resources[1].milli, 64000);
}

}  // namespace
}  // namespace ostler::mesos
