/* ostler/routes.h - id "ostler.routes/1": HTTP routes that any plugin may add.
 *
 * A plugin of any kind that answers query("ostler.routes/1") has its routes served
 * beside the host's own. A method and pattern that is already taken, by the host or
 * by another plugin, is a start-up error that names both owners.
 */
#ifndef OSTLER_ABI_ROUTES_H
#define OSTLER_ABI_ROUTES_H

#include "http.h"

#define OSTLER_ROUTES_1 "ostler.routes/1"

OSTLER_BEGIN_C

/* `pattern` has literal and ":name" components ("/v1/vault/:path"); a last component
 * "*" matches the rest of the path. Static text. */
typedef struct ostler_route {
  const char *method; /* "GET" */
  const char *pattern;
  const char *summary; /* one line for the API's reference page */
} ostler_route_t;

typedef struct ostler_routes {
  uint32_t struct_size;
  uint32_t reserved;

  /* The routes, the same at every call; they live as long as the instance.
   * [any-thread, created] */
  void (*list)(ostler_instance_t *self, ostler_array_t *routes /* ostler_route_t */);

  /* Answers a request that matched route number `route`. [any-thread, started] */
  void (*handle)(ostler_instance_t *self, uint32_t route, const ostler_http_request_t *request,
                 const ostler_http_response_t *response);
} ostler_routes_t;

OSTLER_END_C
#endif
