// Reads a file below a folder that it never leaves: every component is opened by
// itself, relative to the one before, and none may be a symbolic link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "reference.h"

namespace ostler::secrets {

// Memory that is wiped before it is given back. It never grows, so no copy is left.
class WipedBuffer {
 public:
  explicit WipedBuffer(size_t room) : bytes_(new uint8_t[room]), room_(room) {}
  ~WipedBuffer();
  WipedBuffer(WipedBuffer&&) noexcept = default;
  WipedBuffer& operator=(WipedBuffer&&) = delete;

  uint8_t* data() { return bytes_.get(); }
  size_t room() const { return room_; }
  size_t size = 0;
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.get()), size}; }

 private:
  std::unique_ptr<uint8_t[]> bytes_;
  size_t room_;
};

// Throws FAILED_PRECONDITION unless `directory` is a folder that can be searched.
void check_directory(const std::string& directory);

// The file's content. Throws NOT_FOUND, PERMISSION_DENIED (a symbolic link, no regular
// file, writable by everybody, not readable), RESOURCE_EXHAUSTED (over `max_bytes`).
WipedBuffer read_secret(const std::string& directory, const Reference& reference, size_t max_bytes);

}  // namespace ostler::secrets
