/* Uses a function that nobody has. */
#include "defect.h"
void function_of_nobody(void);
static void destroy(ostler_instance_t* self) {
  (void)self;
  function_of_nobody();
}
DEFECTIVE_LIBRARY(plugin.destroy = destroy, (void)0)
