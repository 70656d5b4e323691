/* An interface with a hole. */
#include "defect.h"
static const ostler_offers_t offers = {sizeof(ostler_offers_t), 0, ok_compile, ok_release, NULL, ok_explain};
static const void* query(ostler_instance_t* self, const char* id) {
  (void)self;
  return strcmp(id, OSTLER_OFFERS_1) == 0 ? &offers : NULL;
}
DEFECTIVE_LIBRARY(plugin.query = query, (void)0)
