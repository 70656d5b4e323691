/* Needs a library that is not where the dynamic linker looks. */
#include "defect.h"
int gone(void);
static void destroy(ostler_instance_t* self) {
  (void)self;
  gone();
}
DEFECTIVE_LIBRARY(plugin.destroy = destroy, (void)0)
