/* A library that forgot to count its plugins. */
#include "defect.h"
DEFECTIVE_LIBRARY((void)0, library.plugin_count = 0)
