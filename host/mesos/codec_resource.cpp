// Resources: what offers hold, operations repeat and tasks use.
#include "mesos/codec_fields.h"
#include "mesos/milli.h"
#include "mesos/offer_batch.h"

namespace ostler::mesos {
namespace codec {
namespace {

Reservation read_reservation(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  Reservation reservation;
  if (const json* type = fields.find("type")) {
    const json found = *type;
    const std::string name = fields.string("type");
    if (name != "DYNAMIC" && name != "STATIC") {
      trouble.wrong(Path{&path, "type"}, "\"DYNAMIC\" or \"STATIC\"", found);
    }
    reservation.is_dynamic = name != "STATIC";
  }
  reservation.role = fields.string("role");
  reservation.principal = fields.string("principal");
  if (const json* labels = fields.find("labels")) {
    // Another framework's labels may be of a shape that key and value cannot tell.
    json exact = *labels;
    reservation.labels = read_labels(fields, "labels");
    if (exact != (reservation.labels.empty() ? json::object() : labels_json(reservation.labels))) {
      fields.put_back("labels", std::move(exact));
    }
  }
  reservation.extra = fields.rest();
  return reservation;
}

json to_json(const Reservation& reservation) {
  json out = {{"type", reservation.is_dynamic ? "DYNAMIC" : "STATIC"}, {"role", reservation.role}};
  if (!reservation.principal.empty()) out["principal"] = reservation.principal;
  add_extra(out, reservation.extra);
  if (!reservation.labels.empty() && !out.contains("labels")) out["labels"] = labels_json(reservation.labels);
  return out;
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

json to_json(const DiskSource& source) {
  json out = json::object();
  if (!source.type.empty()) out["type"] = source.type;
  if (!source.profile.empty()) out["profile"] = source.profile;
  if (!source.root.empty()) out[source.type == "PATH" ? "path" : "mount"] = {{"root", source.root}};
  add_extra(out, source.extra);
  return out;
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
  if (fields.find("source") != nullptr) {
    Trouble& trouble = fields.trouble();
    const Path path{&fields.path(), "source"};
    json value = *fields.find("source");
    fields.drop("source");
    Fields source(std::move(value), path, trouble);
    disk.source = read_source(source);
  }
  disk.extra = fields.rest();
  return disk;
}

json to_json(const Disk& disk) {
  json out = json::object();
  if (!disk.persistence_id.empty()) {
    out["persistence"] = {{"id", disk.persistence_id}};
    if (!disk.principal.empty()) out["persistence"]["principal"] = disk.principal;
  }
  if (!disk.container_path.empty()) {
    out["volume"] = {{"container_path", disk.container_path}, {"mode", disk.read_only ? "RO" : "RW"}};
  }
  if (disk.source) out["source"] = to_json(*disk.source);
  add_extra(out, disk.extra);
  return out;
}

void read_value(Fields& fields, Resource& resource) {
  const Path type_path{&fields.path(), "type"};
  if (fields.find("type") == nullptr) {
    fields.trouble().say(type_path, "a resource needs a type: SCALAR, RANGES or SET");
    return;
  }
  const json found = *fields.find("type");
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
      ranges.array("range", [&](json&& element, const Path& path) {
        const json whole = element;
        Fields range(std::move(element), path, ranges.trouble());
        const Range read{range.natural("begin", 0), range.natural("end", 0)};
        if (read.end < read.begin) ranges.trouble().wrong(path, "a range that ends after its begin", whole);
        resource.ranges.push_back(read);
      });
    });
  } else if (type == "SET") {
    resource.type = ValueType::kSet;
    fields.object("set", [&](Fields& set) {
      set.array("item", [&](json&& element, const Path& path) {
        if (!element.is_string()) {
          set.trouble().wrong(path, "a string", element);
        } else {
          resource.set.push_back(element.get<std::string>());
        }
      });
    });
  } else {
    fields.trouble().wrong(type_path, "\"SCALAR\", \"RANGES\" or \"SET\"", found);
  }
}

}  // namespace

Resource read_resource(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  Resource resource;
  resource.name = fields.string("name");
  read_value(fields, resource);
  fields.array("reservations", [&](json&& element, const Path& at) {
    resource.reservations.push_back(read_reservation(std::move(element), at, trouble));
  });
  if (const json* disk = fields.find("disk")) {
    const Path at{&path, "disk"};
    json copy = *disk;
    fields.drop("disk");
    Fields disk_fields(std::move(copy), at, trouble);
    resource.disk = read_disk(disk_fields);
  }
  fields.object("allocation_info", [&](Fields& info) { resource.allocation_role = info.string("role"); });
  resource.extra = fields.rest();
  return resource;
}

json array_json(const std::vector<Resource>& resources) {
  json list = json::array();
  for (const Resource& resource : resources) list.push_back(mesos::to_json(resource));
  return list;
}

std::vector<Resource> read_resources(Fields& fields, const char* key) {
  std::vector<Resource> resources;
  fields.array(key, [&](json&& element, const Path& path) {
    resources.push_back(read_resource(std::move(element), path, fields.trouble()));
  });
  return resources;
}

}  // namespace codec

nlohmann::json to_json(const Resource& resource) {
  using nlohmann::json;
  json out = {{"name", resource.name}};
  switch (resource.type) {
    case ValueType::kScalar:
      out["type"] = "SCALAR";
      out["scalar"] = {{"value", from_milli(resource.milli)}};
      break;
    case ValueType::kRanges: {
      json list = json::array();
      for (const Range& range : resource.ranges) list.push_back({{"begin", range.begin}, {"end", range.end}});
      out["type"] = "RANGES";
      out["ranges"] = {{"range", std::move(list)}};
      break;
    }
    case ValueType::kSet:
      out["type"] = "SET";
      out["set"] = {{"item", resource.set}};
      break;
  }
  if (!resource.reservations.empty()) {
    json list = json::array();
    for (const Reservation& reservation : resource.reservations) list.push_back(codec::to_json(reservation));
    out["reservations"] = std::move(list);
  }
  if (resource.disk) out["disk"] = codec::to_json(*resource.disk);
  if (!resource.allocation_role.empty()) out["allocation_info"] = {{"role", resource.allocation_role}};
  codec::add_extra(out, resource.extra);
  return out;
}

Result<Resource> resource_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_resource);
}
std::string resource_text(const Resource& resource) { return json_text(to_json(resource)); }
Result<Resource> resource_from_text(std::string_view text) {
  return codec::read_text(text, codec::read_resource);
}

Resource OfferBatch::resource(size_t index) const {
  Result<Resource> exact = resource_from_text(raw_resources[index]);
  if (exact) return std::move(*exact);
  // The parser marked it as nobody's to use; say what is known of it.
  Resource unreadable;
  unreadable.name = view(resources[index].name);
  unreadable.milli = resources[index].milli;
  return unreadable;
}

}  // namespace ostler::mesos
