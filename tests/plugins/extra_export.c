/* Exports a second symbol, which other libraries may bind to by accident. */
#include "defect.h"
OSTLER_EXPORT int helper(void);
OSTLER_EXPORT int helper(void) { return 1; }
DEFECTIVE_LIBRARY((void)0, (void)0)
