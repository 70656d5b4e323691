/* Not a defect of the plugin: what it needs is not there. */
#include "defect.h"
static ostler_status_t start(ostler_instance_t* self, uint32_t timeout_ms, ostler_error_t* error) {
  (void)self, (void)timeout_ms;
  return ostler_fail(error, OSTLER_UNAVAILABLE, "", "vault.internal:8200: connection refused");
}
DEFECTIVE_LIBRARY(plugin.start = start, (void)0)
