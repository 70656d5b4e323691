// Who holds a lock, written so that a successor on the same machine can tell whether
// that process still lives.
//
// A scheduler that was killed leaves its lock node until its session times out, which
// would hold up every restart after a crash by half a minute. Where the holder is
// provably gone there is nothing to wait for.
#pragma once

#include <string>
#include <string_view>

namespace ostler::zookeeper {

// "host:pid", then a line with the boot, the pid namespace and the start time of this
// process; or the first line alone where the kernel does not tell.
std::string identity_of_this_process();

// The first line of a lock node's data, fit to be shown; "" when it is empty.
std::string_view holder_name(std::string_view identity);

// True only when `identity` is of a process in this boot and this pid namespace that
// does not run any more. Everything that cannot be told is "not known to be dead".
bool is_known_to_be_dead(std::string_view identity);

}  // namespace ostler::zookeeper
