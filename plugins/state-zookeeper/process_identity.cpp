#include "process_identity.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>

#include "support/text.h"

namespace ostler::zookeeper {
namespace {

// The machine's boot and our pid namespace. When the kernel reuses a namespace's
// number, all processes of the older one are gone, which is what the caller asks.
std::string place() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  struct stat space;
  if (boot.empty() || stat("/proc/self/ns/pid", &space) != 0) return "";
  return "boot=" + boot + " pidns=" + std::to_string(space.st_ino);
}

// Field 22 of /proc/<pid>/stat, in ticks since boot: tells a process from a later one
// with its number. "" when it cannot be read.
std::string start_time(pid_t pid) {
  std::string stat;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), stat);
  const size_t name_end = stat.rfind(')');  // the name may hold blanks and parentheses
  if (name_end == std::string::npos) return "";
  size_t at = name_end + 2;
  for (int field = 3; field < 22; ++field) {
    at = stat.find(' ', at);
    if (at == std::string::npos) return "";
    ++at;
  }
  return stat.substr(at, stat.find(' ', at) - at);
}

}  // namespace

std::string identity_of_this_process() {
  const std::string where = place();
  const std::string start = start_time(getpid());
  const std::string name = support::host_and_pid() + "\n";
  return where.empty() || start.empty() ? name : name + where + " start=" + start + "\n";
}

std::string_view holder_name(std::string_view identity) { return identity.substr(0, identity.find('\n')); }

bool is_known_to_be_dead(std::string_view identity) {
  const std::string_view name = holder_name(identity);
  const size_t colon = name.rfind(':');
  const std::string here = place();
  if (colon == std::string_view::npos || here.empty() || identity.size() <= name.size() + 1) return false;
  std::string_view details = identity.substr(name.size() + 1);
  const std::string expected = here + " start=";
  if (!details.starts_with(expected)) return false;
  details.remove_prefix(expected.size());
  const std::string_view start = details.substr(0, details.find('\n'));

  pid_t pid = 0;
  const std::string_view digits = name.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
  if (error != std::errc() || end != digits.data() + digits.size() || pid <= 0 || start.empty()) return false;
  if (kill(pid, 0) != 0 && errno == ESRCH) return true;
  const std::string now = start_time(pid);
  return !now.empty() && now != start;
}

}  // namespace ostler::zookeeper
