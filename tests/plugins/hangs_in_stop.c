/* Never comes back from stop(). */
#include <unistd.h>

#include "defect.h"
static void stop(ostler_instance_t* self, uint32_t timeout_ms) {
  (void)self, (void)timeout_ms;
  for (;;) pause();
}
DEFECTIVE_LIBRARY(plugin.stop = stop, (void)0)
