// Brings a task's URIs into its sandbox before it starts, like Mesos' fetcher:
// file://, plain absolute paths, http:// and https://; archives are unpacked unless the
// URI says otherwise.
#pragma once

#include <atomic>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "mesos/types.h"

namespace ostler::cluster {

// Fetches all or stops at the first failure, which names the URI. Blocks; gives up
// soon after `cancelled` becomes true. Any thread.
Result<void> fetch_all(const std::vector<mesos::Uri>& uris, const std::filesystem::path& sandbox,
                       const std::atomic<bool>& cancelled);

// .tar, .tar.gz, .tgz, .tar.bz2, .tbz2, .tar.xz, .txz, .zip
bool is_archive(const std::string& name);
// Unpacks below `directory`; entries that would leave it are an error.
Result<void> unpack(const std::filesystem::path& archive, const std::filesystem::path& directory);

}  // namespace ostler::cluster
