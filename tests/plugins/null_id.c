/* No id, and no stop() either: both are to be told at once. */
#include "defect.h"
DEFECTIVE_LIBRARY(plugin.id = NULL; plugin.stop = NULL, (void)0)
