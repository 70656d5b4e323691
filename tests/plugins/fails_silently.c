/* Fails everywhere, and never says why. */
#include "defect.h"
static ostler_status_t create(const ostler_host_t* host, ostler_str_t config, ostler_instance_t** out,
                              ostler_error_t* error) {
  (void)host, (void)config, (void)out, (void)error;
  return OSTLER_INTERNAL;
}
DEFECTIVE_LIBRARY(plugin.create = create, (void)0)
