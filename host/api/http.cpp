#include "api/http.h"

#include <charconv>

namespace ostler::api {
namespace {

// Form decoding: '+' is a space, %XX a byte. Nothing for a broken escape.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    unsigned byte = 0;
    const char* const from = text.data() + i + 1;
    if (std::from_chars(from, from + 2, byte, 16).ptr != from + 2) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

}  // namespace

std::optional<std::string> Request::parameter(std::string_view name) const {
  std::string_view left = query;
  while (!left.empty()) {
    const std::string_view pair = left.substr(0, left.find('&'));
    left.remove_prefix(pair.size() < left.size() ? pair.size() + 1 : left.size());
    const size_t equals = pair.find('=');
    if (decode(pair.substr(0, equals)) == name) {
      return equals == std::string_view::npos ? std::optional<std::string>("")
                                              : decode(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

Response text_response(uint32_t status, std::string body) {
  return {status, {{"Content-Type", "text/plain"}}, std::move(body)};
}

Response json_text_response(uint32_t status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

Response not_found(std::string_view thing, std::string_view name) {
  constexpr size_t kShown = 200;
  std::string shown(name.substr(0, kShown));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = '?';
  }
  if (name.size() > kShown) shown += "...";
  return text_response(404, std::string(thing) + " " + shown + " not found");
}

}  // namespace ostler::api
