#include "file_secrets.h"

#include "base64.h"
#include "secret_file.h"
#include "support/config.h"
#include "support/text.h"

namespace ostler::secrets {

using plugin::Error;
using support::quote;

FileSecrets::FileSecrets(plugin::Host /*host*/, std::string_view config) {
  support::Config keys(config);
  directory_ = keys.text("directory");
  max_bytes_ = static_cast<size_t>(keys.whole("max_bytes", 1 << 20, 1, 64 << 20));
  if (!directory_.empty() && directory_.front() != '/')
    keys.problem("/directory",
                 "the folder " + quote(directory_) + " is relative; expected one that starts with '/'");
  keys.finish();
}

void FileSecrets::start(uint32_t /*timeout_ms*/) { check_directory(directory_); }

void FileSecrets::resolve(std::string_view reference, std::string_view owner, uint32_t /*timeout_ms*/,
                          const ostler_sink_t* value, ostler_secret_info_t& info) {
  const Reference parsed = parse_reference(reference);
  authorise(parsed, owner);
  const WipedBuffer content = read_secret(directory_, parsed, max_bytes_);
  info.expires_ms = 0;
  if (!parsed.is_base64) return plugin::write(value, content.view());

  WipedBuffer decoded(base64_room(content.size));
  const Base64Result result = decode_base64(content.view(), decoded.data());
  if (result.problem != nullptr)
    throw Error(OSTLER_DATA_LOSS, "the secret " + quote(parsed.text) + " is not valid base64: byte " +
                                      std::to_string(result.position) + ": " + result.problem);
  decoded.size = result.size;
  plugin::write(value, decoded.view());
}

}  // namespace ostler::secrets
