// Archives, by libarchive.
#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "cluster/agent/fetcher.h"
#include "cluster/agent/sandbox.h"

namespace ostler::cluster {

bool is_archive(const std::string& name) {
  for (const char* end : {".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip"}) {
    if (name.ends_with(end)) return true;
  }
  return false;
}

Result<void> unpack(const std::filesystem::path& archive, const std::filesystem::path& directory) {
  const std::unique_ptr<struct archive, int (*)(struct archive*)> in(archive_read_new(), archive_read_free);
  const std::unique_ptr<struct archive, int (*)(struct archive*)> out(archive_write_disk_new(),
                                                                      archive_write_free);
  const auto fail = [&](struct archive* side) {
    const char* text = archive_error_string(side);
    return Error{
        Code::kInvalidArgument,
        "cannot unpack '" + archive.filename().string() + "': " + (text == nullptr ? "unknown error" : text),
        {}};
  };
  archive_read_support_filter_all(in.get());
  archive_read_support_format_tar(in.get());
  archive_read_support_format_zip(in.get());
  archive_write_disk_set_options(out.get(), ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
                                                ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                                                ARCHIVE_EXTRACT_SECURE_NODOTDOT);
  if (archive_read_open_filename(in.get(), archive.c_str(), 65536) != ARCHIVE_OK) return fail(in.get());
  while (true) {
    archive_entry* entry = nullptr;
    const int next = archive_read_next_header(in.get(), &entry);
    if (next == ARCHIVE_EOF) return {};
    if (next < ARCHIVE_WARN) return fail(in.get());
    const char* name = archive_entry_pathname(entry);
    const auto path = inside(directory, name == nullptr ? "" : name);
    if (!path) return path.error();
    archive_entry_set_pathname(entry, path->c_str());
    if (const char* hard = archive_entry_hardlink(entry)) {
      const auto target = inside(directory, hard);
      if (!target) return target.error();
      archive_entry_set_hardlink(entry, target->c_str());
    }
    if (archive_write_header(out.get(), entry) < ARCHIVE_WARN) return fail(out.get());
    while (true) {
      const void* block = nullptr;
      size_t size = 0;
      la_int64_t offset = 0;
      const int read = archive_read_data_block(in.get(), &block, &size, &offset);
      if (read == ARCHIVE_EOF) break;
      if (read < ARCHIVE_WARN) return fail(in.get());
      if (archive_write_data_block(out.get(), block, size, offset) < ARCHIVE_WARN) return fail(out.get());
    }
    if (archive_write_finish_entry(out.get()) < ARCHIVE_WARN) return fail(out.get());
  }
}

}  // namespace ostler::cluster
