// File reading with limits; std::filesystem resolves links and "..".
#include "spec/template_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "spec/problem.h"
#include "spec/utf8.h"

namespace fs = std::filesystem;

namespace ostler::spec {

Result<std::string> read_text_file(const std::string& path, size_t max_bytes) {
  const auto failure = [&](Code code, std::string message) {
    return Error{code, std::move(message), in_quotes(path)};
  };
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (!fs::exists(status)) return failure(Code::kNotFound, "does not exist");
  // A pipe or a device could block for ever or never end.
  if (!fs::is_regular_file(status)) return failure(Code::kInvalidArgument, "is not a regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return failure(Code::kPermissionDenied, std::string("cannot be opened: ") + std::strerror(errno));
  // Piece by piece: a buffer of the limit's size would stay with the text for ever.
  std::string text;
  char piece[16 * 1024];
  while (file && text.size() <= max_bytes) {
    file.read(piece, sizeof piece);
    text.append(piece, static_cast<size_t>(file.gcount()));
  }
  if (file.bad()) return failure(Code::kUnavailable, "cannot be read");
  text.shrink_to_fit();
  if (text.size() > max_bytes) {
    return failure(Code::kResourceExhausted, "has more than " + std::to_string(max_bytes) + " bytes");
  }
  return text;
}

Result<std::string> read_template(const std::string& folder, const std::string& path) {
  const auto failure = [&](Code code, std::string message) {
    return Error{code, std::move(message), in_quotes(path)};
  };
  if (path.empty() || fs::path(path).is_absolute()) {
    return failure(Code::kPermissionDenied, "is an absolute path");
  }
  std::error_code code;
  const fs::path root = fs::canonical(folder, code);
  if (code) return failure(Code::kNotFound, "is in a folder that cannot be read");
  const fs::path file = fs::weakly_canonical(root / path, code);
  if (code) return failure(Code::kNotFound, "cannot be resolved");
  const auto [end_of_root, rest] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  if (end_of_root != root.end())
    return failure(Code::kPermissionDenied, "leads out of the folder of svc.yml");
  auto text = read_text_file(file.string(), kMaxTemplateBytes);
  if (!text) return failure(text.error().code, text.error().message);
  if (text->empty()) return failure(Code::kInvalidArgument, "is empty");
  if (find_bad_text(*text)) return failure(Code::kInvalidArgument, "is not UTF-8 text");
  return text;
}

}  // namespace ostler::spec
