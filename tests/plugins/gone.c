/* The library that missing_dependency.c will not find. */
int gone(void);
int gone(void) { return 1; }
