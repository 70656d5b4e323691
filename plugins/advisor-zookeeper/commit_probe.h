// Proves that a server takes part in committed writes.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ostler::advisor {

// Opens a session at this server alone and closes it again. Both are transactions, which
// a quorum has to commit, and leave nothing behind, need no right and no node of their own.
// "" when that worked, else why not. Blocks until `deadline` at most.
std::string commit_through(const std::string& host, uint16_t port,
                           std::chrono::steady_clock::time_point deadline);

}  // namespace ostler::advisor
