/* Two plugins of one id. */
#include "defect.h"
static const ostler_plugin_t* twice[2];
DEFECTIVE_LIBRARY(twice[0] = list[0]; twice[1] = list[0], library.plugin_count = 2; library.plugins = twice)
