/* Still talks to the host after stop(). */
#include "defect.h"
static void task(void* arg) { (void)arg; }
static void destroy(ostler_instance_t* self) {
  self->host->post(self->host->ctx, task, NULL);
  self->host->post(self->host->ctx, task, NULL);
}
DEFECTIVE_LIBRARY(plugin.destroy = destroy, (void)0)
