#include "cluster/agent/fetcher.h"

#include <httplib.h>

#include <fstream>

#include "cluster/agent/sandbox.h"

namespace ostler::cluster {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxBytes = 4ULL << 30;  // More than any package; keeps a loop from filling the disk.

Error failure(const std::string& uri, const std::string& why) {
  return {Code::kUnavailable, "Failed to fetch '" + uri + "': " + why, {}};
}

Result<void> download(const std::string& url, const fs::path& to, const std::atomic<bool>& cancelled) {
  const auto host_at = url.find("://") + 3;
  const auto path_at = url.find('/', host_at);
  const auto origin = url.substr(0, path_at);
  const auto path = path_at == std::string::npos ? "/" : url.substr(path_at);
  std::ofstream file(to, std::ios::binary | std::ios::trunc);
  if (!file) return failure(url, "cannot write '" + to.string() + "'");
  httplib::Client client(origin);
  if (!client.is_valid()) return failure(url, "not an address that can be fetched");
  client.set_follow_location(true);
  client.set_connection_timeout(10);
  client.set_read_timeout(60);
  uint64_t received = 0;
  const auto result = client.Get(path, [&](const char* data, size_t size) {
    received += size;
    file.write(data, static_cast<std::streamsize>(size));
    return file.good() && received <= kMaxBytes && !cancelled;
  });
  if (!result) return failure(url, httplib::to_string(result.error()));
  if (result->status != 200)
    return failure(url, "the server answered HTTP " + std::to_string(result->status));
  file.close();
  if (!file) return failure(url, "cannot write '" + to.string() + "'");
  return {};
}

Result<void> fetch(const mesos::Uri& uri, const fs::path& sandbox, const std::atomic<bool>& cancelled) {
  const auto name =
      uri.output_file.empty() ? uri.value.substr(uri.value.find_last_of('/') + 1) : uri.output_file;
  const auto target = inside(sandbox, name);
  if (!target) return failure(uri.value, target.error().message);
  std::error_code failed;
  fs::create_directories(target->parent_path(), failed);
  if (uri.value.starts_with("http://") || uri.value.starts_with("https://")) {
    if (auto done = download(uri.value, *target, cancelled); !done) return done;
  } else {
    std::string path = uri.value;
    if (path.starts_with("file://")) path = path.substr(7);
    if (path.empty() || path[0] != '/') {
      return failure(uri.value, "expected http://, https://, file:// or an absolute path");
    }
    if (!fs::is_regular_file(path, failed)) return failure(uri.value, "no such file");
    fs::copy_file(path, *target, fs::copy_options::overwrite_existing, failed);
    if (failed) return failure(uri.value, failed.message());
  }
  if (uri.executable) {
    fs::permissions(*target, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                    fs::perm_options::add, failed);
  } else if (uri.extract && is_archive(target->filename().string())) {
    if (auto done = unpack(*target, sandbox); !done) return failure(uri.value, done.error().message);
  }
  return {};
}

}  // namespace

Result<void> fetch_all(const std::vector<mesos::Uri>& uris, const fs::path& sandbox,
                       const std::atomic<bool>& cancelled) {
  for (const auto& uri : uris) {
    if (cancelled) return failure(uri.value, "cancelled");
    if (auto done = fetch(uri, sandbox, cancelled); !done) return done;
  }
  return {};
}

}  // namespace ostler::cluster
