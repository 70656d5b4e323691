/* The symbol of major 1, the table of major 2. */
#include "defect.h"
DEFECTIVE_LIBRARY((void)0, library.abi_major = 2)
