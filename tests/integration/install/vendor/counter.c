/* A whole plugin in C, of no use but to show that C is enough: a metrics exporter that
 * says how many samples it was given. */
#include <ostler/metrics.h>
#include <ostler/plugin.h>
#include <stdio.h>
#include <string.h>

struct ostler_instance {
  const ostler_host_t* host;
};
static struct ostler_instance instance;

static ostler_status_t create(const ostler_host_t* host, ostler_str_t config, ostler_instance_t** out,
                              ostler_error_t* error) {
  (void)config, (void)error;
  instance.host = host;
  *out = &instance;
  return OSTLER_OK;
}
static ostler_status_t start(ostler_instance_t* self, uint32_t timeout_ms, ostler_error_t* error) {
  (void)self, (void)timeout_ms, (void)error;
  return OSTLER_OK;
}
static void stop(ostler_instance_t* self, uint32_t timeout_ms) { (void)self, (void)timeout_ms; }
static void destroy(ostler_instance_t* self) { (void)self; }

static ostler_status_t render(ostler_instance_t* self, const ostler_array_t* samples, ostler_str_t accept,
                              const ostler_sink_t* content_type, const ostler_sink_t* body,
                              ostler_error_t* error) {
  char text[64];
  int size = snprintf(text, sizeof text, "%u samples\n", (unsigned)samples->count);
  (void)self, (void)accept, (void)error;
  content_type->write(content_type->ctx, "text/plain", 10);
  body->write(body->ctx, text, (size_t)size);
  return OSTLER_OK;
}
static const char* path(ostler_instance_t* self) {
  (void)self;
  return "/v1/metrics/counter";
}
static const ostler_metrics_t metrics = {sizeof(ostler_metrics_t), 0, render, path, NULL, NULL};

static const void* query(ostler_instance_t* self, const char* id) {
  (void)self;
  return strcmp(id, OSTLER_METRICS_1) == 0 ? &metrics : NULL;
}

static const ostler_plugin_t plugin = {.struct_size = sizeof(ostler_plugin_t),
                                       .id = "org.example.counter",
                                       .kind = OSTLER_METRICS_1,
                                       .version = "1.0.0",
                                       .vendor = "Example",
                                       .summary = "counts samples",
                                       .config_schema = "{}",
                                       .create = create,
                                       .start = start,
                                       .stop = stop,
                                       .destroy = destroy,
                                       .query = query};
static const ostler_plugin_t* const plugins[] = {&plugin};
static const ostler_library_t library = {.struct_size = sizeof(ostler_library_t),
                                         .abi_major = OSTLER_ABI_MAJOR,
                                         .abi_minor = OSTLER_ABI_MINOR,
                                         .plugin_count = 1,
                                         .plugins = plugins};

const ostler_library_t* ostler_library_v1(void) { return &library; }
