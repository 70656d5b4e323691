/* A host in C, which proves that the ABI needs nothing of C++: loads an offers plugin,
 * takes it through its life and has it judge one offer.
 *   c_host PLUGIN.so
 */
#include <dlfcn.h>
#include <ostler/ostler.h>
#include <stdlib.h>

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                        \
    }                                                                 \
  } while (0)

static void log_record(void* ctx, int32_t severity, ostler_str_t text) {
  (void)ctx;
  fprintf(stderr, "plugin says (%d): %.*s\n", (int)severity, (int)text.size, text.data);
}
static ostler_status_t post(void* ctx, void (*task)(void*), void* arg) {
  (void)ctx, (void)task, (void)arg;
  return OSTLER_FAILED_PRECONDITION;
}
static const void* service(void* ctx, const char* id) {
  (void)ctx, (void)id;
  return NULL;
}
static void fatal(void* ctx, const ostler_error_t* error) {
  (void)ctx;
  fprintf(stderr, "plugin gives up: %s\n", error->message);
  exit(1);
}

static char explanation[4096];
static void explain(void* ctx, const void* data, size_t size) {
  size_t* used = ctx;
  CHECK(*used + size < sizeof explanation);
  memcpy(explanation + *used, data, size);
  *used += size;
}

int main(int argc, char** argv) {
  static const ostler_host_t host = {
      sizeof(ostler_host_t), OSTLER_ABI_MAJOR, OSTLER_ABI_MINOR, NULL, log_record, post, service, fatal};
  void* object;
  ostler_library_fn entry;
  const ostler_library_t* library;
  const ostler_plugin_t* plugin;
  const ostler_offers_t* offers;
  ostler_instance_t* self = NULL;
  ostler_error_t error;
  ostler_resource_t resource;
  ostler_offer_t offer;
  ostler_requirement_t requirements[2];
  ostler_round_t round;
  ostler_verdict_t verdicts[2];
  ostler_out_array_t out;
  ostler_sink_t sink;
  size_t used = 0;

  CHECK(argc == 2);
  object = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (object == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  *(void**)&entry = dlsym(object, OSTLER_ENTRY_SYMBOL);
  CHECK(entry != NULL);
  library = entry();
  CHECK(library == entry());
  CHECK(library->abi_major == OSTLER_ABI_MAJOR && library->plugin_count == 1);
  plugin = library->plugins[0];
  CHECK(OSTLER_HAS(plugin, ostler_plugin_t, query));
  CHECK(strcmp(plugin->kind, OSTLER_OFFERS_1) == 0);

  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  CHECK(plugin->create(&host, ostler_str_of("no JSON"), &self, &error) == OSTLER_INVALID_ARGUMENT);
  CHECK(error.code == OSTLER_INVALID_ARGUMENT && error.message[0] != '\0');
  CHECK(plugin->create(&host, ostler_str_of("{}"), &self, &error) == OSTLER_OK && self != NULL);
  offers = plugin->query(self, OSTLER_OFFERS_1);
  CHECK(offers != NULL && OSTLER_HAS(offers, ostler_offers_t, explain));
  CHECK(plugin->query(self, "ostler.nothing/0") == NULL);
  CHECK(plugin->start(self, 1000, &error) == OSTLER_OK);

  memset(&resource, 0, sizeof resource);
  resource.kind = OSTLER_RES_CPUS;
  resource.milli = 1500;
  memset(&offer, 0, sizeof offer);
  offer.agent_id = ostler_str_of("S1");
  offer.resources.count = 1;
  memset(requirements, 0, sizeof requirements);
  requirements[0].cpus_milli = 1500;
  requirements[1].cpus_milli = 1501;
  memset(&round, 0, sizeof round);
  round.struct_size = sizeof round;
  round.resources.items = &resource, round.resources.count = 1, round.resources.stride = sizeof resource;
  round.offers.items = &offer, round.offers.count = 1, round.offers.stride = sizeof offer;
  round.requirements.items = requirements, round.requirements.count = 2,
  round.requirements.stride = sizeof requirements[0];
  out.items = verdicts, out.count = 2, out.stride = sizeof verdicts[0];
  CHECK(offers->evaluate(self, &round, &out, &error) == OSTLER_OK);
  CHECK(verdicts[0].reasons == 0 && verdicts[0].score > 0);
  CHECK(verdicts[1].reasons == OSTLER_REASON_CPUS && verdicts[1].score < 0);
  sink.ctx = &used, sink.write = explain;
  CHECK(offers->explain(self, &round, 1, 0, &sink, &error) == OSTLER_OK);
  CHECK(strstr(explanation, "\"reason\":\"CPUS\"") != NULL);

  plugin->stop(self, 1000);
  plugin->destroy(self);
  printf("%s %s judged: %s\n", plugin->id, plugin->version, explanation);
  return 0;
}
