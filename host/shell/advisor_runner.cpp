#include "shell/advisor_runner.h"

#include <pthread.h>

#include <utility>

namespace ostler::shell {
namespace {
constexpr std::chrono::milliseconds kAdviceTimeout{8000};
}

AdvisorRunner::AdvisorRunner(plugins::AdvisorPlugin* advisor, std::function<void(core::Advice)> answer)
    : advisor_(advisor), answer_(std::move(answer)) {
  if (advisor_ != nullptr) thread_ = std::thread([this] { run(); });
}

AdvisorRunner::~AdvisorRunner() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void AdvisorRunner::ask(core::effect::Advise question) {
  {
    const std::lock_guard lock(mutex_);
    question_ = std::move(question);
  }
  changed_.notify_all();
}

void AdvisorRunner::run() {
  pthread_setname_np(pthread_self(), "advisor");
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || question_; });
    if (stopping_) return;
    const core::effect::Advise question = *std::exchange(question_, std::nullopt);
    lock.unlock();
    answer_({question.id, advisor_->advise(question, kAdviceTimeout)});
    lock.lock();
  }
}

}  // namespace ostler::shell
