// A reference to a secret ("team/keytab"): what it may look like, and who may use it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ostler::secrets {

struct Reference {
  std::string text;
  std::vector<std::string> folders;  // may be empty
  std::string name;                  // the last component
  bool is_base64 = false;            // the name starts with "__dcos_base64__"
};

// Throws INVALID_ARGUMENT for anything but a relative path without empty, "." or ".."
// components and control characters, of at most 1024 bytes.
Reference parse_reference(std::string_view text);

// As in DC/OS: a secret "a/b/name" is for the service "/a/b" and those below it, one
// without a folder for everybody. Throws PERMISSION_DENIED; INVALID_ARGUMENT when
// `owner` is no service path.
void authorise(const Reference& reference, std::string_view owner);

}  // namespace ostler::secrets
