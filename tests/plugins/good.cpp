// One well-behaved plugin of each kind, in one library, made to be looked at: they
// keep what they are told and can be steered by their configuration.
#include <algorithm>
#include <map>
#include <ostler/plugin.hpp>

namespace {

using namespace ostler::plugin;

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class GoodState final : public State {
 public:
  GoodState(Host host, std::string_view config) : host_(host), is_owned_(has(config, "owned-by-another")) {}
  void start(uint32_t) override {
    if (is_owned_)
      throw Error(OSTLER_FAILED_PRECONDITION, "another scheduler holds the lock: host-7, process 4711");
    host_.log(OSTLER_LOG_INFO, "state started");
  }
  void stop(uint32_t) noexcept override { host_.log(OSTLER_LOG_INFO, "state stopped"); }
  std::pair<std::string, int32_t> get(std::string_view path, uint32_t) override {
    const auto found = nodes_.find(std::string(path));
    if (found == nodes_.end()) throw Error(OSTLER_NOT_FOUND, "no node " + std::string(path));
    return {found->second, 1};
  }
  // Three at a time, as a backend that is slow; out of order where it is told to.
  void get_each(const ostler_array_t& paths, uint32_t timeout_ms,
                const ostler_state_answers_t& answers) override {
    if (nodes_.count("/swap") != 0) answers.answer(answers.ctx, 1, OSTLER_OK, bytes("x"), 0);
    ostler_array_t part = paths;
    part.count = std::min<uint32_t>(part.count, 3);
    State::get_each(part, timeout_ms, answers);
    if (part.count != paths.count) throw Error(OSTLER_UNAVAILABLE, "that is enough for now");
  }
  std::vector<std::string> children(std::string_view path, uint32_t) override {
    std::vector<std::string> out;
    const std::string prefix = path == "/" ? "/" : std::string(path) + "/";
    // Backwards: the host sorts.
    for (auto it = nodes_.rbegin(); it != nodes_.rend(); ++it) {
      if (it->first.rfind(prefix, 0) == 0) out.push_back(it->first.substr(prefix.size()));
    }
    return out;
  }
  void commit(const ostler_array_t& ops, uint32_t) override {
    for (uint32_t i = 0; i < ops.count; ++i) {
      const auto* op = OSTLER_AT(ostler_state_op_t, ops, i);
      const std::string path(view(op->path));
      if (op->type == OSTLER_OP_DELETE) nodes_.erase(path);
      if (op->type != OSTLER_OP_PUT) continue;
      nodes_[path] = view(op->value);
      if (path == "/lose") lose(std::string(view(op->value)));
      if (path == "/unavailable")
        events_->availability(events_->ctx, op->value.size == 0 ? ostler_str_of("") : str(view(op->value)));
    }
  }
  void limits(ostler_state_limits_t& limits) noexcept override { limits.max_value_bytes = 1000; }
  void watch_owner(const ostler_state_owner_events_t* events) noexcept override { events_ = events; }

 private:
  void lose(const std::string& why) {
    ostler_error_t error{};
    error.struct_size = sizeof error;
    ostler_fail(&error, OSTLER_FAILED_PRECONDITION, "", "%s", why.c_str());
    events_->lost(events_->ctx, &error);
  }

  Host host_;
  bool is_owned_;
  std::map<std::string, std::string> nodes_;
  const ostler_state_owner_events_t* events_ = nullptr;
};

// Refuses offers whose number is odd when told to, and scores all the same.
class GoodOffers final : public Offers {
 public:
  GoodOffers(Host host, std::string_view config) : host_(host), refuses_odd_(has(config, "refuse-odd")) {}
  void start(uint32_t) override { host_.log(OSTLER_LOG_INFO, "offers started"); }
  void stop(uint32_t) noexcept override { host_.log(OSTLER_LOG_INFO, "offers stopped"); }
  uint64_t compile(std::string_view rule) override {
    if (has(rule, refuses_odd_ ? "bad-for-odd" : "bad"))
      throw Error(OSTLER_INVALID_ARGUMENT, "not a rule: " + std::string(rule));
    return ++last_;
  }
  void release(uint64_t handle) noexcept override {
    host_.log(OSTLER_LOG_INFO, "released " + std::to_string(handle));
  }
  void evaluate(const ostler_round_t& round, const ostler_out_array_t& verdicts) override {
    for (uint32_t i = 0; i < verdicts.count; ++i) {
      auto* verdict = OSTLER_OUT_AT(ostler_verdict_t, verdicts, i);
      const uint64_t handle =
          OSTLER_AT(ostler_requirement_t, round.requirements, i / round.offers.count)->placement;
      verdict->reasons = refuses_odd_ && i % round.offers.count % 2 == 1 ? OSTLER_REASON_MEM : 0;
      verdict->score = verdict->reasons != 0 ? -0.5 : 1 + static_cast<double>(handle);
    }
  }
  std::string explain(const ostler_round_t&, uint32_t, uint32_t offer) override {
    return refuses_odd_ && offer % 2 == 1 ? R"([{"reason":"MEM","message":"odd"}])" : "[]";
  }

