#include "core/health.h"

#include "api/json.h"
#include "api/resources.h"

namespace ostler::api {
namespace {

// Header values hold no line breaks.
std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = ' ';
  }
  return text.substr(0, 2000);
}

}  // namespace

Response health(const Snapshot* snapshot, const std::vector<std::string>& notices, bool is_verbose) {
  const int32_t code = snapshot == nullptr ? core::kInitializing : snapshot->health.code;
  // What stands in the way comes first, whether it was asked for or not.
  std::vector<std::string> reasons = notices;
  if (is_verbose && snapshot == nullptr)
    reasons.emplace_back("the scheduler is starting: nothing was read from the store yet");
  if (is_verbose && snapshot != nullptr) {
    reasons.insert(reasons.end(), snapshot->health.reasons.begin(), snapshot->health.reasons.end());
  }
  Json body = {{"value", code}};
  if (is_verbose) body["name"] = core::health_name(code);
  if (is_verbose || !reasons.empty()) body["reasons"] = reasons;
  Response response = json_response(body, static_cast<uint32_t>(code));
  // 204 and 205, "deploying" and "recovering", cannot carry a body.
  if (!reasons.empty()) response.headers.emplace_back("Ostler-Reasons", joined(reasons));
  return response;
}

}  // namespace ostler::api
