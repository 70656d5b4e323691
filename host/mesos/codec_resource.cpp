// Resources: what offers hold, operations repeat and tasks use.
#include <algorithm>

#include "mesos/codec_fields.h"
#include "mesos/milli.h"
#include "mesos/offer_batch.h"

namespace ostler::mesos {
namespace codec {
namespace {

// Whether key and value tell all of these labels.
bool is_plain(const Value& labels) {
  const auto members = as<simdjson::dom::object>(labels);
  if (!members || members->size() == 0) return members.has_value();
  simdjson::dom::array list;
  if (members->size() != 1 || (*members)["labels"].get(list) != simdjson::SUCCESS) return false;
  return list.size() > 0 && std::all_of(list.begin(), list.end(), [](const Value& label) {
           const auto pair = as<simdjson::dom::object>(label);
           return pair && pair->size() == 2 && (*pair)["key"].is_string() && (*pair)["value"].is_string();
         });
}

Reservation read_reservation(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  Reservation reservation;
  if (fields.has("type")) {
    const std::string name = fields.string("type");
    if (name != "DYNAMIC" && name != "STATIC") {
      trouble.wrong(Path{&path, "type"}, "\"DYNAMIC\" or \"STATIC\"", name);
    }
    reservation.is_dynamic = name != "STATIC";
  }
  reservation.role = fields.string("role");
  reservation.principal = fields.string("principal");
  if (const std::optional<Value> labels = fields.find("labels"); labels && is_plain(*labels)) {
    reservation.labels = read_labels(fields, "labels");
  } else if (labels) {
    // Another framework's labels may be of a shape that key and value cannot tell.
    json exact = to_document(*labels);
    reservation.labels = read_labels(fields, "labels");
    fields.put_back("labels", std::move(exact));
  }
  reservation.extra = fields.rest();
  return reservation;
}

void write(JsonWriter& out, const Reservation& reservation) {
  const auto members = [&] {
    out.field("type", reservation.is_dynamic ? "DYNAMIC" : "STATIC");
    out.field("role", reservation.role);
    if (!reservation.principal.empty()) out.field("principal", reservation.principal);
    // Labels in there are those of another's shape, whole.
    if (!reservation.labels.empty() && !extra_has(reservation.extra, "labels"))
      write_labels(out, reservation.labels);
  };
  out.object(members, reservation.extra);
}

DiskSource read_source(Fields& fields) {
  DiskSource source;
  source.type = fields.string("type");
  source.profile = fields.string("profile");
  const auto root = [&](Fields& where) { source.root = where.string("root"); };
  if (source.type == "MOUNT") fields.object("mount", root);
  if (source.type == "PATH") fields.object("path", root);
  source.extra = fields.rest();
  return source;
}

void write(JsonWriter& out, const DiskSource& source) {
  const auto members = [&] {
    if (!source.type.empty()) out.field("type", source.type);
    if (!source.profile.empty()) out.field("profile", source.profile);
    if (!source.root.empty())
      out.object(source.type == "PATH" ? "path" : "mount", [&] { out.field("root", source.root); });
  };
  out.object(members, source.extra);
}

Disk read_disk(Fields& fields) {
  Disk disk;
  fields.object("persistence", [&](Fields& persistence) {
    disk.persistence_id = persistence.string("id");
    disk.principal = persistence.string("principal");
  });
  fields.object("volume", [&](Fields& volume) {
    disk.container_path = volume.string("container_path");
    disk.read_only = volume.string("mode", "RW") == "RO";
  });
  if (std::optional<Value> value = fields.take("source")) {
    const Path path{&fields.path(), "source"};
    Fields source(*value, path, fields.trouble());
    disk.source = read_source(source);
  }
  disk.extra = fields.rest();
  return disk;
}

void write(JsonWriter& out, const Disk& disk) {
  const auto members = [&] {
    if (!disk.persistence_id.empty()) {
      out.object("persistence", [&] {
        out.field("id", disk.persistence_id);
        if (!disk.principal.empty()) out.field("principal", disk.principal);
      });
    }
    if (!disk.container_path.empty()) {
      out.object("volume", [&] {
        out.field("container_path", disk.container_path);
        out.field("mode", disk.read_only ? "RO" : "RW");
      });
    }
    if (disk.source) {
      out.key("source");
      write(out, *disk.source);
    }
  };
  out.object(members, disk.extra);
}

void write_value(JsonWriter& out, const Resource& resource) {
  switch (resource.type) {
    case ValueType::kScalar:
      out.field("type", "SCALAR");
      out.object("scalar", [&] { out.field("value", from_milli(resource.milli)); });
      break;
    case ValueType::kRanges:
      out.field("type", "RANGES");
      out.object("ranges", [&] {
        out.array("range", resource.ranges, [&](const Range& range) {
          out.object([&] {
            out.field("begin", range.begin);
            out.field("end", range.end);
          });
        });
      });
      break;
    case ValueType::kSet:
      out.field("type", "SET");
      out.object("set",
                 [&] { out.array("item", resource.set, [&](const std::string& item) { out.value(item); }); });
      break;
  }
}

void read_value(Fields& fields, Resource& resource) {
  const Path type_path{&fields.path(), "type"};
  if (!fields.has("type")) {
    fields.trouble().say(type_path, "a resource needs a type: SCALAR, RANGES or SET");
    return;
  }
  const std::string type = fields.string("type");
  if (type == "SCALAR") {
    resource.type = ValueType::kScalar;
    fields.object("scalar", [&](Fields& scalar) {
      const double value = scalar.number("value", 0);
      if (!is_scalar(value)) {
        scalar.trouble().wrong(Path{&scalar.path(), "value"}, "at most 4e12", json(value));
      } else {
        resource.milli = to_milli(value);
      }
    });
  } else if (type == "RANGES") {
    resource.type = ValueType::kRanges;
    fields.object("ranges", [&](Fields& ranges) {
      ranges.array("range", [&](const Value& element, const Path& path) {
        Fields range(element, path, ranges.trouble());
        const Range read{range.natural("begin", 0), range.natural("end", 0)};
        if (read.end < read.begin) {
          ranges.trouble().wrong(path, "a range that ends after its begin",
                                 {{"begin", read.begin}, {"end", read.end}});
        }
        resource.ranges.push_back(read);
      });
    });
  } else if (type == "SET") {
    resource.type = ValueType::kSet;
    fields.object("set", [&](Fields& set) {
      set.array("item", [&](const Value& element, const Path& path) {
        if (const auto item = as<std::string_view>(element)) {
          resource.set.emplace_back(*item);
        } else {
          set.trouble().wrong(path, "a string", element);
        }
      });
    });
  } else {
    fields.trouble().wrong(type_path, "\"SCALAR\", \"RANGES\" or \"SET\"", type);
  }
}

}  // namespace

Resource read_resource(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  Resource resource;
  resource.name = fields.string("name");
  read_value(fields, resource);
  std::vector<Reservation> reservations;
  fields.array("reservations", [&](const Value& element, const Path& at) {
    reservations.push_back(read_reservation(element, at, trouble));
  });
  resource.reservations = std::move(reservations);
  if (std::optional<Value> disk = fields.take("disk")) {
    const Path at{&path, "disk"};
    Fields disk_fields(*disk, at, trouble);
    resource.disk = read_disk(disk_fields);
  }
  fields.object("allocation_info", [&](Fields& info) { resource.allocation_role = info.string("role"); });
  resource.provider_id = fields.id("provider_id");
  resource.extra = fields.rest();
  return resource;
}

void write_resources(JsonWriter& out, std::string_view key, const std::vector<Resource>& resources) {
  out.array(key, resources, [&](const Resource& resource) { mesos::write(out, resource); });
}

std::vector<Resource> read_resources(Fields& fields, std::string_view key) {
  std::vector<Resource> resources;
  fields.array(key, [&](const Value& element, const Path& path) {
    resources.push_back(read_resource(element, path, fields.trouble()));
  });
  return resources;
}

}  // namespace codec

void write(JsonWriter& out, const Resource& resource) {
  const auto members = [&] {
    out.field("name", resource.name);
    codec::write_value(out, resource);
    if (!resource.reservations.empty()) {
      out.array("reservations", resource.reservations,
                [&](const Reservation& reservation) { codec::write(out, reservation); });
    }
    if (resource.disk) {
      out.key("disk");
      codec::write(out, *resource.disk);
    }
    if (!resource.allocation_role.empty())
      out.object("allocation_info", [&] { out.field("role", resource.allocation_role); });
    if (!resource.provider_id.empty()) out.id_field("provider_id", resource.provider_id);
  };
  out.object(members, resource.extra);
}

Result<Resource> resource_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_resource);
}
Result<Resource> resource_from_text(std::string_view text) {
  return codec::read_text(text, codec::read_resource);
}

Resource OfferBatch::resource(size_t index) const {
  if (index < known_resources.size()) return known_resources[index];
  Result<Resource> exact = resource_from_text(raw_resources[index]);
  if (exact) return std::move(*exact);
  // The parser marked it as nobody's to use; say what is known of it.
  Resource unreadable;
  unreadable.name = view(resources[index].name);
  unreadable.milli = resources[index].milli;
  return unreadable;
}

}  // namespace ostler::mesos