 private:
  Host host_;
  bool refuses_odd_;
  uint64_t last_ = 0;
};

class GoodSecrets final : public Secrets {
 public:
  GoodSecrets(Host host, std::string_view) : host_(host) {}
  void start(uint32_t) override { host_.log(OSTLER_LOG_INFO, "secrets started"); }
  void stop(uint32_t) noexcept override { host_.log(OSTLER_LOG_INFO, "secrets stopped"); }
  void resolve(std::string_view reference, std::string_view owner, uint32_t, const ostler_sink_t* value,
               ostler_secret_info_t& info) override {
    if (reference == "missing") throw Error(OSTLER_NOT_FOUND, "there is no secret 'missing'");
    write(value, "value of ");
    write(value, reference);
    write(value, " for ");
    write(value, owner);
    info.expires_ms = 1234;
  }

 private:
  Host host_;
};

class GoodMetrics final : public Metrics {
 public:
  GoodMetrics(Host host, std::string_view config) : host_(host) {
    if (has(config, "other-path")) path_ = "/v1/metrics/other";
    own_ = host.service<ostler_host_metrics_t>(OSTLER_HOST_METRICS_1);
    renders_ = own_->define(own_->ctx, OSTLER_METRIC_COUNTER, ostler_str_of("renders"),
                            ostler_str_of("How often it rendered"));
  }
  void start(uint32_t) override { host_.log(OSTLER_LOG_INFO, "metrics started"); }
  void stop(uint32_t) noexcept override { host_.log(OSTLER_LOG_INFO, "metrics stopped"); }
  const char* path() const noexcept override { return path_; }
  std::pair<std::string, std::string> render(const ostler_array_t& samples,
                                             std::string_view accept) override {
    own_->add(own_->ctx, renders_, 1);
    return {"text/plain", std::to_string(samples.count) + " samples for " + std::string(accept)};
  }

 private:
  Host host_;
  const char* path_ = "/v1/metrics/good";
  const ostler_host_metrics_t* own_;
  uint32_t renders_;
};

class GoodPush final : public PushMetrics {
 public:
  GoodPush(Host host, std::string_view) : host_(host) {}
  uint32_t push_interval_ms() const noexcept override { return 2500; }
  void push(const ostler_array_t& samples, uint32_t) override {
    host_.log(OSTLER_LOG_INFO, "pushed " + std::to_string(samples.count));
  }

 private:
  Host host_;
};

// Serves nothing; start() sends itself one request, the answer becomes its address.
// Also has a route of its own.
class GoodHttp final : public Http {
 public:
  GoodHttp(Host host, std::string_view config) : host_(host), config_(config) {}
  void start(uint32_t) override {
    host_.log(OSTLER_LOG_INFO, "http started with " + config_);
    const auto* secrets = host_.service<ostler_host_secrets_t>(OSTLER_HOST_SECRETS_1);
    ostler_error_t error{};
    error.struct_size = sizeof error;
    const ostler_sink_t sink = {&answer_, [](void* ctx, const void* data, size_t size) {
                                  static_cast<std::string*>(ctx)->append(static_cast<const char*>(data),
                                                                         size);
                                }};
    if (secrets->resolve(secrets->ctx, ostler_str_of("tls-key"), 1000, &sink, &error) != OSTLER_OK)
      answer_ = error.message;
    answer_ += "|";
    const auto* api = host_.service<ostler_host_api_t>(OSTLER_HOST_API_1);
    ostler_http_request_t request{};
    request.struct_size = sizeof request;
    request.method = ostler_str_of("GET");
    request.path = ostler_str_of("/v1/health");
    ostler_http_response_t response{};
    response.struct_size = sizeof response;
    response.ctx = &answer_;
    response.head = [](void* ctx, uint32_t status, const ostler_array_t*) {
      *static_cast<std::string*>(ctx) += std::to_string(status) + " ";
    };
    response.body = [](void* ctx, const void* data, size_t size) {
      static_cast<std::string*>(ctx)->append(static_cast<const char*>(data), size);
    };
    api->handle(api->ctx, &request, &response);
  }
  void stop(uint32_t) noexcept override { host_.log(OSTLER_LOG_INFO, "http stopped"); }
  std::string address() override { return answer_; }
  const void* query(std::string_view id) noexcept override {
    static const ostler_route_t routes[] = {{"GET", "/v1/tea", "tea"}, {"POST", "/v1/tea/:kind", "more tea"}};
    static const ostler_routes_t table = {
        sizeof(ostler_routes_t), 0,
        [](ostler_instance_t*, ostler_array_t* list) {
          *list = {routes, 2, sizeof routes[0]};
        },
        [](ostler_instance_t*, uint32_t route, const ostler_http_request_t*,
           const ostler_http_response_t* response) { response->head(response->ctx, 200 + route, nullptr); }};
    return id == OSTLER_ROUTES_1 ? &table : Http::query(id);
  }

 private:
  Host host_;
  std::string config_, answer_;
};

}  // namespace

OSTLER_LIBRARY(
    describe<GoodState>("test.good.state", OSTLER_STATE_1, "1.2.3", "tests", "keeps state in memory", "{}"),
    describe<GoodOffers>("test.good.offers", OSTLER_OFFERS_1, "1.2.3", "tests", "accepts offers", "{}"),
    describe<GoodSecrets>("test.good.secrets", OSTLER_SECRETS_1, "1.2.3", "tests", "invents secrets", "{}"),
    describe<GoodMetrics>("test.good.metrics", OSTLER_METRICS_1, "1.2.3", "tests", "counts metrics", "{}"),
    describe<GoodPush>("test.good.push", OSTLER_METRICS_1, "1.2.3", "tests", "pushes metrics", "{}"),
    describe<GoodHttp>("test.good.http", OSTLER_HTTP_1, "1.2.3", "tests", "asks itself", "{}"))
