// The secrets plugin on files: the secret "team/keytab" is the file team/keytab below
// the configured folder.
//
// resolve() keeps nothing between calls, so a changed file is a changed secret.
#pragma once

#include <ostler/plugin.hpp>
#include <string>

namespace ostler::secrets {

class FileSecrets final : public plugin::Secrets {
 public:
  FileSecrets(plugin::Host host, std::string_view config);

  void start(uint32_t timeout_ms) override;
  void resolve(std::string_view reference, std::string_view owner, uint32_t timeout_ms,
               const ostler_sink_t* value, ostler_secret_info_t& info) override;

 private:
  std::string directory_;
  size_t max_bytes_ = 0;
};

}  // namespace ostler::secrets
