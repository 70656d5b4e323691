#include "reference.h"

#include <algorithm>
#include <ostler/plugin.hpp>

#include "support/text.h"

namespace ostler::secrets {
namespace {

using plugin::Error;
using support::quote;

constexpr size_t kMaxBytes = 1024;
constexpr std::string_view kBase64Mark = "__dcos_base64__";

// The components of "a/b/c". Throws INVALID_ARGUMENT; `what` is "the secret reference 'x'".
std::vector<std::string> components_of(std::string_view path, const std::string& what) {
  const auto refuse = [&](const std::string& why) { throw Error(OSTLER_INVALID_ARGUMENT, what + " " + why); };
  if (path.empty()) refuse("is empty");
  if (path.size() > kMaxBytes) refuse("has more than " + std::to_string(kMaxBytes) + " bytes");
  if (std::any_of(path.begin(), path.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }))
    refuse("has a control character");
  std::vector<std::string> components;
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    components.emplace_back(path.substr(start, end - start));
    const std::string& component = components.back();
    if (component.empty()) refuse("has an empty component");
    if (component == "." || component == "..")
      refuse("has the component " + quote(component) + "; write the path out");
    start = end + 1;
  }
  return components;
}

}  // namespace

Reference parse_reference(std::string_view text) {
  const std::string what = "the secret reference " + quote(text);
  if (!text.empty() && text.front() == '/')
    throw Error(OSTLER_INVALID_ARGUMENT, what + " starts with '/'; expected a path as in 'team/keytab'");
  Reference reference;
  reference.text = text;
  reference.folders = components_of(text, what);
  reference.name = std::move(reference.folders.back());
  reference.folders.pop_back();
  reference.is_base64 = std::string_view(reference.name).starts_with(kBase64Mark);
  return reference;
}

void authorise(const Reference& reference, std::string_view owner) {
  if (reference.folders.empty()) return;
  std::string_view path = owner;
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::vector<std::string> service = components_of(path, "the service path " + quote(owner));
  const std::vector<std::string>& folders = reference.folders;
  if (folders.size() <= service.size() && std::equal(folders.begin(), folders.end(), service.begin())) return;
  std::string allowed;
  for (const std::string& folder : folders) allowed += "/" + folder;
  throw Error(OSTLER_PERMISSION_DENIED, "the service " + quote(owner) + " may not use the secret " +
                                            quote(reference.text) + "; it is for the service " +
                                            quote(allowed) + " and those below it");
}

}  // namespace ostler::secrets
