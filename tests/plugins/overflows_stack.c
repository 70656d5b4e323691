/* Recurses without end; compilers must not see that. */
#include "defect.h"
static int depth(volatile int* n) {
  volatile char room[4096];
  room[0] = (char)*n;
  *n += 1;
  return *n < 0 ? 0 : depth(n) + room[0];
}
static ostler_status_t evaluate(ostler_instance_t* self, const ostler_round_t* round,
                                const ostler_out_array_t* verdicts, ostler_error_t* error) {
  volatile int n = 0;
  (void)self, (void)round, (void)verdicts, (void)error;
  return depth(&n);
}
static const ostler_offers_t offers = {
    sizeof(ostler_offers_t), 0, ok_compile, ok_release, evaluate, ok_explain};
static const void* query(ostler_instance_t* self, const char* id) {
  (void)self;
  return strcmp(id, OSTLER_OFFERS_1) == 0 ? &offers : NULL;
}
DEFECTIVE_LIBRARY(plugin.query = query, (void)0)
