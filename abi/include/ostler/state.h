/* ostler/state.h - kind "ostler.state/1": a tree of small values with one owner.
 *
 * The host keeps everything it must not forget in this tree. Two properties carry
 * its promises: a commit is all or nothing, and it succeeds only while this process
 * owns the tree. Paths are absolute below the plugin's own root: "/Tasks/zk-0",
 * UTF-8, no empty, "." or ".." component, no trailing slash; "/" is the root, which
 * always exists. So that a host which works with one backend works with all: at most
 * 1024 bytes, no control characters, none of U+D800 to U+F8FF, U+FFF0 to U+FFFF or
 * above (ZooKeeper refuses them), and not "/lock" or below (kept for the lock).
 * Anything else is INVALID_ARGUMENT.
 *
 * A node that is created has version 0, each set adds one. DELETE of "/" empties the
 * tree and the root's value.
 */
#ifndef OSTLER_ABI_STATE_H
#define OSTLER_ABI_STATE_H

#include "plugin.h"

#define OSTLER_STATE_1 "ostler.state/1"

OSTLER_BEGIN_C

enum ostler_state_op_type {
  OSTLER_OP_CREATE = 1, /* ALREADY_EXISTS when the node exists */
  OSTLER_OP_SET = 2,    /* NOT_FOUND when it does not */
  OSTLER_OP_DELETE = 3, /* removes the node and all below it; a missing node is no error */
  OSTLER_OP_CHECK = 4,  /* changes nothing; ABORTED unless the node has `version` */
  OSTLER_OP_PUT = 5     /* creates the node, or sets it: safe to repeat */
};
enum ostler_state_version { OSTLER_ANY_VERSION = -1 };

typedef struct ostler_state_op {
  int32_t type;    /* enum ostler_state_op_type */
  int32_t version; /* expected version (SET, DELETE, CHECK), or OSTLER_ANY_VERSION */
  ostler_str_t path;
  ostler_bytes_t value;
} ostler_state_op_t;

/* What one value and one commit may hold, so that the host can split or refuse with
 * a reason before it starts. 0: no limit. */
typedef struct ostler_state_limits {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t max_value_bytes;
  uint64_t max_commit_bytes; /* paths and values of one commit together */
} ostler_state_limits_t;

/* Where get_each() writes. */
typedef struct ostler_state_answers {
  uint32_t struct_size;
  uint32_t reserved;
  void *ctx;
  /* One path's answer: OSTLER_OK with its value, or OSTLER_NOT_FOUND. The value is
   * borrowed; the host works on it before it returns, for up to a millisecond. */
  void (*answer)(void *ctx, uint32_t index, ostler_status_t status, ostler_bytes_t value, int32_t version);
} ostler_state_answers_t;

/* The host's side of ownership, handed over in watch_owner(). */
typedef struct ostler_state_owner_events {
  uint32_t struct_size;
  uint32_t reserved;
  void *ctx;
  /* Ownership is gone, or can no longer be proved: the host stops before its next
   * effect. Called at most once. [any-thread] */
  void (*lost)(void *ctx, const ostler_error_t *why);
  /* The backend cannot be reached now, or can again; ownership is undecided. For
   * /v1/health; `text` says what is wrong, empty when all is well. [any-thread] */
  void (*availability)(void *ctx, ostler_str_t text);
} ostler_state_owner_events_t;

/* start() takes exclusive ownership of the tree, waiting up to its timeout for
 * another owner to leave: FAILED_PRECONDITION with the holder's name when it does
 * not, UNAVAILABLE when the backend cannot be reached. The host may then call start()
 * again on the same instance, as often as it takes. stop() gives ownership up, and
 * nothing is called after it but destroy().
 *
 * Parents are created where missing. All calls are [storage-thread, started]: one
 * at a time, each may block for `timeout_ms`. UNAVAILABLE means "not known to be
 * done": a commit of PUT and DELETE operations may simply be repeated.
 * FAILED_PRECONDITION: this process is not the owner any more; nothing was done. */
typedef struct ostler_state {
  uint32_t struct_size;
  uint32_t reserved;

  /* NOT_FOUND when the node does not exist. */
  ostler_status_t (*get)(ostler_instance_t *self, ostler_str_t path, uint32_t timeout_ms,
                         const ostler_sink_t *value, int32_t *version, ostler_error_t *error);

  /* One write() to `names` per child, in byte order; the plugin's own bookkeeping
   * (its lock) is not shown. NOT_FOUND when the node does not exist; the root always
   * does. */
  ostler_status_t (*children)(ostler_instance_t *self, ostler_str_t path, uint32_t timeout_ms,
                              const ostler_sink_t *names, ostler_error_t *error);

  /* All of the operations, in order, or none. ABORTED when a version did not match;
   * RESOURCE_EXHAUSTED when it is over the limits. */
  ostler_status_t (*commit)(ostler_instance_t *self, const ostler_array_t *ops /* ostler_state_op_t */,
                            uint32_t timeout_ms, ostler_error_t *error);

  /* [any-thread, created] */
  void (*limits)(ostler_instance_t *self, ostler_state_limits_t *limits);

  /* Called once between create() and start(); *events lives until destroy().
   * [main-thread, created] */
  void (*watch_owner)(ostler_instance_t *self, const ostler_state_owner_events_t *events);

  /* Many get()s at once, so that a backend may have several under way: one answer() for
   * each path, in their order and on the caller's thread, before it returns. An error
   * ends it, and the answers before it hold: after UNAVAILABLE with some of them the host
   * asks for the rest. May be NULL, and the host calls get(). */
  ostler_status_t (*get_each)(ostler_instance_t *self, const ostler_array_t *paths /* ostler_str_t */,
                              uint32_t timeout_ms, const ostler_state_answers_t *answers,
                              ostler_error_t *error);
} ostler_state_t;

OSTLER_END_C
#endif
