// One of ZooKeeper's four-letter words over TCP, with a deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace ostler::advisor {

// The server's answer, at most 64 KiB of it. Where it could not be had, `problem` says why.
std::string four_letter_word(const std::string& host, uint16_t port, std::string_view word,
                             std::chrono::steady_clock::time_point deadline, std::string& problem);

}  // namespace ostler::advisor
