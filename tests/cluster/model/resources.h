// Arithmetic on lists of resources, as Mesos does it.
//
// Two entries are the same kind of thing when name, reservations, disk and role of
// allocation agree; amounts of the same kind add up. Persistent volumes and disks
// with a source are whole: they are never merged and never split.
#pragma once

#include <string>
#include <vector>

#include "mesos/types.h"

namespace ostler::cluster {

using mesos::Resource;
using Resources = std::vector<Resource>;

// The same kind of thing, whatever the amount. Labels compare as sets; of a volume
// only the persistence id counts, not where it is mounted.
bool same_kind(const Resource& a, const Resource& b);
bool same_reservation(const mesos::Reservation& a, const mesos::Reservation& b);

// A volume, or a disk with a source: taken or left as one piece.
bool is_whole(const Resource& resource);
bool is_volume(const Resource& resource);
bool is_nothing(const Resource& resource);

void add(Resources& to, Resource what);
void add(Resources& to, Resources what);
bool contains(const Resources& all, const Resource& what);
bool contains(const Resources& all, const Resources& what);
// Removes `what`; false, changing nothing, when it is not all there.
bool subtract(Resources& from, const Resource& what);
bool subtract(Resources& from, const Resources& what);
// What `all` and `what` have in common.
Resources common(const Resources& all, const Resources& what);
// The same amounts, in any order and however divided.
bool equal(const Resources& a, const Resources& b);

// The role the outermost reservation is for; empty: unreserved.
const std::string& reserved_role(const Resource& resource);
void set_allocation(Resources& resources, const std::string& role);

// Sum of a scalar over every reservation, in thousandths.
int64_t total_milli(const Resources& resources, std::string_view name);

// As Mesos prints them: "cpus(allocated: zk-role):4; mem(allocated: zk-role):64".
std::string to_text(const Resource& resource);
std::string to_text(const Resources& resources);
// 0.1, 4, 20464: at most three decimals, no trailing zeros.
std::string milli_text(int64_t milli);

}  // namespace ostler::cluster
