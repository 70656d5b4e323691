#include "mesos/recordio.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/large_pages.h"

namespace ostler::mesos {

Result<void> RecordReader::fail(std::string message) {
  failure_ = std::move(message);
  return Error{Code::kDataLoss, failure_, {}};
}

Result<void> RecordReader::feed(std::string_view bytes, const std::function<void(std::string&&)>& use) {
  if (!failure_.empty()) return Error{Code::kDataLoss, failure_, {}};
  while (!bytes.empty()) {
    if (in_record_) {
      const size_t take = std::min<uint64_t>(length_ - record_.size(), bytes.size());
      record_.append(bytes.substr(0, take));
      bytes.remove_prefix(take);
    } else {
      const char c = bytes.front();
      bytes.remove_prefix(1);
      if (c >= '0' && c <= '9') {
        length_ = length_ * 10 + static_cast<uint64_t>(c - '0');
        ++digits_;
        // Checked at every digit, so the number cannot overflow; 20 digits are what
        // 64 bits can hold, more can only be padding with zeros.
        if (length_ > max_record_ || digits_ > 20) {
          return fail("the event stream announces a record of more than " + std::to_string(max_record_) +
                      " bytes, which is the limit");
        }
        continue;
      }
      if (c != '\n' || digits_ == 0) {
        char found[8];
        std::snprintf(found, sizeof found, "0x%02x", static_cast<unsigned char>(c));
        return fail("the event stream has the byte " + std::string(found) +
                    " where the length of a record was expected; is this a Mesos master?");
      }
      in_record_ = true;
      record_ = std::string();
      reserve_large(record_, length_);  // untouched memory until the bytes come
    }
    if (in_record_ && record_.size() == length_) {
      in_record_ = false;
      length_ = 0;
      digits_ = 0;
      use(std::exchange(record_, std::string()));
    }
  }
  return {};
}

}  // namespace ostler::mesos
