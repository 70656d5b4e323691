/* Does not answer to its own kind. */
#include "defect.h"
static const void* query(ostler_instance_t* self, const char* id) {
  (void)self, (void)id;
  return NULL;
}
DEFECTIVE_LIBRARY(plugin.query = query, (void)0)
