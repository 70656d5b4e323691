// Throws from a library that brings its own unwinder: the host cannot catch that, the
// process ends.
#include <stdexcept>

#include "defect.h"

static ostler_status_t create(const ostler_host_t*, ostler_str_t, ostler_instance_t**, ostler_error_t*) {
  throw std::runtime_error("no such host");
}
extern "C" DEFECTIVE_LIBRARY(plugin.create = create, (void)0)
