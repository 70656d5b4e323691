// Loads a plugin's .so and drives it through the C ABI alone, with a host of ours.
//
// What is tested is the file that ships: dlopen with RTLD_NOW | RTLD_LOCAL, the entry
// symbol, the tables. The fake host records log records and fatal errors.
#pragma once

#include <ostler/ostler.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ostler::test {

// A status with the texts of its ostler_error_t.
struct Status {
  ostler_status_t code = OSTLER_OK;
  std::string message;
  std::string where;
  bool ok() const { return code == OSTLER_OK; }
  bool operator==(ostler_status_t other) const { return code == other; }
};
void PrintTo(const Status& status, std::ostream* out);  // for GoogleTest

// An ostler_error_t to pass down, and the Status made of it.
class ErrorSlot {
 public:
  ErrorSlot();
  ostler_error_t* slot() { return &error_; }
  Status status(ostler_status_t code) const;

 private:
  ostler_error_t error_{};
};

class FakeHost {
 public:
  FakeHost();
  const ostler_host_t* table() const { return &table_; }
  // "DEBUG text" and so on, all records so far.
  std::vector<std::string> logs() const;
  std::string all_logs() const;

 private:
  ostler_host_t table_{};
  mutable std::mutex mutex_;
  std::vector<std::string> logs_;
};

class PluginUnderTest {
 public:
  // Loads `library` ("state-sqlite") and calls create(). Throws std::runtime_error
  // when the library cannot be loaded; created() tells what create() said.
  PluginUnderTest(const std::string& library, const std::string& config);
  ~PluginUnderTest();  // stops if started, destroys

  const Status& created() const { return created_; }
  const ostler_plugin_t& plugin() const { return *plugin_; }
  FakeHost& host() { return host_; }

  Status start(uint32_t timeout_ms = 10000);
  void stop();

  ostler_instance_t* self() { return instance_; }
  template <typename Table>
  const Table* query(const char* id) {
    return static_cast<const Table*>(plugin_->query(instance_, id));
  }

 private:
  FakeHost host_;
  const ostler_plugin_t* plugin_ = nullptr;
  ostler_instance_t* instance_ = nullptr;
  Status created_;
  bool started_ = false;
};

// A sink that collects text, one element a write().
class Collector {
 public:
  Collector();
  const ostler_sink_t* sink() const { return &sink_; }
  std::string joined() const;
  const std::vector<std::string>& pieces() const { return pieces_; }

 private:
  ostler_sink_t sink_{};
  std::vector<std::string> pieces_;
};

}  // namespace ostler::test
