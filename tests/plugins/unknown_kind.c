/* A kind that this host has no use for. */
#include "defect.h"
DEFECTIVE_LIBRARY(plugin.kind = "ostler.coffee/1", (void)0)
