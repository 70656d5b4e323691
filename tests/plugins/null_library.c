/* The entry function returns nothing. */
#include <ostler/plugin.h>
OSTLER_EXPORT const ostler_library_t* ostler_library_v1(void) { return NULL; }
