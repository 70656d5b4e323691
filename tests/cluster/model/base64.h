// Base64 as the uuids of status updates need it (RFC 4648, padded).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ostler::cluster {

std::string to_base64(std::string_view bytes);
// Nothing when the text is not base64; `bad` is then the first offending character,
// or 0 when only the length is wrong.
std::optional<std::string> from_base64(std::string_view text, char* bad = nullptr);

}  // namespace ostler::cluster
