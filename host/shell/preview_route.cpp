#include "shell/preview_route.h"

#include <chrono>
#include <future>
#include <optional>

#include "api/preview.h"

namespace ostler::shell {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr int kMostWaiting = 1;  // of the server's threads, so that one is left for /v1/health

api::Response not_now(const char* why) {
  api::Response response = api::text_response(503, std::string("no preview now: ") + why);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

Result<void> PreviewRoute::add_to(api::Api& api) {
  return api.add_route(
      "POST", api::kPreviewPath, "the host",
      [this](const api::Request& request, const api::PathValues&) { return handle(request); });
}

api::Response PreviewRoute::handle(const api::Request& request) {
  Result<std::shared_ptr<const spec::ServiceSpec>> candidate = api::candidate_of(request.body);
  if (!candidate.ok()) return api::text_response(400, candidate.error().message);
  if (inbox_.phase() == Inbox::Phase::kNotYet)
    return not_now("the scheduler waits for its state; /v1/health?verbose=true says what for");
  struct Place {
    std::atomic<int>& waiting;
    explicit Place(std::atomic<int>& count) : waiting(count) {}
    ~Place() { --waiting; }
  };
  const bool is_full = waiting_++ >= kMostWaiting;
  const Place place(waiting_);
  if (is_full) return not_now("another is asked for already");

  // The question alone owns the promise (a std::function wants to be copyable, hence no
  // unique_ptr): an inbox that closes destroys it, and so wakes the one who waits.
  auto answer = std::make_shared<std::promise<std::optional<core::Preview>>>();
  std::future<std::optional<core::Preview>> future = answer->get_future();
  std::function<void()> question = [this, answer = std::move(answer), spec = *candidate] {
    answer->set_value(ask_ ? std::optional(ask_(spec)) : std::nullopt);
  };
  if (!inbox_.push(std::move(question))) return not_now("the scheduler is ending");
  if (future.wait_for(kPatience) != std::future_status::ready)
    return not_now("the scheduler is busy; /v1/health?verbose=true says with what");
  try {
    const std::optional<core::Preview> preview = future.get();
    return preview ? api::preview_response(*preview) : not_now("the scheduler is starting");
  } catch (const std::future_error&) {
    return not_now("the scheduler is ending");
  }
}

}  // namespace ostler::shell
