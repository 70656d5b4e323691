// RecordIO, the framing of Mesos' event stream: "<length>\n<that many bytes>", again
// and again, cut into chunks anywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ostler::mesos {

// Puts records together from the bytes of a stream. One owner, any thread.
class RecordReader {
 public:
  // 64 MiB: an OFFERS event of 45,000 agents. More is no record, but something that
  // is not the stream we asked for.
  static constexpr uint64_t kMaxRecord = 64 * 1024 * 1024;

  explicit RecordReader(uint64_t max_record = kMaxRecord) : max_record_(max_record) {}

  // Takes the next bytes and calls `use` for each record that they complete, in
  // order. An error means that the stream cannot be read any further: the reader
  // gives the same error from then on.
  Result<void> feed(std::string_view bytes, const std::function<void(std::string&& record)>& use);

  // True when the stream may end here: not within a record or a length.
  bool is_between_records() const { return !in_record_ && digits_ == 0; }

 private:
  Result<void> fail(std::string message);

  const uint64_t max_record_;
  uint64_t length_ = 0;  // of the record, or as far as its digits were read
  int digits_ = 0;
  bool in_record_ = false;
  std::string record_;
  std::string failure_;
};

}  // namespace ostler::mesos
