#include "plugins/advisor_plugin.h"

#include <ostler/draft/advisor.h>

#include "plugins/sinks.h"
#include "plugins/text.h"

namespace ostler::plugins {
namespace {

constexpr size_t kMaxReason = 1000;  // of a sentence that is shown in a plan
constexpr size_t kMaxReasons = 1 << 20;

struct Reasons {
  std::vector<std::string> texts;
  size_t bytes = 0;
};

}  // namespace

std::vector<std::pair<bool, std::string>> AdvisorPlugin::advise(const core::effect::Advise& question,
                                                                std::chrono::milliseconds timeout) {
  std::vector<ostler_advice_port_t> ports;
  std::vector<ostler_advice_member_t> members;
  for (const core::effect::AdviceMember& from : question.members) {
    ostler_advice_member_t member{};
    member.pod_type = str(from.pod_type);
    member.pod = str(from.pod);
    member.host = str(from.host);
    member.ports = {static_cast<uint32_t>(ports.size()), static_cast<uint32_t>(from.ports.size())};
    member.flags = from.flags;
    member.index = from.index;
    for (const auto& [name, number] : from.ports) ports.push_back({str(name), number, 0});
    members.push_back(member);
  }
  ostler_advice_question_info_t info{};
  info.struct_size = sizeof info;
  info.question = question.has_come_back ? OSTLER_ADVICE_HAS_COME_BACK : OSTLER_ADVICE_MAY_GO_DOWN;
  info.members = {members.data(), static_cast<uint32_t>(members.size()), sizeof(ostler_advice_member_t)};
  info.ports = {ports.data(), static_cast<uint32_t>(ports.size()), sizeof(ostler_advice_port_t)};

  std::vector<uint32_t> verdicts(members.size(), OSTLER_ADVICE_WAIT);
  Reasons reasons;
  const ostler_sink_t sink = {&reasons, [](void* ctx, const void* data, size_t size) {
                                auto& to = *static_cast<Reasons*>(ctx);
                                const std::string_view text(static_cast<const char*>(data),
                                                            std::min(size, kMaxReason));
                                if (to.bytes + text.size() > kMaxReasons) return;
                                to.bytes += text.size() + 1;
                                try {
                                  to.texts.emplace_back(is_utf8(text) ? text : "(no text)");
                                } catch (...) {
                                }
                              }};
  const Result<void> done = instance_.call("advise", timeout, [&](ostler_error_t* error) {
    return instance_.table<ostler_advisor_t>().advise(
        instance_.self(), &info, static_cast<uint32_t>(timeout.count()), verdicts.data(), &sink, error);
  });

  std::vector<std::pair<bool, std::string>> out;
  size_t next = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    if ((members[i].flags & OSTLER_ADVICE_MEMBER_CANDIDATE) == 0) continue;
    std::string reason = next < reasons.texts.size() ? reasons.texts[next] : std::string();
    ++next;
    const bool go = done.ok() && verdicts[i] == OSTLER_ADVICE_GO;
    if (!done.ok()) reason = "the advisor could not answer: " + done.error().message;
    if (!go && reason.empty()) reason = "the advisor says wait, and not why";
    out.emplace_back(go, std::move(reason));
  }
  return out;
}

}  // namespace ostler::plugins
