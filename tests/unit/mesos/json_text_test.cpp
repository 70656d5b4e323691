// JSON text, both ways, beside what nlohmann makes of the same.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "mesos/codec.h"
#include "mesos/json_writer.h"

namespace ostler::mesos {
namespace {

using nlohmann::json;

void write_json(JsonWriter& out, const json& value) {
  if (value.is_object()) {
    out.object([&] {
      for (const auto& [key, member] : value.items()) {
        out.key(key);
        write_json(out, member);
      }
    });
  } else if (value.is_string()) {
    out.value(value.get_ref<const std::string&>());
  } else if (value.is_boolean()) {
    out.value(value.get<bool>());
  } else if (value.is_number_float()) {
    out.value(value.get<double>());
  } else if (value.is_number_unsigned()) {
    out.value(value.get<uint64_t>());
  } else {
    out.value(value.get<int64_t>());
  }
}

std::string written(const json& value) {
  JsonWriter out;
  write_json(out, value);
  return out.take();
}

TEST(JsonWriter, WritesTheShortestText) {
  JsonWriter out;
  out.object([&] {
    out.field("text", "a\"b\\c\x01\x1f\n\t\xc3\xa9/");
    out.field("whole", 64.0);
    out.field("part", 0.1);
    out.field("least", std::numeric_limits<int64_t>::min());
    out.field("most", std::numeric_limits<uint64_t>::max());
    out.field("flag", false);
    out.field("none", std::numeric_limits<double>::infinity());
    out.id_field("task_id", "t");
    out.array("list", std::vector<int>{1, 2}, [&](int item) { out.value(item); });
    out.array("empty", std::vector<int>{}, [&](int item) { out.value(item); });
  });
  EXPECT_EQ(out.take(),
            "{\"text\":\"a\\\"b\\\\c\\u0001\\u001f\\n\\t\xc3\xa9/\",\"whole\":64,\"part\":0.1,"
            "\"least\":-9223372036854775808,\"most\":18446744073709551615,\"flag\":false,\"none\":null,"
            "\"task_id\":{\"value\":\"t\"},\"list\":[1,2],\"empty\":[]}");
}

TEST(JsonWriter, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(written(json("a\xff\"b")), "\"a\xef\xbf\xbd\\\"b\"");
}

std::string with_extra(const json& own, const std::string& extra) {
  JsonWriter out;
  out.object(
      [&] {
        for (const auto& [key, member] : own.items()) {
          out.key(key);
          write_json(out, member);
        }
      },
      extra);
  return out.take();
}

TEST(JsonWriter, AddsWhatTheObjectDoesNotHaveAtEveryDepth) {
  EXPECT_EQ(with_extra(json::object(), ""), "{}");
  EXPECT_EQ(with_extra(json::object(), "{}"), "{}");
  EXPECT_EQ(with_extra(json::object(), R"({"b":1})"), R"({"b":1})");
  EXPECT_EQ(with_extra({{"a", 1}}, R"({"b":[2]})"), R"({"a":1,"b":[2]})");
  EXPECT_EQ(with_extra({{"a", 1}}, R"({"a":2,"c":3})"), R"({"a":1,"c":3})") << "its own wins";
  EXPECT_EQ(with_extra({{"a", {{"x", 1}}}}, R"({"a":{"x":2,"y":3}})"), R"({"a":{"x":1,"y":3}})");
  // The key stands inside only.
  EXPECT_EQ(json::parse(with_extra({{"a", {{"b", 1}}}}, R"({"b":2})")),
            json::parse(R"({"a":{"b":1},"b":2})"));
}

// Any document, deep, with texts of every kind of byte.
json any(std::mt19937& random, int depth) {
  const auto text = [&] {
    std::string bytes;
    for (auto n = random() % 8; n > 0; --n) bytes += static_cast<char>(random() % 3 ? random() % 128 : 0x80);
    return json::parse(json(bytes).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
  };
  switch (random() % (depth > 0 ? 6 : 5)) {
    case 0:
      return text();
    case 1:
      return random() % 2 == 0;
    case 2:
      return -static_cast<int64_t>(random()) - 1;
    case 3:
      return static_cast<uint64_t>(random()) << 32;
    case 4:
      return std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 100);
    default: {
      json object = json::object();
      for (auto n = random() % 4; n > 0; --n) object[text()] = any(random, depth - 1);
      return object;
    }
  }
}

TEST(JsonText, AnyDocumentComesBack) {
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const json document = any(random, 5);
    const auto again = parse_json(written(document));
    ASSERT_TRUE(again.ok()) << "seed " << seed << ": " << again.error().text();
    // Numbers may change from double to integer and still be equal.
    ASSERT_EQ(*again, document) << "seed " << seed;
    ASSERT_EQ(*parse_json(json_text(document)), document) << "seed " << seed;
  }
}

TEST(JsonText, BrokenTextIsReadAsTheSlowerParserReadsIt) {
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  for (int round = 0; round < 5000; ++round) {
    std::string text = json_text(any(random, 4));
    for (auto n = random() % 3; n > 0 && !text.empty(); --n)
      text[random() % text.size()] = static_cast<char>("{}[]\",:0e-x\xff\\"[random() % 14]);
    const json expected = json::parse(text, nullptr, /*allow_exceptions=*/false);
    const auto read = parse_json(text);
    ASSERT_EQ(read.ok(), !expected.is_discarded()) << "seed " << seed << ": " << text;
    if (read.ok()) {
      ASSERT_EQ(*read, expected) << "seed " << seed << ": " << text;
    }
  }
}

TEST(JsonText, NothingIsNoDocument) {
  EXPECT_EQ(parse_json("").error().text(), "byte 1: this is not valid JSON");
  EXPECT_EQ(parse_json(std::string_view()).error().text(), "byte 1: this is not valid JSON")
      << "no memory at all";
}

TEST(JsonText, NumbersThatSimdjsonRefusesAreStillRead) {
  EXPECT_EQ(*parse_json("18446744073709551616"), json(18446744073709551616.0));
  EXPECT_EQ(parse_json("1e999").error().text(), "this JSON has a number that is out of range");
  EXPECT_EQ(*parse_json(R"({"a":1,"a":2})"), json({{"a", 2}})) << "the last one counts, as it always did";
}

TEST(ParseJson, TakesSixtyFourLevelsAndNoMore) {
  const auto nested = [](size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_TRUE(parse_json(nested(64)).ok());
  EXPECT_EQ(parse_json(nested(65)).error().text(), "this JSON is nested deeper than 64 levels");
}

}  // namespace
}  // namespace ostler::mesos
