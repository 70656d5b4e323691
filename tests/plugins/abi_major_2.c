/* A plugin of the next major: another entry symbol, and who knows what behind it. */
#include <ostler/base.h>
OSTLER_EXPORT const void* ostler_library_v2(void);
OSTLER_EXPORT const void* ostler_library_v2(void) { return 0; }
