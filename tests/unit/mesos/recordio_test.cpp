// RecordIO: the framing survives any cut, and what is no framing is refused.
#include "mesos/recordio.h"

#include <gtest/gtest.h>

#include "recordings.h"

namespace ostler::mesos {
namespace {

std::string framed(const std::vector<std::string>& records) {
  std::string stream;
  for (const std::string& record : records) stream += std::to_string(record.size()) + "\n" + record;
  return stream;
}

std::vector<std::string> read_in_chunks(std::string_view stream, size_t first, size_t then) {
  RecordReader reader;
  std::vector<std::string> records;
  size_t size = first;
  while (!stream.empty()) {
    const auto fed =
        reader.feed(stream.substr(0, size), [&](std::string&& record) { records.push_back(record); });
    EXPECT_TRUE(fed) << fed.error().text();
    stream.remove_prefix(std::min(size, stream.size()));
    size = then;
  }
  EXPECT_TRUE(reader.is_between_records());
  return records;
}

std::string complaint(std::string_view stream, uint64_t limit = RecordReader::kMaxRecord) {
  RecordReader reader(limit);
  const auto fed = reader.feed(stream, [](std::string&&) {});
  return fed ? "accepted" : fed.error().text();
}

TEST(RecordReader, SplitsAtEveryByteGiveTheSameRecords) {
  const std::vector<std::string> records = {"{}", "{\"type\":\"HEARTBEAT\"}", "", std::string(300, 'x'),
                                            "12\n34"};
  const std::string stream = framed(records);
  for (size_t cut = 1; cut <= stream.size(); ++cut) {
    EXPECT_EQ(read_in_chunks(stream, cut, stream.size()), records) << "cut after " << cut;
    EXPECT_EQ(read_in_chunks(stream, cut, cut), records) << "chunks of " << cut;
  }
}

TEST(RecordReader, SplitsARecordedStreamAtEveryByte) {
  const auto lines = testing::recording("lifecycle");
  OSTLER_NEED_RECORDINGS(lines);
  std::vector<std::string> records;
  for (const auto& line : lines) {
    if (line["kind"] == "event" && records.size() < 40) records.push_back(line["event"].dump());
  }
  ASSERT_GT(records.size(), 20u);
  const std::string stream = framed(records);
  for (size_t cut = 1; cut < stream.size(); ++cut) {
    ASSERT_EQ(read_in_chunks(stream, cut, stream.size()), records) << "cut after " << cut;
  }
}

TEST(RecordReader, KnowsWhenTheStreamMayEnd) {
  RecordReader reader;
  const auto ignore = [](std::string&&) {};
  EXPECT_TRUE(reader.is_between_records());
  ASSERT_TRUE(reader.feed("1", ignore));
  EXPECT_FALSE(reader.is_between_records());
  ASSERT_TRUE(reader.feed("\n", ignore));
  EXPECT_FALSE(reader.is_between_records());
  ASSERT_TRUE(reader.feed("x", ignore));
  EXPECT_TRUE(reader.is_between_records());
}

TEST(RecordReader, RefusesWhatIsNoLength) {
  EXPECT_EQ(complaint("<html>"),
            "the event stream has the byte 0x3c where the length of a record was expected; is this a Mesos "
            "master?");
  EXPECT_EQ(complaint("12x"),
            "the event stream has the byte 0x78 where the length of a record was expected; is this a Mesos "
            "master?");
  EXPECT_EQ(complaint("\n"),
            "the event stream has the byte 0x0a where the length of a record was expected; is this a Mesos "
            "master?");
  EXPECT_EQ(complaint("-1\n"),
            "the event stream has the byte 0x2d where the length of a record was expected; is this a Mesos "
            "master?");
}

TEST(RecordReader, RefusesALengthAboveTheLimit) {
  EXPECT_EQ(complaint("99999999999999999999999999\n"),
            "the event stream announces a record of more than 67108864 bytes, which is the limit");
  EXPECT_EQ(complaint(std::string(21, '0')),
            "the event stream announces a record of more than 67108864 bytes, which is the limit");
  EXPECT_EQ(complaint("11\n", 10),
            "the event stream announces a record of more than 10 bytes, which is the limit");
  EXPECT_EQ(complaint("10\n0123456789", 10), "accepted");
}

TEST(RecordReader, StaysBrokenAfterAnError) {
  RecordReader reader;
  int records = 0;
  const auto count = [&](std::string&&) { ++records; };
  EXPECT_FALSE(reader.feed("x", count));
  EXPECT_FALSE(reader.feed("2\n{}", count));
  EXPECT_EQ(records, 0);
}

}  // namespace
}  // namespace ostler::mesos
