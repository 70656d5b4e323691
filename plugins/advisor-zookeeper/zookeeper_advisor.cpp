#include "zookeeper_advisor.h"

#include <chrono>
#include <optional>

#include "commit_probe.h"
#include "quorum.h"
#include "support/config.h"

namespace ostler::advisor {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kOneServer{2};

uint16_t port_of(const plugin::Advisor::Member& member, std::string_view name) {
  for (const auto& port : member.ports) {
    if (port.name == name) return static_cast<uint16_t>(port.number);
  }
  return 0;
}

}  // namespace

ZookeeperAdvisor::ZookeeperAdvisor(plugin::Host, std::string_view config) {
  support::Config read(config);
  pod_type_ = read.text("pod", "zookeeper");
  port_ = read.text("port", "clientport");
  read.finish();
}

std::vector<plugin::Advisor::Advice> ZookeeperAdvisor::advise(uint32_t question,
                                                              const std::vector<Member>& members,
                                                              uint32_t timeout_ms) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms) * 9 / 10;
  std::vector<Node> nodes;
  std::vector<const Member*> servers;
  std::vector<std::optional<size_t>> asked;  // for each candidate, its place among the nodes
  for (const Member& member : members) {
    const bool is_server = member.pod_type == pod_type_;
    if (member.is_candidate()) asked.push_back(is_server ? std::optional(nodes.size()) : std::nullopt);
    if (!is_server) continue;
    Node node{std::string(member.pod), member.is_candidate(), {}, {}};
    const uint16_t port = port_of(member, port_);
    if (member.host.empty() || port == 0) {
      node.view.problem = member.host.empty() ? "was not launched yet" : "has no port '" + port_ + "'";
    } else {
      node.view = ask_server(std::string(member.host), port, std::min(deadline, Clock::now() + kOneServer));
    }
    node.electing_for = elections_.note(node.pod, node.view.may_be_electing, Clock::now());
    servers.push_back(&member);
    nodes.push_back(std::move(node));
  }

  // Who stays must be able to write without whoever goes, also those that came back while
  // nobody asked (the scheduler was restarted, or they recovered by themselves).
  const auto who_cannot_write = [&](size_t leaves) -> std::string {
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (i == leaves || !nodes[i].view.serves()) continue;
      const Member& server = *servers[i];
      const std::string problem = commit_through(std::string(server.host), port_of(server, port_), deadline);
      if (!problem.empty()) return nodes[i].pod + " stays, but " + problem;
    }
    return {};
  };

  std::vector<Advice> answers;
  for (const auto& which : asked) {
    if (!which || (question != OSTLER_ADVICE_MAY_GO_DOWN && question != OSTLER_ADVICE_HAS_COME_BACK)) {
      answers.push_back({true, ""});
    } else if (question == OSTLER_ADVICE_MAY_GO_DOWN) {
      Ruling ruling = may_go_down(nodes, *which);
      const ServerView& view = nodes[*which].view;
      if (ruling.go && (view.serves() || view.may_serve)) {
        if (std::string problem = who_cannot_write(*which); !problem.empty())
          ruling = {false, std::move(problem)};
      }
      answers.push_back({ruling.go, ruling.reason});
    } else if (!nodes[*which].view.serves()) {
      answers.push_back({false, nodes[*which].pod + " does not serve yet: it " + nodes[*which].view.problem});
    } else {
      const Member& server = *servers[*which];
      const std::string problem = commit_through(std::string(server.host), port_of(server, port_), deadline);
      answers.push_back({problem.empty(), problem.empty() ? "a write was committed through it" : problem});
    }
  }
  return answers;
}

}  // namespace ostler::advisor
