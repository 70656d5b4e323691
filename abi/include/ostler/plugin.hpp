// ostler/plugin.hpp - header-only C++17 face of the plugin ABI, for authors.
//
// A plugin is a class: derive from the kind (State, Offers, Secrets, Metrics, Http),
// throw Error when something fails, and name the class in OSTLER_LIBRARY. The
// templates below turn exceptions into statuses (R6), strings into views and
// virtual calls into the C tables. This is a convenience, not the ABI: it may
// change with source compatibility only.
//
//   class MemoryState final : public ostler::plugin::State { ... };
//   OSTLER_LIBRARY(ostler::plugin::describe<MemoryState>(
//       "org.example.memory-state", OSTLER_STATE_1, "1.0.0", "Example", "keeps state in memory", "{}"))
#pragma once

#include <array>
#include <chrono>
#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ostler.h"

namespace ostler::plugin {

inline std::string_view view(ostler_str_t s) { return s.data == nullptr ? std::string_view() : std::string_view(s.data, s.size); }
inline std::string_view view(ostler_bytes_t b) {
  return b.data == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(b.data), b.size);
}
inline ostler_str_t str(std::string_view s) { return {s.data(), s.size()}; }
inline ostler_bytes_t bytes(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

// Hands `text` to the host's sink.
inline void write(const ostler_sink_t* sink, std::string_view text) { sink->write(sink->ctx, text.data(), text.size()); }

// Thrown by plugin code; carries a status across to the host. `where` is a JSON
// pointer into the config, a path, or empty.
class Error : public std::runtime_error {
 public:
  Error(ostler_status_t code, const std::string& message, std::string where = {})
      : std::runtime_error(message), code_(code), where_(std::move(where)) {}
  ostler_status_t code() const { return code_; }
  const std::string& where() const { return where_; }

 private:
  ostler_status_t code_;
  std::string where_;
};

// Runs `body` and turns whatever it throws into a status (R6).
template <typename Body>
ostler_status_t guard(ostler_error_t* error, Body&& body) noexcept {
  try {
    body();
    return OSTLER_OK;
  } catch (const Error& e) {
    return ostler_fail(error, e.code(), e.where().c_str(), "%s", e.what());
  } catch (const std::bad_alloc&) {
    return ostler_fail(error, OSTLER_RESOURCE_EXHAUSTED, "", "out of memory");
  } catch (const std::exception& e) {
    return ostler_fail(error, OSTLER_INTERNAL, "", "%s", e.what());
  } catch (...) {
    return ostler_fail(error, OSTLER_INTERNAL, "", "an exception of unknown type");
  }
}

// The host, as one instance sees it. Copyable; valid until the plugin is destroyed.
class Host {
 public:
  explicit Host(const ostler_host_t* host) : host_(host) {}

  void log(int32_t severity, std::string_view text) const noexcept { host_->log(host_->ctx, severity, str(text)); }

  // A host service by id, or nullptr.
  template <typename Table>
  const Table* service(const char* id) const noexcept {
    return static_cast<const Table*>(host_->service(host_->ctx, id));
  }

  // Reports that this instance can no longer work.
  void fatal(ostler_status_t code, const std::string& message) const noexcept {
    ostler_error_t error{};
    error.struct_size = sizeof error;
    ostler_fail(&error, code, "", "%s", message.c_str());
    host_->fatal(host_->ctx, &error);
  }

 private:
  const ostler_host_t* host_;
};

// What every plugin can do; see ostler_plugin_t for when each is called.
class Plugin {
 public:
  Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  virtual ~Plugin() = default;

  virtual void start(uint32_t /*timeout_ms*/) {}
  virtual void stop(uint32_t /*timeout_ms*/) noexcept {}
  // Tables for ids beyond the kind's own ("ostler.routes/1"), or nullptr.
  virtual const void* query(std::string_view /*id*/) noexcept { return nullptr; }
};

inline Plugin* self(ostler_instance_t* instance) { return reinterpret_cast<Plugin*>(instance); }
template <typename Kind>
Kind* self(ostler_instance_t* instance) {
  return static_cast<Kind*>(self(instance));
}

// Kind "ostler.state/1". See ostler/state.h for what each call promises.
class State : public Plugin {
 public:
  // The value and its version. Throws NOT_FOUND.
  virtual std::pair<std::string, int32_t> get(std::string_view path, uint32_t timeout_ms) = 0;
  virtual std::vector<std::string> children(std::string_view path, uint32_t timeout_ms) = 0;
  virtual void commit(const ostler_array_t& ops /* ostler_state_op_t */, uint32_t timeout_ms) = 0;
  // One answer for each of `paths`, in order.
  virtual void get_each(const ostler_array_t& paths /* ostler_str_t */, uint32_t timeout_ms,
                        const ostler_state_answers_t& answers) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    for (uint32_t i = 0; i < paths.count; ++i) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0) throw Error(OSTLER_UNAVAILABLE, "the values could not be read in time");
      try {
        const auto [value, version] = get(view(*OSTLER_AT(ostler_str_t, paths, i)), static_cast<uint32_t>(left.count()));
        answers.answer(answers.ctx, i, OSTLER_OK, bytes(value), version);
      } catch (const Error& e) {
        if (e.code() != OSTLER_NOT_FOUND) throw;
        answers.answer(answers.ctx, i, OSTLER_NOT_FOUND, {nullptr, 0}, 0);
      }
    }
  }
  virtual void limits(ostler_state_limits_t&) noexcept {}
  virtual void watch_owner(const ostler_state_owner_events_t*) noexcept {}

  const void* query(std::string_view id) noexcept override {
    static const ostler_state_t table = {
        sizeof(ostler_state_t), 0,
        [](ostler_instance_t* p, ostler_str_t path, uint32_t timeout, const ostler_sink_t* value, int32_t* version,
           ostler_error_t* error) -> ostler_status_t {
          return guard(error, [&] {
            const auto [bytes, current] = self<State>(p)->get(view(path), timeout);
            write(value, bytes);
            *version = current;
          });
        },
        [](ostler_instance_t* p, ostler_str_t path, uint32_t timeout, const ostler_sink_t* names,
           ostler_error_t* error) -> ostler_status_t {
          return guard(error, [&] {
            for (const std::string& name : self<State>(p)->children(view(path), timeout)) write(names, name);
          });
        },
        [](ostler_instance_t* p, const ostler_array_t* ops, uint32_t timeout, ostler_error_t* error)
            -> ostler_status_t { return guard(error, [&] { self<State>(p)->commit(*ops, timeout); }); },
        [](ostler_instance_t* p, ostler_state_limits_t* limits) { self<State>(p)->limits(*limits); },
        [](ostler_instance_t* p, const ostler_state_owner_events_t* events) { self<State>(p)->watch_owner(events); },
        [](ostler_instance_t* p, const ostler_array_t* paths, uint32_t timeout, const ostler_state_answers_t* answers,
           ostler_error_t* error) -> ostler_status_t {
          return guard(error, [&] { self<State>(p)->get_each(*paths, timeout, *answers); });
        }};
    return id == OSTLER_STATE_1 ? &table : nullptr;
  }
};

