/* A table that ends before its last function. */
#include "defect.h"
DEFECTIVE_LIBRARY(plugin.struct_size = 88, (void)0)
