/* Cannot work with a host older than 1.5. */
#include "defect.h"
DEFECTIVE_LIBRARY((void)0, library.abi_minor = 7; library.abi_minor_required = 5)
