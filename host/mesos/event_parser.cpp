// Tells the events apart and reads the small ones; the offers have a file of their own.
#include "mesos/event_parser.h"

#include <utility>

#include "base/large_pages.h"
#include "mesos/json_reader.h"
#include "mesos/offer_reader.h"

namespace ostler::mesos {
namespace {

// A batch's arrays are about as large as the record, and so is the table of tokens where
// it was read as a whole. What served a record above this size is given back with the next
// small event, a heartbeat at the latest: large ones come in a row, when we subscribe or
// revive, and then for a long time not.
constexpr size_t kKeepTokens = 1024 * 1024;

bool read_region(JsonReader& json, std::string& region) {
  return json.only("fault_domain", [&] {
    return json.only("region", [&] { return json.only("name", [&] { return json.text(region); }); });
  });
}

bool read_subscribed(JsonReader& json, event::Subscribed& out, double& heartbeat) {
  return json.fields([&](Word key) {
    if (key == "framework_id") return json.id(out.framework_id);
    if (key == "heartbeat_interval_seconds") return json.number(heartbeat);
    if (key == "master_info") return json.only("domain", [&] { return read_region(json, out.region); });
    return true;
  });
}

bool read_addresses(JsonReader& json, std::vector<std::string>& out) {
  const auto address = [&] { return json.only("ip_address", [&] { return json.text(out.emplace_back()); }); };
  const auto network = [&] { return json.only("ip_addresses", [&] { return json.elements(address); }); };
  return json.only("network_infos", [&] { return json.elements(network); });
}

bool read_check_status(JsonReader& json, TaskStatus& out) {
  return json.only("command", [&] {
    out.has_check = true;
    return json.only("exit_code", [&] { return json.int32(out.check_exit_code.emplace()); });
  });
}

bool read_status(JsonReader& json, TaskStatus& out) {
  return json.fields([&](Word key) {
    if (key == "task_id") return json.id(out.task_id);
    if (key == "state") {
      std::string name;
      if (!json.text(name)) return false;
      out.state = task_state(name);
      return true;
    }
    if (key == "message") return json.text(out.message);
    if (key == "reason") return json.text(out.reason);
    if (key == "source") return json.text(out.source);
    if (key == "agent_id") return json.id(out.agent_id);
    if (key == "executor_id") return json.id(out.executor_id);
    if (key == "uuid") return json.text(out.uuid);
    if (key == "timestamp") return json.number(out.timestamp_s);
    if (key == "healthy") return json.flag(out.healthy.emplace());
    if (key == "check_status") return read_check_status(json, out);
    if (key == "container_status") return read_addresses(json, out.ip_addresses);
    return true;
  });
}

bool read_operation_status(JsonReader& json, OperationStatus& out) {
  return json.fields([&](Word key) {
    if (key == "operation_id") return json.id(out.operation_id);
    if (key == "state") return json.text(out.state);
    if (key == "message") return json.text(out.message);
    if (key == "agent_id") return json.id(out.agent_id);
    if (key == "resource_provider_id") return json.id(out.resource_provider_id);
    // The master sends an object here, while acknowledging wants the bare text.
    if (key == "uuid") return json.peek() == '"' ? json.text(out.uuid) : json.id(out.uuid);
    return true;
  });
}

bool read_failure(JsonReader& json, event::Failure& out) {
  return json.fields([&](Word key) {
    if (key == "agent_id") return json.id(out.agent_id);
    if (key == "executor_id") return json.id(out.executor_id);
    if (key == "status") return json.int32(out.status);
    return true;
  });
}

bool read_inverse_offers(JsonReader& json, event::InverseOffers& out) {
  const auto offer = [&] {
    std::string& id = out.offer_ids.emplace_back();
    std::string& agent = out.agent_ids.emplace_back();
    return json.fields([&](Word key) {
      if (key == "id") return json.id(id);
      if (key == "agent_id") return json.id(agent);
      return true;
    });
  };
  return json.only("inverse_offers", [&] { return json.elements(offer); });
}

// Reads the field `wanted` of an object with `read`, and misses it if absent.
template <size_t kSize, typename Read>
bool require(JsonReader& json, const char (&wanted)[kSize], Read read) {
  bool found = false;
  const bool ok = json.only(wanted, [&] {
    found = true;
    return read();
  });
  return ok && (found || json.fail("the field \"" + std::string(wanted) + "\" is missing"));
}

// How much room a batch needed for each byte of its record, so that the next one is
// given that room at once.
struct Density {
  double offers = 0, resources = 0, attributes = 0, ranges = 0, executor_ids = 0;

