// Events that are read in parts (json_reader.h): what comes out is what comes out of the
// same offers one by one.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "mesos/event_parser.h"
#include "mesos/json_reader.h"

namespace ostler::mesos {
namespace {

using nlohmann::json;

ParserConfig config() { return {.framework_id = "F1", .roles = {"zk"}}; }

// Texts in which a part could be cut wrongly, and offers of very different lengths.
std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> pieces = {"},{\"", ",",     "\"",        "\\", "]}", "a",
                                                  "\n",    "\\\",", "\xc3\xa4,", "{",  "[",  "0,"};
  std::string text;
  for (auto n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
  if (random() % 50 == 0) text += std::string(random() % 5000, ',');
  return text;
}

json random_offer(std::mt19937_64& random, int number) {
  json offer = {{"id", {{"value", "O" + std::to_string(number)}}},
                {"agent_id", {{"value", "S" + random_text(random)}}},
                {"hostname", random_text(random)},
                {"allocation_info", {{"role", "zk"}}}};
  for (auto n = random() % 4; n > 0; --n)
    offer["attributes"].push_back(
        {{"name", random_text(random)}, {"type", "TEXT"}, {"text", {{"value", random_text(random)}}}});
  for (auto n = random() % 5; n > 0; --n) {
    json resource = {{"name", "cpus"},
                     {"type", "SCALAR"},
                     {"scalar", {{"value", static_cast<double>(random() % 1000) / 8}}},
                     {"odd", random_text(random)}};
    if (random() % 3 == 0)
      resource["reservations"].push_back(
          {{"type", "DYNAMIC"},
           {"role", "zk"},
           {"labels", {{"labels", {{{"key", "resource_id"}, {"value", random_text(random) + "x"}}}}}}});
    offer["resources"].push_back(resource);
  }
  return offer;
}

// Everything that the batch says of an offer.
std::string told(const OfferBatch& batch, size_t number) {
  const ostler_offer_t& offer = batch.offers[number];
  json out = {view(offer.id), view(offer.agent_id), view(offer.hostname)};
  for (uint32_t i = 0; i < offer.attributes.count; ++i) {
    const ostler_attribute_t& attribute = batch.attributes[offer.attributes.first + i];
    out.push_back({view(attribute.name), view(attribute.text)});
  }
  for (uint32_t i = 0; i < offer.resources.count; ++i) {
    const uint32_t at = offer.resources.first + i;
    const ostler_resource_t& resource = batch.resources[at];
    out.push_back({view(resource.name), resource.milli, resource.flags, view(resource.reservation_id),
                   batch.raw_resources[at]});
  }
  return out.dump();
}

std::vector<std::string> told(const OfferBatch& batch) {
  std::vector<std::string> out;
  for (size_t i = 0; i < batch.size(); ++i) out.push_back(told(batch, i));
  return out;
}

OfferBatch parse(EventParser& parser, const std::string& offers) {
  auto parsed = parser.parse(R"({"type":"OFFERS","offers":{"offers":[)" + offers + "]}}");
  EXPECT_TRUE(parsed.ok()) << parsed.error().text();
  return parsed.ok() ? std::move(std::get<event::Offers>(*parsed->event).batch) : OfferBatch();
}

TEST(LargeEvent, SaysWhatItsOffersSayOneByOne) {
  const uint64_t seed = std::random_device()();
  printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  EventParser parser(config());
  for (int round = 0; round < 4; ++round) {
    std::string all;
    std::vector<std::string> expected;
    std::vector<uint32_t> reserved;
    for (int i = 0; all.size() < 5 * JsonReader::kPart; ++i) {
      const std::string one = random_offer(random, i).dump();
      all += (i == 0 ? "" : random() % 2 == 0 ? "," : " ,\n") + one;
      expected.push_back(told(parse(parser, one), 0));
    }
    const OfferBatch batch = parse(parser, all);
    ASSERT_EQ(told(batch), expected) << "seed " << seed << ", round " << round;
    for (uint32_t i = 0; i < batch.resources.size(); ++i)
      if (batch.resources[i].flags & OSTLER_RES_RESERVED) reserved.push_back(i);
    EXPECT_EQ(batch.reserved, reserved);
  }
}

TEST(LargeEvent, MayHaveAnOfferLargerThanAPart) {
  std::mt19937_64 random(1);
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    json offer = random_offer(random, i);
    if (i == 500) offer["unknown"] = std::string(2 * JsonReader::kPart, ',');
    all += (i == 0 ? "" : ",") + offer.dump();
  }
  EventParser parser(config());
  EXPECT_EQ(parse(parser, all).size(), 1000u);
}

TEST(LargeEvent, MayHaveItsTypeAtTheEnd) {
  std::string all;
  for (int i = 0; all.size() < 2 * JsonReader::kPart; ++i)
    all +=
        (i == 0 ? "" : ",") + (R"({"agent_id":{"value":"S"},"id":{"value":"O)" + std::to_string(i) + "\"}}");
  EventParser parser(config());
  const auto parsed = parser.parse(R"({"offers":{"offers":[)" + all + R"(]},"more":[1,2],"type":"OFFERS"})");
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  EXPECT_EQ(parsed->type, "OFFERS");
}

TEST(LargeEvent, SaysWhereItIsWrong) {
  std::string all;
  for (int i = 0; i < 60'000; ++i)
    all += (i == 0 ? "" : ",") +
           (R"({"agent_id":{"value":"S"},"id":{"value":)" + std::string(i == 50'000 ? "7" : "\"O\"") + "}}");
  EventParser parser(config());
  EXPECT_EQ(parser.parse(R"({"type":"OFFERS","offers":{"offers":[)" + all + "]}}").error().text(),
            "offers.offers[50000].id.value: expected a string, found 7");
  EXPECT_FALSE(parser.parse(R"({"type":"OFFERS","offers":{"offers":[)" + all).ok());
  EXPECT_EQ(parse(parser, R"({"agent_id":{"value":"S"},"id":{"value":"O"}})").size(), 1u)
      << "it is still usable";
}

TEST(LargeEvent, GivesItsArraysToTheNextOne) {
  std::mt19937_64 random(1);
  std::string all;
  for (int i = 0; i < 5'000; ++i) all += (i == 0 ? "" : ",") + random_offer(random, i).dump();
  EventParser parser(config());
  OfferBatch first = parse(parser, all);
  const ostler_resource_t* const arrays = first.resources.data();
  const std::vector<std::string> expected = told(first);
  OfferBatch second = parse(parser, all);
  EXPECT_NE(second.resources.data(), arrays) << "the first is still there";
  first = OfferBatch();
  OfferBatch third = parse(parser, all);
  EXPECT_EQ(third.resources.data(), arrays);
  EXPECT_EQ(told(third), expected);
  EXPECT_EQ(told(second), expected);
}

}  // namespace
}  // namespace ostler::mesos
