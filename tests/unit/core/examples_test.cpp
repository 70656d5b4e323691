// The example files of the hello-world package, from the file to the last task that runs:
// each is loaded, deployed by the core with the real offers plugin on three agents that have
// everything, and started anew. Read in place from the shared folder. The SDK's simulation
// does so up to the registration (java-sdk-engine.md, 12.3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/engine.h"
#include "core/names.h"
#include "fake_mesos.h"
#include "simulation/matcher_judge.h"
#include "spec/load.h"

namespace fs = std::filesystem;

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Names = std::vector<std::string>;

const fs::path kFolder = fs::path(OSTLER_SHARED_DIR) / "reference" / "svc-yml";

spec::LoadResult load(const std::string& name, const spec::Environment& more = {}) {
  spec::Environment env = spec::read_env_file((kFolder / "environment.env").string()).env;
  for (const auto& [key, value] : more) env[key] = value;
  return spec::load_service({(kFolder / "helloworld" / (name + ".yml")).string(), env, false});
}

// A service on a Mesos that has room for anything and does at once what it is told.
class Deployment {
 public:
  explicit Deployment(spec::ServiceSpec spec)
      : spec_(std::make_shared<const spec::ServiceSpec>(std::move(spec))) {
    restart();
  }

  void restart() {
    engine_ = std::make_unique<Engine>(Settings(), stored_, judge_, ids_);
    run([&](Effects& out) { engine_->start(spec_, now_, out); });
    run([&](Effects& out) { engine_->handle(mesos::event::Subscribed{"F1", "master:5050", ""}, now_, out); });
  }

  // Offers all there is and lets what is launched run, and end where it is to, until
  // nothing happens any more; plans that wait for a person are continued. The launches of
  // each round.
  std::vector<Names> go() {
    std::vector<Names> rounds;
    for (int idle = 0; idle < 6;) {  // more than there are canaries
      launched_.clear();
      run([&](Effects& out) { engine_->handle(everything(), now_, out); });
      Names names;
      for (const auto& [name, id] : launched_) names.push_back(name);
      for (const auto& [name, id] : launched_) run_task(name, id);
      now_.mono_ms += 6000;
      now_.unix_ms += 6000;
      run([&](Effects& out) { engine_->tick(now_, out); });
      if (!names.empty()) {
        rounds.push_back(names);
      } else {
        ++idle;
        Effects ignored;
        engine_->handle(command::PlanContinue{{"deploy", {}, {}}}, now_, ignored);
        apply(ignored);
      }
    }
    return rounds;
  }
  // As Mesos answers the next process.
  void reconcile() {
    for (const auto& [name, task] : stored_.tasks) {
      if (task.status && !mesos::is_terminal(task.status->state)) update(*task.status);
    }
  }

  const PlanView& plan() {
    snapshot_ = engine_->snapshot();
    return *snapshot_->plan("deploy");
  }
  std::string problems() {
    std::string text;
    for (const std::string& error : plan().errors) text += error + "\n";
    for (const PhaseView& phase : plan().phases) {
      for (const StepView& step : phase.steps)
        text += step.name + " " + std::string(to_string(step.status)) + " " + step.message + "\n";
    }
    return text;
  }
  const Snapshot& snapshot() { return *(snapshot_ = engine_->snapshot()); }
  size_t kills() const { return kills_; }
  size_t suppresses() const { return suppresses_; }
  bool ended() const { return ended_; }

 private:
  template <typename Body>
  void run(Body body) {
    Effects out;
    body(out);
    apply(out);
  }

  void apply(Effects& effects) {
    for (Effect& effect : effects) {
      if (auto* persist = std::get_if<effect::Persist>(&effect)) {
        for (const Change& change : persist->changes) store(change);
      } else if (auto* call = std::get_if<effect::Call>(&effect)) {
        kills_ += std::holds_alternative<mesos::call::Kill>(call->call) ? 1 : 0;
        suppresses_ += std::holds_alternative<mesos::call::Suppress>(call->call) ? 1 : 0;
        const auto* accept = std::get_if<mesos::call::Accept>(&call->call);
        if (accept == nullptr) continue;
        for (const auto& operation : accept->operations) {
          for (const mesos::TaskInfo& task : operation.tasks) launched_.emplace_back(task.name, task.task_id);
        }
      } else {
        ended_ |= std::holds_alternative<effect::Exit>(effect);
      }
    }
  }

  void store(const Change& change) {
    if (auto* c = std::get_if<change::PutFrameworkId>(&change)) stored_.framework_id = c->id;
    if (auto* c = std::get_if<change::PutConfig>(&change)) stored_.configs[c->id] = c->spec;
    if (auto* c = std::get_if<change::PutTarget>(&change)) stored_.target_config = c->config_id;
    if (auto* c = std::get_if<change::PutLaunch>(&change)) stored_.tasks[c->task].launch = c->launch;
    if (auto* c = std::get_if<change::PutStatus>(&change)) stored_.tasks[c->task].status = c->status;
    if (auto* c = std::get_if<change::PutProperty>(&change)) stored_.properties[c->key] = c->value;
    if (auto* c = std::get_if<change::PutPlanControl>(&change)) stored_.plan_controls[c->plan] = c->control;
  }