  void make_room(OfferBatch& batch, size_t bytes) const {
    const auto room = [bytes](double per_byte) {
      return static_cast<size_t>(per_byte * static_cast<double>(bytes) * 1.02);
    };
    reserve_large(batch.offers, room(offers));
    reserve_large(batch.resources, room(resources));
    reserve_large(batch.raw_resources, room(resources));
    reserve_large(batch.attributes, room(attributes));
    reserve_large(batch.ranges, room(ranges));
    reserve_large(batch.executor_ids, room(executor_ids));
  }
  void learn(const OfferBatch& batch, size_t bytes) {
    const auto per_byte = [bytes](const auto& list) {
      return static_cast<double>(list.size()) / static_cast<double>(bytes);
    };
    *this = {per_byte(batch.offers), per_byte(batch.resources), per_byte(batch.attributes),
             per_byte(batch.ranges), per_byte(batch.executor_ids)};
  }
};

}  // namespace

struct EventParser::Impl {
  ParserConfig config;
  JsonTokens tokens;
  Density density;
  std::shared_ptr<SpareArrays> spare = std::make_shared<SpareArrays>();
  bool was_large = false;

  bool read_offers(JsonReader& json, OfferBatch& batch, size_t bytes) {
    density.make_room(batch, bytes);
    if (!OfferReader(json, config, batch).read()) return false;
    density.learn(batch, bytes);
    return true;
  }

  // The payload's name decides, not `type`, which may stand behind it.
  bool read_field(JsonReader& json, Word key, size_t bytes, Parsed& out) {
    const auto begin = [&]<typename Kind>(Kind kind) -> Kind& {
      out.event.emplace(std::move(kind));
      return std::get<Kind>(*out.event);
    };
    if (key == "type") return json.text(out.type);
    if (key == "offers") return read_offers(json, begin(event::Offers{OfferBatch(spare)}).batch, bytes);
    if (key == "update") {
      TaskStatus& status = begin(event::Update()).status;
      return require(json, "status", [&] { return read_status(json, status); });
    }
    if (key == "subscribed")
      return read_subscribed(json, begin(event::Subscribed()), out.heartbeat_interval_s);
    if (key == "rescind") {
      std::string& id = begin(event::Rescinded()).offer_id;
      return require(json, "offer_id", [&] { return json.id(id); });
    }
    if (key == "update_operation_status") {
      OperationStatus& status = begin(event::OperationUpdate()).status;
      return require(json, "status", [&] { return read_operation_status(json, status); });
    }
    if (key == "failure") return read_failure(json, begin(event::Failure()));
    if (key == "inverse_offers") return read_inverse_offers(json, begin(event::InverseOffers()));
    if (key == "error") {
      std::string& message = begin(event::Error()).message;
      return require(json, "message", [&] { return json.text(message); });
    }
    return true;
  }

  bool read_event(JsonReader& json, size_t bytes, Parsed& out) {
    if (json.peek() != '{') return json.fail("expected an event, which is a JSON object");
    if (!json.fields([&](Word key) { return read_field(json, key, bytes, out); })) return false;
    if (!json.is_at_end()) return json.fail("there is more behind the event");
    return !out.type.empty() || json.fail("an event needs a type");
  }

  Result<Parsed> read(const std::string& record, size_t part) {
    if (std::string wrong = tokens.find(record, 0, part); !wrong.empty())
      return Error{Code::kInvalidArgument, std::move(wrong), {}};
    JsonReader json(record, tokens);
    Parsed parsed;
    if (read_event(json, record.size(), parsed)) return parsed;
    return Error{Code::kInvalidArgument, std::move(json.message), std::move(json.where)};
  }
};

EventParser::EventParser(ParserConfig config) : impl_(std::make_unique<Impl>()) {
  impl_->config = std::move(config);
}
EventParser::~EventParser() = default;

void EventParser::set_framework_id(std::string framework_id) {
  impl_->config.framework_id = std::move(framework_id);
}

namespace {

// The batch points into the record.
EventParser::Parsed finish(EventParser::Parsed&& parsed, std::string&& record) {
  if (parsed.event) {
    if (auto* offers = std::get_if<event::Offers>(&*parsed.event)) offers->batch.adopt(std::move(record));
  }
  return std::move(parsed);
}

}  // namespace

Result<EventParser::Parsed> EventParser::parse(std::string&& record) {
  // On the heap, so that the text stays where it is when the batch takes it over.
  record.reserve(64);
  const bool is_large = record.size() > kKeepTokens;
  if (impl_->was_large && !is_large) {
    impl_->tokens.release();
    impl_->spare->release();
  }
  impl_->was_large = is_large;
  // In parts if it is large: only offers make large events, and each of them is small. Where
  // that is not so, and where something is wrong, it is read again as a whole.
  if (record.size() > JsonReader::kPart) {
    Result<Parsed> parsed = impl_->read(record, JsonReader::kPart);
    if (parsed.ok()) return finish(std::move(*parsed), std::move(record));
  }
  Result<Parsed> parsed = impl_->read(record, record.size());
  return parsed.ok() ? finish(std::move(*parsed), std::move(record)) : std::move(parsed);
}

}  // namespace ostler::mesos
