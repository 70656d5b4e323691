#include "crash_matrix.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace ostler::harness {
namespace {

using Kind = Moment::Kind;
using nlohmann::json;

bool is_full() {
  const char* wanted = std::getenv("OSTLER_CRASH_MATRIX");
  return wanted != nullptr && std::strcmp(wanted, "full") == 0;
}

bool is_commit(Kind kind) { return kind == Kind::kBeforeCommit || kind == Kind::kAfterCommit; }
bool is_after(Kind kind) { return kind == Kind::kAfterCommit || kind == Kind::kAfterCall; }

}  // namespace

std::string to_string(const Moment& moment) {
  return std::string(is_after(moment.kind) ? "after " : "before ") +
         (is_commit(moment.kind) ? "commit " : "call ") + std::to_string(moment.number);
}

Moments::Moments(std::deque<Moment> sample) : is_full_(is_full()), left_(std::move(sample)) {
  if (!is_full_) return;
  left_.clear();
  for (const Kind kind : {Kind::kBeforeCommit, Kind::kAfterCommit, Kind::kBeforeCall, Kind::kAfterCall})
    left_.push_back({kind, 1});
}

std::optional<Moment> Moments::next() const {
  if (left_.empty()) return std::nullopt;
  return left_.front();
}

void Moments::tried(bool was_reached) {
  reached_ += was_reached;
  if (is_full_ && was_reached) {
    ++left_.front().number;
  } else {
    EXPECT_TRUE(is_full_ || was_reached) << "the operation ended before " << to_string(left_.front());
    left_.pop_front();
  }
}

CrashMatrix::CrashMatrix() { use_store(Store::kZookeeper); }

void CrashMatrix::prepare() {
  const std::string own = read_file(at_.share() + "/plugins.yaml");
  const std::string config = "{library: '" + at_.plugin_dir() + "/state-zookeeper.so', config: {servers: ['" +
                             zookeeper_->address() +
                             "'], root: /ostler-test, session_timeout_ms: 5000}, moment_file: '" +
                             (folder_ / "moment") + "'}";
  manifest_ =
      make_manifest(own.substr(0, own.find("    library: state-sqlite.so")) +
                        "    library: " OSTLER_END_TO_END_DIR "/crashing-state.so\n    config: " + config +
                        "\n" + own.substr(own.find("  - name: matcher")),
                    "moments.yaml");
  start_cluster();
}

void CrashMatrix::arm_commits(const std::optional<Moment>& moment) {
  if (!moment || !is_commit(moment->kind)) return;
  // Whole or not at all: a commit may look at it any time.
  write_file(folder_ / "moment.new", "cell-" + std::to_string(++cell_) + " " +
                                         std::to_string(moment->number) +
                                         (is_after(moment->kind) ? " after" : " before"));
  std::filesystem::rename(folder_ / "moment.new", folder_ / "moment");
}

void CrashMatrix::arm_calls(const std::optional<Moment>& moment) {
  if (!moment || is_commit(moment->kind)) return;
  cluster_->control(
      "kill",
      json{{"pid", scheduler_->process().pid()}, {"call", moment->number}, {"after", is_after(moment->kind)}}
          .dump());
}

void CrashMatrix::disarm() {
  std::filesystem::remove(folder_ / "moment");
  cluster_->control("kill", json{{"pid", scheduler_->process().pid()}, {"call", 0}}.dump());
}

bool CrashMatrix::run(const Operation& operation, const std::optional<Moment>& moment) {
  arm_commits(moment);
  operation.begin([&] { arm_calls(moment); });
  const auto is_killed = [&] { return !scheduler_->process().is_running(); };
  if (moment) std::printf("[  MATRIX  ] %s\n", to_string(*moment).c_str());
  std::fflush(stdout);
  bool killed = false;
  const auto describe = [&] { return scheduler_->describe(); };
  const auto is_done = [&] {
    // A reply may be cut off by the kill.
    try {
      return operation.is_done();
    } catch (const std::exception&) {
      return false;
    }
  };
  wait_until(
      "the operation or the kill", patience(), [&] { return (killed = is_killed()) || is_done(); }, describe);
  disarm();
  // It may have died since.
  killed = killed || is_killed();
  if (killed) {
    EXPECT_EQ(scheduler_->wait_exit(patience()), 128 + SIGKILL) << describe();
    auto& next = start_scheduler();
    // Killed after Mesos' last word of an uninstall, at most the deletion of the state is left.
    next.wait_for("it to be at work, or to have none", [&] {
      return next.has_logged("subscribed to ") || next.has_logged("the uninstall is complete");
    });
    operation.ask_again();
    scheduler_->wait_for("the operation to be complete", is_done);
  }
  return killed;
}

std::map<std::string, int> CrashMatrix::new_runs() {
  std::map<std::string, int> now = cluster_->runs(), fresh;
  for (const auto& [name, count] : now) {
    if (count != runs_[name]) fresh[name] = count - runs_[name];
  }
  runs_ = std::move(now);
  return fresh;
}

std::set<std::string> CrashMatrix::volumes() const {
  std::set<std::string> all;
  const json state = cluster_->state();
  for (const json& agent : state.at("agents")) {
    for (const json& volume : agent.at("volumes")) all.insert(volume.at("persistence_id"));
  }
  return all;
}

std::set<std::string> CrashMatrix::volumes_of(const std::string& task) const {
  const std::vector<std::string> all = cluster_->task(task).volumes;
  return {all.begin(), all.end()};
}

void CrashMatrix::expect_healthy(bool is_new) {
  if (!is_new && !written_.empty()) {
    wait_until("a server that serves", patience(),
               [&] { return !server_state(scheduler_->client_addresses().front()).mode.empty(); });
    EXPECT_EQ(read_znode(scheduler_->client_addresses().front(), "/ostler-test"), written_);
  }
  written_ = "cell " + std::to_string(++cell_);
  expect_serving(written_);
  expect_in_order();
}

void CrashMatrix::expect_gone() {
  const json state = cluster_->state();
  EXPECT_EQ(state.at("violations").dump(), "[]");
  for (const json& agent : state.at("agents")) {
    EXPECT_EQ(agent.at("reservations").dump(), "[]");
    EXPECT_EQ(agent.at("volumes").dump(), "[]");
    EXPECT_EQ(agent.at("executors").dump(), "[]");
  }
  EXPECT_TRUE(cluster_->live_tasks().empty());
  EXPECT_EQ(scheduler_->get("/v1/state/frameworkId").status, 404);
}

void CrashMatrix::report(const std::string& operation, const Moments& moments) {
  RecordProperty(operation, moments.reached());
  std::printf("[  MATRIX  ] %s: killed at %d moments\n", operation.c_str(), moments.reached());
}

}  // namespace ostler::harness
