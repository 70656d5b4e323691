#include "plugins/tables.h"

#include <ostler/draft/advisor.h>
#include <ostler/ostler.h>

#include <algorithm>
#include <cstring>

#include "plugins/text.h"

namespace ostler::plugins {
namespace {

constexpr uint32_t kMaxPlugins = 64;     // More is a count that was never set.
constexpr size_t kMaxText = 256 * 1024;  // A schema is the longest text here.

// Collects complaints about the fields of one struct.
class Checker {
 public:
  Checker(std::string owner, std::vector<std::string>& out) : owner_(std::move(owner)), out_(out) {}

  void complain(const std::string& what) { out_.push_back(owner_ + what); }

  // False: the fields below must not be read.
  bool size(uint32_t found, size_t needed) {
    if (found >= needed) return true;
    complain(".struct_size is " + std::to_string(found) + "; ABI 1.0 has " + std::to_string(needed) +
             " bytes");
    return false;
  }
  bool text(const char* field, const char* value, bool may_be_empty) {
    if (value == nullptr) return complain(std::string(".") + field + " is NULL"), false;
    const std::string_view found(value, ::strnlen(value, kMaxText + 1));
    if (found.size() > kMaxText) return complain(std::string(".") + field + " is longer than 256 KiB"), false;
    if (!is_utf8(found)) return complain(std::string(".") + field + " is not UTF-8"), false;
    if (found.empty() && !may_be_empty) return complain(std::string(".") + field + " is empty"), false;
    return true;
  }
  template <typename Function>
  void function(const char* field, Function* value) {
    if (value == nullptr) complain(std::string(".") + field + " is NULL");
  }

 private:
  std::string owner_;
  std::vector<std::string>& out_;
};

// "org.example.store", "ostler.state/1".
bool is_identifier(std::string_view text) {
  return text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::strchr("._-/", c) != nullptr;
         });
}

void check_plugin(const ostler_plugin_t& plugin, uint32_t index, std::vector<std::string>& out) {
  Checker check("plugins[" + std::to_string(index) + "]", out);
  if (!check.size(plugin.struct_size, OSTLER_SIZE_UP_TO(ostler_plugin_t, query))) return;
  if (check.text("id", plugin.id, false) && !is_identifier(plugin.id)) {
    check.complain(".id has characters other than letters, digits, '.', '_', '-' and '/'");
  }
  if (check.text("kind", plugin.kind, false) && !is_identifier(plugin.kind)) {
    check.complain(".kind has characters other than letters, digits, '.', '_', '-' and '/'");
  }
  check.text("version", plugin.version, false);
  check.text("vendor", plugin.vendor, true);
  check.text("summary", plugin.summary, true);
  check.text("config_schema", plugin.config_schema, true);
  check.function("create", plugin.create);
  check.function("start", plugin.start);
  check.function("stop", plugin.stop);
  check.function("destroy", plugin.destroy);
  check.function("query", plugin.query);
}

}  // namespace

std::vector<std::string> check_library(const ostler_library_t& library) {
  std::vector<std::string> out;
  Checker check("library", out);
  if (!check.size(library.struct_size, OSTLER_SIZE_UP_TO(ostler_library_t, plugins))) return out;
  if (library.plugin_count == 0 || library.plugin_count > kMaxPlugins) {
    check.complain(".plugin_count is " + std::to_string(library.plugin_count) +
                   "; from 1 to 64 are possible");
    return out;
  }
  if (library.plugins == nullptr) {
    check.complain(".plugins is NULL");
    return out;
  }
  for (uint32_t i = 0; i < library.plugin_count; ++i) {
    if (library.plugins[i] == nullptr) {
      out.push_back("plugins[" + std::to_string(i) + "] is NULL");
    } else {
      check_plugin(*library.plugins[i], i, out);
    }
  }
  for (uint32_t i = 1; out.empty() && i < library.plugin_count; ++i) {
    for (uint32_t k = 0; k < i; ++k) {
      if (std::strcmp(library.plugins[i]->id, library.plugins[k]->id) != 0) continue;
      out.push_back("plugins[" + std::to_string(i) + "].id is '" + library.plugins[i]->id + "', as plugins[" +
                    std::to_string(k) + "].id is");
    }
  }
  return out;
}

std::vector<std::string> check_interface(Kind kind, const void* table) {
  std::vector<std::string> out;
  const std::string id = interface_id(kind);
  if (table == nullptr) {
    out.push_back("query(\"" + id + "\") answered NULL");
    return out;
  }
  Checker check(id, out);
  switch (kind) {
    case Kind::kState: {
      const auto& t = *static_cast<const ostler_state_t*>(table);
      if (!check.size(t.struct_size, OSTLER_SIZE_UP_TO(ostler_state_t, watch_owner))) break;
      check.function("get", t.get);
      check.function("children", t.children);
      check.function("commit", t.commit);
      check.function("limits", t.limits);
      check.function("watch_owner", t.watch_owner);
      break;
    }
    case Kind::kOffers: {
      const auto& t = *static_cast<const ostler_offers_t*>(table);
      if (!check.size(t.struct_size, OSTLER_SIZE_UP_TO(ostler_offers_t, explain))) break;
      check.function("compile", t.compile);
      check.function("release", t.release);
      check.function("evaluate", t.evaluate);
      check.function("explain", t.explain);
      break;
    }
    case Kind::kSecrets: {
      const auto& t = *static_cast<const ostler_secrets_t*>(table);
      if (!check.size(t.struct_size, OSTLER_SIZE_UP_TO(ostler_secrets_t, resolve))) break;
      check.function("resolve", t.resolve);
      break;
    }
    case Kind::kMetrics: {
      const auto& t = *static_cast<const ostler_metrics_t*>(table);
      if (!check.size(t.struct_size, OSTLER_SIZE_UP_TO(ostler_metrics_t, push_interval_ms))) break;
      if (t.render == nullptr && t.push == nullptr) check.complain(" has neither render nor push");
      if (t.render != nullptr) check.function("path", t.path);
      if (t.push != nullptr) check.function("push_interval_ms", t.push_interval_ms);
      break;
    }
    case Kind::kHttp: {
      const auto& t = *static_cast<const ostler_http_t*>(table);
      if (!check.size(t.struct_size, OSTLER_SIZE_UP_TO(ostler_http_t, address))) break;
      check.function("address", t.address);
      break;
    }
    case Kind::kAdvisor: {
      const auto& t = *static_cast<const ostler_advisor_t*>(table);
      if (!check.size(t.struct_size, OSTLER_SIZE_UP_TO(ostler_advisor_t, advise))) break;
      check.function("advise", t.advise);
      break;
    }
  }
  return out;
}

}  // namespace ostler::plugins