  void update(mesos::TaskStatus status) {
    status.uuid = "u" + std::to_string(++uuids_);
    status.source = "SOURCE_EXECUTOR";
    run([&](Effects& out) { engine_->handle(mesos::event::Update{status}, now_, out); });
  }

  void run_task(const std::string& name, const std::string& id) {
    mesos::TaskStatus status;
    status.task_id = id;
    status.state = TaskState::kRunning;
    status.has_check = true;
    status.check_exit_code = 0;
    update(status);
    const LaunchRecord& launch = *stored_.tasks.at(name).launch;
    if (spec_->pod(launch.pod_type)->task(launch.task_spec)->goal == spec::Goal::kRunning) return;
    status.state = TaskState::kFinished;
    update(status);
  }

  // Three agents: what is free, what is reserved for slave_public, and what pods hold.
  mesos::Event everything() {
    std::vector<FakeOffer> offers;
    for (int agent = 1; agent <= 3; ++agent) {
      FakeOffer plain = big_offer(agent);
      plain.resources[0] = scalar("cpus", 64);
      plain.resources[3] = ports(1025, 32000);
      plain.resources.push_back(scalar("gpus", 4));
      for (int disk = 0; disk < 6; ++disk) plain.resources.push_back(mount(disk));
      FakeOffer reserved = plain;
      reserved.id += "-reserved";
      for (mesos::Resource& one : plain.resources) one.allocation_role = spec_->role;
      for (mesos::Resource& one : reserved.resources) {
        one.reservations.push_back({false, "slave_public", {}, {}});
        one.allocation_role = "slave_public/" + spec_->role;
      }
      std::set<std::string> seen;
      for (const auto& [name, task] : stored_.tasks) {
        if (task.launch->task->agent_id != plain.agent_id) continue;
        for (const Holding& one : task.launch->holdings) {
          if (!seen.emplace(resource_id_of(one.resource)).second) continue;
          const bool is_plain = one.resource.allocation_role == spec_->role;
          (is_plain ? plain : reserved).resources.push_back(one.resource);
        }
      }
      offers.push_back(plain);
      offers.push_back(reserved);
    }
    mesos::event::Offers event = offers_event(offers);
    size_t at = 0;
    for (const FakeOffer& offer : offers) {
      for (const mesos::Resource& one : offer.resources) {
        if (one.disk && one.disk->source) {
          event.batch.resources[at].flags |= OSTLER_RES_MOUNT;
          event.batch.resources[at].profile = mesos::str(event.batch.keep(one.disk->source->profile));
        }
        ++at;
      }
    }
    return event;
  }
  static mesos::Resource mount(int number) {
    mesos::Resource disk = scalar("disk", 5000);
    disk.disk.change([&](mesos::Disk& whole) {
      const char* profile = number < 2 ? "" : number < 4 ? "xfs" : number == 4 ? "ssd" : "fast";
      whole.source = mesos::DiskSource{"MOUNT", "/mnt/" + std::to_string(number), profile, ""};
    });
    return disk;
  }

  std::shared_ptr<const spec::ServiceSpec> spec_;
  StoredState stored_;
  simulation::MatcherJudge judge_;
  SeededIds ids_{7};
  Now now_{1'000'000, 1'700'000'000'000};
  std::unique_ptr<Engine> engine_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<std::pair<std::string, std::string>> launched_;
  size_t kills_ = 0, suppresses_ = 0;
  int uuids_ = 0;
  bool ended_ = false;
};

Names tasks_of(const spec::ServiceSpec& service) {
  Names out;
  for (const spec::PhaseSpec& phase : service.plan("deploy")->phases) {
    for (const spec::StepSpec& step : phase.steps) {
      for (const std::string& task : step.tasks) out.push_back(task_name(phase.pod, step.pod_index, task));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

class Examples : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kFolder)) GTEST_SKIP() << "no inputs in " << kFolder;
  }
};

TEST_F(Examples, AreDeployedFromTheFirstTaskToTheLastAndKeptByTheNextProcess) {
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(kFolder / "helloworld")) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".yml" || name == "tls") continue;
    SCOPED_TRACE(name);
    ++files;
    const spec::LoadResult loaded = load(name);
    ASSERT_TRUE(loaded.spec);
    Deployment deployment(*loaded.spec);
    ASSERT_FALSE(deployment.ended());
    Names launched;
    for (const Names& round : deployment.go()) launched.insert(launched.end(), round.begin(), round.end());
    EXPECT_EQ(to_string(deployment.plan().status), "COMPLETE") << deployment.problems();
    std::sort(launched.begin(), launched.end());
    EXPECT_EQ(launched, tasks_of(*loaded.spec)) << "each once";
    EXPECT_EQ(deployment.kills(), 0U);
    EXPECT_GE(deployment.suppresses(), 1U) << "nothing is left to be done";
    EXPECT_EQ(deployment.snapshot().health.code, 200);

    deployment.restart();
    deployment.reconcile();
    EXPECT_THAT(deployment.go(), IsEmpty());
    EXPECT_EQ(to_string(deployment.plan().status), "COMPLETE") << deployment.problems();
    EXPECT_EQ(deployment.kills(), 0U);
  }
  EXPECT_GE(files, 20U);
}

