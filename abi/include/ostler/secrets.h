/* ostler/secrets.h - kind "ostler.secrets/1": turns a reference into a secret.
 *
 * A reference is a path in the secret store ("team/keytab"). Values are bytes: a
 * secret whose name starts with "__dcos_base64__" is stored as base64 text and
 * resolves to what that text decodes to.
 */
#ifndef OSTLER_ABI_SECRETS_H
#define OSTLER_ABI_SECRETS_H

#include "plugin.h"

#define OSTLER_SECRETS_1 "ostler.secrets/1"
#define OSTLER_HOST_SECRETS_1 "ostler.host.secrets/1"

OSTLER_BEGIN_C

typedef struct ostler_secret_info {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t expires_ms; /* Unix time to ask again by; 0 = does not expire */
} ostler_secret_info_t;

typedef struct ostler_secrets {
  uint32_t struct_size;
  uint32_t reserved;

  /* Writes the secret to `value`; the host wipes its buffer after use. `owner` is the
   * service's path ("/team/zookeeper"), for plugins that authorise by path. Neither
   * the value nor any part of it may appear in a log record or in `error`; the
   * reference may. NOT_FOUND, PERMISSION_DENIED, DATA_LOSS (not base64).
   * [secrets-thread, started] */
  ostler_status_t (*resolve)(ostler_instance_t *self, ostler_str_t reference, ostler_str_t owner, uint32_t timeout_ms,
                          const ostler_sink_t *value, ostler_secret_info_t *info, ostler_error_t *error);
} ostler_secrets_t;

/* Host service: a secret that a plugin's configuration refers to ("password":
 * {"secret": "team/zk-password"}), so that configuration text stays printable. From
 * start() on; FAILED_PRECONDITION before, and when no secrets plugin is loaded. The
 * plugin wipes what it builds from `value`. */
typedef struct ostler_host_secrets {
  uint32_t struct_size;
  uint32_t reserved;
  void *ctx;
  /* May block for `timeout_ms`. [any-thread, started or in start()] */
  ostler_status_t (*resolve)(void *ctx, ostler_str_t reference, uint32_t timeout_ms, const ostler_sink_t *value,
                             ostler_error_t *error);
} ostler_host_secrets_t;

OSTLER_END_C
#endif
