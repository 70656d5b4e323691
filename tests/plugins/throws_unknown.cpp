// Lets something that is no std::exception out of evaluate() (R6).
#include "defect.h"

static ostler_status_t evaluate(ostler_instance_t*, const ostler_round_t*, const ostler_out_array_t*,
                                ostler_error_t*) {
  throw 42;
}
static const ostler_offers_t offers = {
    sizeof(ostler_offers_t), 0, ok_compile, ok_release, evaluate, ok_explain};
static const void* query(ostler_instance_t*, const char* id) {
  return strcmp(id, OSTLER_OFFERS_1) == 0 ? &offers : nullptr;
}
extern "C" DEFECTIVE_LIBRARY(plugin.query = query, (void)0)
