#include "server_view.h"

#include <cerrno>
#include <charconv>
#include <cstring>

#include "four_letter_word.h"

namespace ostler::advisor {
namespace {

// The value behind "name<TAB>", or "".
std::string_view value_of(std::string_view answer, std::string_view name) {
  while (!answer.empty()) {
    const size_t end = std::min(answer.find('\n'), answer.size());
    const std::string_view line = answer.substr(0, end);
    answer.remove_prefix(std::min(end + 1, answer.size()));
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '\t')
      return line.substr(name.size() + 1);
  }
  return {};
}

ServerView not_serving(std::string problem) {
  ServerView view;
  view.problem = std::move(problem);
  return view;
}

}  // namespace

ServerView read_mntr(std::string_view answer) {
  const std::string_view state = value_of(answer, "zk_server_state");
  if (state.empty()) {
    const std::string_view first = answer.substr(0, std::min(answer.find('\n'), size_t{100}));
    ServerView view = not_serving(first.empty() ? "answered nothing" : "says \"" + std::string(first) + "\"");
    view.may_be_electing = first.find("not currently serving") != std::string_view::npos;
    view.may_serve = !view.may_be_electing;
    return view;
  }
  // "leading - synchronization" and the like, since ZooKeeper 3.6.
  const std::string_view peer = value_of(answer, "zk_peer_state");
  if (!peer.empty() && !peer.ends_with("- broadcast"))
    return not_serving("is " + std::string(peer.substr(0, 100)) + ", not yet in broadcast");

  ServerView view;
  if (state == "leader") {
    view.role = ServerView::Role::kLeader;
    std::string_view count = value_of(answer, "zk_synced_followers");
    count = count.substr(0, count.find('.'));  // some versions write "2.0"
    std::from_chars(count.data(), count.data() + count.size(), view.synced_followers);
  } else if (state == "follower") {
    view.role = ServerView::Role::kFollower;
  } else if (state == "observer") {
    view.role = ServerView::Role::kObserver;
  } else {
    ServerView other = not_serving("is " + std::string(state.substr(0, 100)));
    other.may_be_electing = state == "read-only";  // one that lost its quorum a moment ago
    return other;
  }
  return view;
}

ServerView ask_server(const std::string& host, uint16_t port,
                      std::chrono::steady_clock::time_point deadline) {
  std::string problem;
  const std::string answer = four_letter_word(host, port, "mntr", deadline, problem);
  if (problem.empty()) return read_mntr(answer);
  ServerView view = not_serving(std::move(problem));
  // Where nobody listens nobody serves; of everything else one cannot know.
  view.may_serve = view.problem.find(std::strerror(ECONNREFUSED)) == std::string::npos;
  return view;
}

}  // namespace ostler::advisor