// Kind "ostler.offers/1". See ostler/offers.h.
class Offers : public Plugin {
 public:
  virtual uint64_t compile(std::string_view rule) = 0;
  virtual void release(uint64_t handle) noexcept = 0;
  virtual void evaluate(const ostler_round_t& round, const ostler_out_array_t& verdicts) = 0;
  // The JSON array of reasons.
  virtual std::string explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer) = 0;

  const void* query(std::string_view id) noexcept override {
    static const ostler_offers_t table = {
        sizeof(ostler_offers_t), 0,
        [](ostler_instance_t* p, ostler_str_t rule, uint64_t* handle, ostler_error_t* error) -> ostler_status_t {
          return guard(error, [&] { *handle = self<Offers>(p)->compile(view(rule)); });
        },
        [](ostler_instance_t* p, uint64_t handle) { self<Offers>(p)->release(handle); },
        [](ostler_instance_t* p, const ostler_round_t* round, const ostler_out_array_t* verdicts,
           ostler_error_t* error) -> ostler_status_t {
          return guard(error, [&] { self<Offers>(p)->evaluate(*round, *verdicts); });
        },
        [](ostler_instance_t* p, const ostler_round_t* round, uint32_t requirement, uint32_t offer,
           const ostler_sink_t* json, ostler_error_t* error) -> ostler_status_t {
          return guard(error, [&] { write(json, self<Offers>(p)->explain(*round, requirement, offer)); });
        }};
    return id == OSTLER_OFFERS_1 ? &table : nullptr;
  }
};

// Kind "ostler.secrets/1". See ostler/secrets.h.
class Secrets : public Plugin {
 public:
  // Writes the secret to `value` and wipes its own copy.
  virtual void resolve(std::string_view reference, std::string_view owner, uint32_t timeout_ms,
                       const ostler_sink_t* value, ostler_secret_info_t& info) = 0;

  const void* query(std::string_view id) noexcept override {
    static const ostler_secrets_t table = {
        sizeof(ostler_secrets_t), 0,
        [](ostler_instance_t* p, ostler_str_t reference, ostler_str_t owner, uint32_t timeout,
           const ostler_sink_t* value, ostler_secret_info_t* info, ostler_error_t* error) -> ostler_status_t {
          return guard(error,
                       [&] { self<Secrets>(p)->resolve(view(reference), view(owner), timeout, value, *info); });
        }};
    return id == OSTLER_SECRETS_1 ? &table : nullptr;
  }
};

