/* Answers to ids that it has never heard of, with a table that is another's. */
#include "defect.h"
static const void* query(ostler_instance_t* self, const char* id) {
  (void)self, (void)id;
  return &ok_offers;
}
DEFECTIVE_LIBRARY(plugin.query = query, (void)0)
