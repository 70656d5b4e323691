// ostler/draft/advisor.hpp - C++ face of the kind "ostler.advisor/draft-1".
#pragma once

#include "../plugin.hpp"
#include "advisor.h"

namespace ostler::plugin {

// See ostler/draft/advisor.h.
class Advisor : public Plugin {
 public:
  struct Port {
    std::string_view name;
    uint32_t number = 0;
  };
  struct Member {
    std::string_view pod_type, pod, host;
    int32_t index = 0;
    uint32_t flags = 0;  // enum ostler_advice_member_flag
    std::vector<Port> ports;
    bool is_candidate() const { return (flags & OSTLER_ADVICE_MEMBER_CANDIDATE) != 0; }
  };
  struct Advice {
    bool go = false;
    std::string reason;
  };

  // One answer for each candidate, in the order of the members.
  virtual std::vector<Advice> advise(uint32_t question, const std::vector<Member>& members, uint32_t timeout_ms) = 0;

  const void* query(std::string_view id) noexcept override {
    static const ostler_advisor_t table = {
        sizeof(ostler_advisor_t), 0,
        [](ostler_instance_t* p, const ostler_advice_question_info_t* question, uint32_t timeout, uint32_t* verdicts,
           const ostler_sink_t* reasons, ostler_error_t* error) -> ostler_status_t {
          return guard(error, [&] {
            const std::vector<Member> members = read(*question);
            const std::vector<Advice> answers = self<Advisor>(p)->advise(question->question, members, timeout);
            size_t next = 0;
            for (size_t i = 0; i < members.size(); ++i) {
              if (!members[i].is_candidate()) continue;
              const Advice none{true, ""};
              const Advice& one = next < answers.size() ? answers[next++] : none;
              verdicts[i] = one.go ? OSTLER_ADVICE_GO : OSTLER_ADVICE_WAIT;
              write(reasons, one.reason);
            }
          });
        }};
    return id == OSTLER_ADVISOR_DRAFT_1 ? &table : nullptr;
  }

 private:
  static std::vector<Member> read(const ostler_advice_question_info_t& question) {
    std::vector<Member> out;
    for (uint32_t i = 0; i < question.members.count; ++i) {
      const auto* from = OSTLER_AT(ostler_advice_member_t, question.members, i);
      Member member{view(from->pod_type), view(from->pod), view(from->host), from->index, from->flags, {}};
      for (uint32_t k = 0; k < from->ports.count; ++k) {
        const auto* port = OSTLER_AT(ostler_advice_port_t, question.ports, from->ports.first + k);
        member.ports.push_back({view(port->name), port->number});
      }
      out.push_back(std::move(member));
    }
    return out;
  }
};

}  // namespace ostler::plugin
