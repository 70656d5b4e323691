// Base64 of secrets, and references to them.
#include <memory>
#include <ostler/plugin.hpp>

#include "base64.h"
#include "file/reference.h"
#include "fuzz.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(secrets) {
  const size_t room = base64_room(input.size());
  const std::unique_ptr<uint8_t[]> out(new uint8_t[room]);
  const Base64Result decoded = decode_base64(input, out.get());
  fuzz::require(decoded.size <= room, "more bytes than there is room for");
  fuzz::require(decoded.position <= input.size(), "a problem behind the end");
  try {
    const secrets::Reference reference = secrets::parse_reference(input);
    for (const std::string& folder : reference.folders)
      fuzz::require(folder != "..", "a way out of the folder");
    fuzz::require(reference.name != ".." && !reference.name.empty(), "a name that is none");
    secrets::authorise(reference, input.substr(0, input.size() / 2));
  } catch (const plugin::Error&) {
  }
}
