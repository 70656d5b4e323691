/* Ten thousand records in a row, the first of 100 KB. */
#include "defect.h"
static ostler_status_t start(ostler_instance_t* self, uint32_t timeout_ms, ostler_error_t* error) {
  static char text[100 * 1000];
  ostler_str_t record;
  int i;
  (void)timeout_ms, (void)error;
  memset(text, 'x', sizeof text);
  record.data = text;
  record.size = sizeof text;
  for (i = 0; i < 10000; ++i) {
    self->host->log(self->host->ctx, OSTLER_LOG_WARNING, record);
    record.size = 4;
  }
  return OSTLER_OK;
}
DEFECTIVE_LIBRARY(plugin.start = start, (void)0)
