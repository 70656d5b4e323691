// Checks of what a plugin shows: the tables behind the entry symbol and the one
// behind query(). A table that breaks the contract is told field by field.
#pragma once

#include <ostler/plugin.h>

#include <string>
#include <vector>

#include "plugins/manifest.h"

namespace ostler::plugins {

// What is wrong with the library's tables, one sentence each; empty: nothing.
// `library` itself is not NULL and its major version is ours.
std::vector<std::string> check_library(const ostler_library_t& library);

// What is wrong with the table that query(interface_id(kind)) answered, which may be
// NULL.
std::vector<std::string> check_interface(Kind kind, const void* table);

}  // namespace ostler::plugins