// Every other file that is read without complaint: the SDK's valid ones, and our own.
TEST(AcceptedFiles, AreDeployedToo) {
  const std::map<std::string, std::string> others = {
      // Two tasks that are to be launched together share their resources; an error in the SDK, too.
      {"shared-resource-set", "ERROR"},
      // Two tasks want one port; `ostler check` warns of it.
      {"two-for-one", "IN_PROGRESS"}};
  const spec::Environment own = {{"NAME", "service"}, {"COUNT", "3"},        {"FLAG", "TRUE"},
                                 {"RAW", "a&b=c"},    {"QUOTED", "a&b='c'"}, {"PLACEMENT", ""}};
  for (const fs::path& folder : {fs::path(OSTLER_SPEC_DATA) / "accepted", kFolder / "accepted"}) {
    if (!fs::exists(folder)) continue;
    const bool is_own = folder != kFolder / "accepted";
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".yml") continue;
      SCOPED_TRACE(entry.path());
      const spec::LoadResult loaded = spec::load_service(
          {entry.path().string(),
           is_own ? own : spec::read_env_file((kFolder / "environment.env").string()).env, false});
      ASSERT_TRUE(loaded.spec);
      spec::ServiceSpec service = *loaded.spec;
      for (spec::PodSpec& pod : service.pods) {
        pod.placement.clear();  // these agents have no attributes
        for (spec::TaskSpec& task : pod.tasks) task.transport_encryption.clear();
      }
      Deployment deployment(service);
      EXPECT_FALSE(deployment.ended());
      deployment.go();
      const auto other = others.find(entry.path().stem().string());
      EXPECT_EQ(to_string(deployment.plan().status), other == others.end() ? "COMPLETE" : other->second)
          << deployment.problems();
    }
  }
}

// Unlike the SDK, which has DC/OS issue the certificates.
TEST_F(Examples, TheOneThatWantsCertificatesIsToldWhatToDo) {
  const spec::LoadResult loaded = load("tls");
  ASSERT_TRUE(loaded.spec);
  EXPECT_TRUE(Deployment(*loaded.spec).ended());
}

TEST_F(Examples, CustomStepsAreFollowedInEveryCombination) {
  const std::map<std::pair<std::string, std::string>, std::vector<Names>> expected = {
      {{"serial", "[[first, second, third]]"},
       {{"hello-0-first", "hello-0-second", "hello-0-third"},
        {"hello-1-first", "hello-1-second", "hello-1-third"}}},
      {{"serial", "[[first], [second], [third]]"},
       {{"hello-0-first"},
        {"hello-0-second"},
        {"hello-0-third"},
        {"hello-1-first"},
        {"hello-1-second"},
        {"hello-1-third"}}},
      {{"serial", "[[first], [second, third]]"},
       {{"hello-0-first"},
        {"hello-0-second", "hello-0-third"},
        {"hello-1-first"},
        {"hello-1-second", "hello-1-third"}}},
      {{"parallel", "[[first, second, third]]"},
       {{"hello-0-first", "hello-0-second", "hello-0-third", "hello-1-first", "hello-1-second",
         "hello-1-third"}}},
      {{"parallel", "[[first], [second], [third]]"},
       {{"hello-0-first", "hello-1-first"},
        {"hello-0-second", "hello-1-second"},
        {"hello-0-third", "hello-1-third"}}},
      {{"parallel", "[[first], [second, third]]"},
       {{"hello-0-first", "hello-1-first"},
        {"hello-0-second", "hello-0-third", "hello-1-second", "hello-1-third"}}},
  };
  for (const auto& [given, rounds] : expected) {
    SCOPED_TRACE(given.first + " " + given.second);
    const spec::LoadResult loaded =
        load("custom_steps",
             {{"DEPLOY_STRATEGY", given.first}, {"DEPLOY_STEPS", given.second}, {"HELLO_COUNT", "2"}});
    ASSERT_TRUE(loaded.spec);
    Deployment deployment(*loaded.spec);
    std::vector<Names> went = deployment.go();
    for (Names& round : went) std::sort(round.begin(), round.end());
    EXPECT_EQ(went, rounds);
  }
  const spec::LoadResult wrong = load("custom_steps", {{"DEPLOY_STEPS", "[[first], [fourth]]"}});
  EXPECT_FALSE(wrong.spec);
  ASSERT_FALSE(wrong.problems.empty());
  EXPECT_THAT(wrong.problems[0].text(), ::testing::HasSubstr("fourth"));
}

}  // namespace
}  // namespace ostler::core::test