// Kind "ostler.metrics/1" for an exporter that renders. See ostler/metrics.h.
class Metrics : public Plugin {
 public:
  virtual const char* path() const noexcept = 0;
  // Returns content type and body.
  virtual std::pair<std::string, std::string> render(const ostler_array_t& samples, std::string_view accept) = 0;

  const void* query(std::string_view id) noexcept override {
    static const ostler_metrics_t table = {
        sizeof(ostler_metrics_t), 0,
        [](ostler_instance_t* p, const ostler_array_t* samples, ostler_str_t accept, const ostler_sink_t* content_type,
           const ostler_sink_t* body, ostler_error_t* error) -> ostler_status_t {
          return guard(error, [&] {
            const auto [type, text] = self<Metrics>(p)->render(*samples, view(accept));
            write(content_type, type);
            write(body, text);
          });
        },
        [](ostler_instance_t* p) { return self<Metrics>(p)->path(); }, nullptr, nullptr};
    return id == OSTLER_METRICS_1 ? &table : nullptr;
  }
};

// Kind "ostler.metrics/1" for an exporter that pushes. See ostler/metrics.h.
class PushMetrics : public Plugin {
 public:
  virtual uint32_t push_interval_ms() const noexcept = 0;
  virtual void push(const ostler_array_t& samples, uint32_t timeout_ms) = 0;

  const void* query(std::string_view id) noexcept override {
    static const ostler_metrics_t table = {
        sizeof(ostler_metrics_t), 0, nullptr, nullptr,
        [](ostler_instance_t* p, const ostler_array_t* samples, uint32_t timeout, ostler_error_t* error)
            -> ostler_status_t { return guard(error, [&] { self<PushMetrics>(p)->push(*samples, timeout); }); },
        [](ostler_instance_t* p) { return self<PushMetrics>(p)->push_interval_ms(); }};
    return id == OSTLER_METRICS_1 ? &table : nullptr;
  }
};

// Kind "ostler.http/1". See ostler/http.h.
class Http : public Plugin {
 public:
  virtual std::string address() = 0;

  const void* query(std::string_view id) noexcept override {
    static const ostler_http_t table = {
        sizeof(ostler_http_t), 0,
        [](ostler_instance_t* p, const ostler_sink_t* text, ostler_error_t* error) -> ostler_status_t {
          return guard(error, [&] { write(text, self<Http>(p)->address()); });
        }};
    return id == OSTLER_HTTP_1 ? &table : nullptr;
  }
};

// The ABI's table for plugin class T, which is constructed as T(Host, config) with
// the config as JSON text. Texts are static.
template <typename T>
ostler_plugin_t describe(const char* id, const char* kind, const char* version, const char* vendor,
                         const char* summary, const char* config_schema, uint32_t flags = 0) {
  ostler_plugin_t table{};
  table.struct_size = sizeof table;
  table.flags = flags;
  table.id = id;
  table.kind = kind;
  table.version = version;
  table.vendor = vendor;
  table.summary = summary;
  table.config_schema = config_schema;
  table.create = [](const ostler_host_t* host, ostler_str_t config, ostler_instance_t** out,
                    ostler_error_t* error) -> ostler_status_t {
    return guard(error, [&] {
      Plugin* plugin = new T(Host(host), view(config));
      *out = reinterpret_cast<ostler_instance_t*>(plugin);
    });
  };
  table.start = [](ostler_instance_t* p, uint32_t timeout_ms, ostler_error_t* error) -> ostler_status_t {
    return guard(error, [&] { self(p)->start(timeout_ms); });
  };
  table.stop = [](ostler_instance_t* p, uint32_t timeout_ms) { self(p)->stop(timeout_ms); };
  table.destroy = [](ostler_instance_t* p) { delete self(p); };
  table.query = [](ostler_instance_t* p, const char* name) { return self(p)->query(name); };
  return table;
}

template <size_t N>
std::array<const ostler_plugin_t*, N> pointers_to(const ostler_plugin_t (&tables)[N]) {
  std::array<const ostler_plugin_t*, N> out{};
  for (size_t i = 0; i < N; ++i) out[i] = &tables[i];
  return out;
}

}  // namespace ostler::plugin

// Defines the library's one exported symbol. Arguments: one describe<>() a plugin.
#define OSTLER_LIBRARY(...)                                                                       \
  extern "C" OSTLER_EXPORT const ostler_library_t* ostler_library_v1(void) {                      \
    static const ostler_plugin_t tables[] = {__VA_ARGS__};                                        \
    static const auto list = ::ostler::plugin::pointers_to(tables);                               \
    static const ostler_library_t library = {sizeof(ostler_library_t), OSTLER_ABI_MAJOR,          \
                                             OSTLER_ABI_MINOR, 0, 0,                              \
                                             static_cast<uint32_t>(list.size()), list.data()};    \
    return &library;                                                                              \
  }
