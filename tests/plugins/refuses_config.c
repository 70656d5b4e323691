/* Not a defect of the plugin: it tells what is wrong with its configuration. */
#include "defect.h"
static ostler_status_t create(const ostler_host_t* host, ostler_str_t config, ostler_instance_t** out,
                              ostler_error_t* error) {
  (void)host, (void)config, (void)out;
  return ostler_fail(error, OSTLER_INVALID_ARGUMENT, "/servers/1", "'zk-2' has no port");
}
DEFECTIVE_LIBRARY(plugin.create = create, (void)0)
