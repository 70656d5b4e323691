// The offers-matcher plugin as a host has it, without the rest of the host.
#pragma once

#include <dlfcn.h>
#include <ostler/ostler.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace ostler::bench {

struct Loaded {
  const ostler_plugin_t* plugin = nullptr;
  ostler_instance_t* self = nullptr;
  const ostler_offers_t* table = nullptr;
  ostler_host_t host{};

  Loaded() {
    void* library = dlopen(OSTLER_PLUGIN_DIR "/offers-matcher.so", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) std::fprintf(stderr, "%s\n", dlerror()), std::exit(1);
    plugin = reinterpret_cast<ostler_library_fn>(dlsym(library, OSTLER_ENTRY_SYMBOL))()->plugins[0];
    host.struct_size = sizeof host;
    if (plugin->create(&host, ostler_str_of("{}"), &self, nullptr) != OSTLER_OK) std::exit(1);
    table = static_cast<const ostler_offers_t*>(plugin->query(self, OSTLER_OFFERS_1));
  }
  ~Loaded() { plugin->destroy(self); }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
};

}  // namespace ostler::bench
