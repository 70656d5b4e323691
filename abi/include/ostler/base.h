/* ostler/base.h - scalar types, views, sinks, status codes and errors.
 *
 * Pure C11, standard headers only; every other ABI header includes this one. The
 * numbered rules of the contract (R1 ...) are in abi/README.md. The ones that
 * shape these types:
 *   R1  No memory allocated on one side is freed on the other.
 *   R2  Everything reached through an argument is borrowed for that call only.
 *   R3  A struct that may grow starts with struct_size, set by whoever fills it;
 *       arrays of such structs carry their stride.
 *   R4  Fields are appended; never moved, renamed in meaning, or removed.
 *   R5  Enumerations cross as fixed-width integers; unknown values are legal input.
 *   R6  No exception, longjmp or panic leaves an ABI function.
 */
#ifndef OSTLER_ABI_BASE_H
#define OSTLER_ABI_BASE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define OSTLER_ABI_MAJOR 1
#define OSTLER_ABI_MINOR 0

#if defined(__GNUC__) || defined(__clang__)
#define OSTLER_EXPORT __attribute__((visibility("default")))
#define OSTLER_PRINTF(at, values) __attribute__((format(printf, at, values)))
#else
#define OSTLER_EXPORT
#define OSTLER_PRINTF(at, values)
#endif

#ifdef __cplusplus
#define OSTLER_BEGIN_C extern "C" {
#define OSTLER_END_C }
#else
#define OSTLER_BEGIN_C
#define OSTLER_END_C
#endif

/* Size of `type` up to and including `last`: what a peer built when `last` was the
 * newest field sends. Trailing padding is not counted. */
#define OSTLER_SIZE_UP_TO(type, last) (offsetof(type, last) + sizeof(((type *)0)->last))

/* True when the peer that filled *p knows `field`. */
#define OSTLER_HAS(p, type, field) ((p)->struct_size >= OSTLER_SIZE_UP_TO(type, field))

OSTLER_BEGIN_C

/* UTF-8, not NUL-terminated; may hold any byte. Borrowed (R2). */
typedef struct ostler_str {
  const char *data;
  size_t size;
} ostler_str_t;

/* Borrowed (R2). */
typedef struct ostler_bytes {
  const uint8_t *data;
  size_t size;
} ostler_bytes_t;

/* `count` elements, `stride` bytes apart. The stride is the sender's sizeof, so the
 * element type can grow at its end. Borrowed (R2). */
typedef struct ostler_array {
  const void *items;
  uint32_t count;
  uint32_t stride;
} ostler_array_t;

/* The same for results: storage of the caller's, filled by the callee. */
typedef struct ostler_out_array {
  void *items;
  uint32_t count;
  uint32_t stride;
} ostler_out_array_t;

/* Element i of an array, by stride. */
#define OSTLER_AT(type, array, i) \
  ((const type *)(const void *)((const char *)(array).items + (size_t)(array).stride * (size_t)(i)))
#define OSTLER_OUT_AT(type, array, i) \
  ((type *)(void *)((char *)(array).items + (size_t)(array).stride * (size_t)(i)))

/* The callee writes its result here, in one or several calls. The caller owns what
 * it builds from them, so nothing is freed across the border (R1). */
typedef struct ostler_sink {
  void *ctx;
  void (*write)(void *ctx, const void *data, size_t size);
} ostler_sink_t;

/* The canonical codes, with the numbers of google.rpc.Code. */
typedef int32_t ostler_status_t;
enum ostler_status_code {
  OSTLER_OK = 0,
  OSTLER_CANCELLED = 1,
  OSTLER_UNKNOWN = 2,
  OSTLER_INVALID_ARGUMENT = 3,
  OSTLER_DEADLINE_EXCEEDED = 4,
  OSTLER_NOT_FOUND = 5,
  OSTLER_ALREADY_EXISTS = 6,
  OSTLER_PERMISSION_DENIED = 7,
  OSTLER_RESOURCE_EXHAUSTED = 8,
  OSTLER_FAILED_PRECONDITION = 9,
  OSTLER_ABORTED = 10, /* a compare-and-set lost; re-read and try again */
  OSTLER_OUT_OF_RANGE = 11,
  OSTLER_UNIMPLEMENTED = 12,
  OSTLER_INTERNAL = 13,
  OSTLER_UNAVAILABLE = 14, /* try again, with back-off */
  OSTLER_DATA_LOSS = 15,
  OSTLER_UNAUTHENTICATED = 16
};

/* Owned by the caller, on its stack, zeroed by it with struct_size set; the callee
 * fills it only when it returns something other than OSTLER_OK. */
typedef struct ostler_error {
  uint32_t struct_size;
  ostler_status_t code;
  char message[512]; /* one sentence for an operator, no trailing newline or period */
  char where[128];   /* a JSON pointer into the config ("/servers/0"), a path, or empty */
} ostler_error_t;

/* A view of NUL-terminated text. */
static inline ostler_str_t ostler_str_of(const char *text) {
  ostler_str_t s;
  s.data = text;
  s.size = text ? strlen(text) : 0;
  return s;
}

/* Fills *error, which may be NULL, and returns `code`. */
OSTLER_PRINTF(4, 5)
static inline ostler_status_t ostler_fail(ostler_error_t *error, ostler_status_t code, const char *where,
                                          const char *format, ...) {
  if (error != NULL) {
    va_list args;
    error->code = code;
    snprintf(error->where, sizeof error->where, "%s", where ? where : "");
    va_start(args, format);
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
  }
  return code;
}

OSTLER_END_C
#endif
