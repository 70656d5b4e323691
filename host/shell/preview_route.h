// POST /v1/configurations/preview: takes the question to the core's thread and waits for
// the answer, since only that thread may ask the engine and the judge.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "api/api.h"
#include "core/preview.h"
#include "shell/inbox.h"

namespace ostler::shell {

// Owned by the scheduler, which outlives the API's threads.
class PreviewRoute {
 public:
  using Ask = std::function<core::Preview(std::shared_ptr<const spec::ServiceSpec> candidate)>;

  // `inbox` must outlive this.
  explicit PreviewRoute(Inbox& inbox) : inbox_(inbox) {}

  // Before the API starts.
  Result<void> add_to(api::Api& api);
  // Who answers; nothing: nobody yet, or nobody any more. [core-thread]
  void answer_with(Ask ask) { ask_ = std::move(ask); }

 private:
  api::Response handle(const api::Request& request);

  Inbox& inbox_;
  Ask ask_;  // core thread
  std::atomic<int> waiting_{0};
};

}  // namespace ostler::shell
