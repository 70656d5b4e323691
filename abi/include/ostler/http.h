/* ostler/http.h - kind "ostler.http/1": the server in front of the host's API.
 *
 * The plugin owns sockets and threads; the host owns routes and bodies. create()
 * gets the manifest's config; the host adds "port" and "address" where the manifest
 * leaves them out. start() binds (UNAVAILABLE names the address that is taken), and
 * requests may arrive before it returns.
 *
 * The host answers HEAD as it answers GET, body included. The plugin frames the
 * reply: it adds content-length, connection and date (and drops those that it is
 * given), and leaves out the body for HEAD and for 204, 205 and 304.
 */
#ifndef OSTLER_ABI_HTTP_H
#define OSTLER_ABI_HTTP_H

#include "plugin.h"

#define OSTLER_HTTP_1 "ostler.http/1"
#define OSTLER_HOST_API_1 "ostler.host.api/1"

OSTLER_BEGIN_C

typedef struct ostler_http_header {
  ostler_str_t name; /* lower case */
  ostler_str_t value;
} ostler_http_header_t;

typedef struct ostler_http_request {
  uint32_t struct_size;
  uint32_t reserved;
  ostler_str_t method;
  ostler_str_t path;      /* percent-decoded, starts with '/'; may hold any byte */
  ostler_str_t query;     /* raw, without '?' */
  ostler_str_t principal; /* authenticated by the plugin, or empty */
  ostler_array_t headers; /* ostler_http_header_t */
  ostler_bytes_t body;
} ostler_http_request_t;

/* The host calls head once, then body any number of times, all before handle()
 * returns. A handle() that returns without head is answered with 500. */
typedef struct ostler_http_response {
  uint32_t struct_size;
  uint32_t reserved;
  void *ctx;
  void (*head)(void *ctx, uint32_t status, const ostler_array_t *headers /* ostler_http_header_t */);
  void (*body)(void *ctx, const void *data, size_t size);
} ostler_http_response_t;

/* Host service. Answers before it returns. [any-thread] */
typedef struct ostler_host_api {
  uint32_t struct_size;
  uint32_t reserved;
  void *ctx;
  void (*handle)(void *ctx, const ostler_http_request_t *request, const ostler_http_response_t *response);
} ostler_host_api_t;

typedef struct ostler_http {
  uint32_t struct_size;
  uint32_t reserved;

  /* Writes "host:port" as bound, so port 0 works in tests. [any-thread, started] */
  ostler_status_t (*address)(ostler_instance_t *self, const ostler_sink_t *text, ostler_error_t *error);
} ostler_http_t;

OSTLER_END_C
#endif
