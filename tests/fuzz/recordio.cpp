// A stream gives the same records however it is cut.
#include "mesos/recordio.h"

#include "fuzz.h"

using namespace ostler;

namespace {

struct Outcome {
  std::vector<std::string> records;
  bool ok = true;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view stream, size_t step) {
  Outcome out;
  mesos::RecordReader reader(1 << 16);
  for (size_t at = 0; at < stream.size() && out.ok; at += step) {
    out.ok =
        reader.feed(stream.substr(at, step), [&](std::string&& record) { out.records.push_back(record); })
            .ok();
  }
  if (!out.ok) fuzz::require(!reader.feed("1\nx", [](std::string&&) {}).ok(), "a broken stream that goes on");
  return out;
}

}  // namespace

OSTLER_FUZZ_TARGET(recordio) {
  const Outcome whole = read(input, input.size() + 1);
  fuzz::require(read(input, 1) == whole, "another result byte by byte");
  fuzz::require(read(input, 7) == whole, "another result in pieces");
}
