#include "elections.h"

namespace ostler::advisor {

std::chrono::milliseconds Elections::note(const std::string& pod, bool may_be_electing, Time now) {
  if (!may_be_electing) {
    said_.erase(pod);
    return std::chrono::milliseconds(0);
  }
  Said& said = said_.try_emplace(pod, Said{now, now}).first->second;
  if (now - said.last > kLongestPause) said.first = now;
  said.last = now;
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - said.first);
}

}  // namespace ostler::advisor
