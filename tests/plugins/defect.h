/* What a defective plugin needs to be right about everything but its defect: an
 * offers plugin that finds every offer fitting. Each file of this folder changes one
 * thing and is named after it. */
#ifndef OSTLER_TESTS_DEFECT_H
#define OSTLER_TESTS_DEFECT_H

#include <ostler/ostler.h>

struct ostler_instance {
  const ostler_host_t* host;
};

static struct ostler_instance the_instance;

static inline ostler_status_t ok_create(const ostler_host_t* host, ostler_str_t config,
                                        ostler_instance_t** out, ostler_error_t* error) {
  (void)config, (void)error;
  the_instance.host = host;
  *out = &the_instance;
  return OSTLER_OK;
}
static inline ostler_status_t ok_start(ostler_instance_t* self, uint32_t timeout_ms, ostler_error_t* error) {
  (void)self, (void)timeout_ms, (void)error;
  return OSTLER_OK;
}
static inline void ok_stop(ostler_instance_t* self, uint32_t timeout_ms) { (void)self, (void)timeout_ms; }
static inline void ok_destroy(ostler_instance_t* self) { (void)self; }

static inline ostler_status_t ok_compile(ostler_instance_t* self, ostler_str_t rule, uint64_t* handle,
                                         ostler_error_t* error) {
  (void)self, (void)rule, (void)error;
  *handle = 1;
  return OSTLER_OK;
}
static inline void ok_release(ostler_instance_t* self, uint64_t handle) { (void)self, (void)handle; }
static inline ostler_status_t ok_evaluate(ostler_instance_t* self, const ostler_round_t* round,
                                          const ostler_out_array_t* verdicts, ostler_error_t* error) {
  uint32_t i;
  (void)self, (void)round, (void)error;
  for (i = 0; i < verdicts->count; ++i) {
    ostler_verdict_t* verdict = OSTLER_OUT_AT(ostler_verdict_t, *verdicts, i);
    verdict->reasons = 0;
    verdict->score = 1;
  }
  return OSTLER_OK;
}
static inline ostler_status_t ok_explain(ostler_instance_t* self, const ostler_round_t* round,
                                         uint32_t requirement, uint32_t offer, const ostler_sink_t* json,
                                         ostler_error_t* error) {
  (void)self, (void)round, (void)requirement, (void)offer, (void)error;
  json->write(json->ctx, "[]", 2);
  return OSTLER_OK;
}
static const ostler_offers_t ok_offers = {
    sizeof(ostler_offers_t), 0, ok_compile, ok_release, ok_evaluate, ok_explain};

static inline const void* ok_query(ostler_instance_t* self, const char* id) {
  (void)self;
  return strcmp(id, OSTLER_OFFERS_1) == 0 ? &ok_offers : NULL;
}

/* A table with everything right, to be changed before it is returned. */
static inline ostler_plugin_t ok_plugin(void) {
  ostler_plugin_t p;
  memset(&p, 0, sizeof p);
  p.struct_size = sizeof p;
  p.id = "test.defect";
  p.kind = OSTLER_OFFERS_1;
  p.version = "1.0.0";
  p.vendor = "tests";
  p.summary = "a defective plugin";
  p.config_schema = "{}";
  p.create = ok_create;
  p.start = ok_start;
  p.stop = ok_stop;
  p.destroy = ok_destroy;
  p.query = ok_query;
  return p;
}

/* Defines the entry function: `change_plugin` and `change_library` are statements on
 * the variables `plugin` and `library`. */
#define DEFECTIVE_LIBRARY(change_plugin, change_library)          \
  OSTLER_EXPORT const ostler_library_t* ostler_library_v1(void) { \
    static ostler_plugin_t plugin;                                \
    static const ostler_plugin_t* list[1];                        \
    static ostler_library_t library;                              \
    plugin = ok_plugin();                                         \
    list[0] = &plugin;                                            \
    library.struct_size = sizeof library;                         \
    library.abi_major = OSTLER_ABI_MAJOR;                         \
    library.abi_minor = OSTLER_ABI_MINOR;                         \
    library.plugin_count = 1;                                     \
    library.plugins = list;                                       \
    change_plugin;                                                \
    change_library;                                               \
    return &library;                                              \
  }

#endif
