// Since when servers have said, at every look, that they serve nobody now. No clock: the
// time comes in.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace ostler::advisor {

class Elections {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Notes what `pod` says `now`, and returns for how long it has said so.
  std::chrono::milliseconds note(const std::string& pod, bool may_be_electing, Time now);

 private:
  // Nobody looks while nothing is to be taken down; after such a pause it is another election.
  static constexpr std::chrono::minutes kLongestPause{2};

  struct Said {
    Time first, last;
  };
  std::map<std::string, Said> said_;
};

}  // namespace ostler::advisor
