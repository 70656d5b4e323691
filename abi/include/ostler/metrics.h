/* ostler/metrics.h - kind "ostler.metrics/1": shows or ships the host's metrics.
 *
 * The host owns the registry. An exporter gets flat snapshots; it never sits on the
 * path that increments a counter. Names are the SDK's, dotted ("offers.received");
 * an exporter spells them the way its readers expect.
 */
#ifndef OSTLER_ABI_METRICS_H
#define OSTLER_ABI_METRICS_H

#include "plugin.h"

#define OSTLER_METRICS_1 "ostler.metrics/1"
#define OSTLER_HOST_METRICS_1 "ostler.host.metrics/1"

OSTLER_BEGIN_C

enum ostler_metric_type {
  OSTLER_METRIC_COUNTER = 1,
  OSTLER_METRIC_GAUGE = 2,
  OSTLER_METRIC_TIMER = 3 /* durations in seconds; see ostler_timer_t */
};

typedef struct ostler_label {
  ostler_str_t name;
  ostler_str_t value;
} ostler_label_t;

typedef struct ostler_quantile {
  double quantile; /* 0.5, 0.75, 0.95, 0.98, 0.99, 0.999 */
  double value;    /* seconds */
} ostler_quantile_t;

/* What a timer has seen. Quantiles, min, max, mean and stddev are of the recent past
 * (the last samples the host kept); count and sum are of all time. Rates are events
 * per second, exponentially weighted. */
typedef struct ostler_timer {
  uint64_t count;
  double sum;
  double min;
  double max;
  double mean;
  double stddev;
  double rate_mean;
  double rate_1m;
  double rate_5m;
  double rate_15m;
  ostler_array_t quantiles; /* ostler_quantile_t, ascending */
} ostler_timer_t;

typedef struct ostler_sample {
  int32_t type; /* enum ostler_metric_type */
  uint32_t reserved;
  ostler_str_t name; /* "offers.received" */
  ostler_str_t help; /* one sentence, may be empty */
  ostler_array_t labels; /* ostler_label_t */
  double value;          /* of a counter or gauge */
  ostler_timer_t timer;  /* of a timer */
} ostler_sample_t;

typedef struct ostler_metrics {
  uint32_t struct_size;
  uint32_t reserved;

  /* Renders `samples` as a response body. NULL for an exporter that only pushes.
   * [any-thread, started] */
  ostler_status_t (*render)(ostler_instance_t *self, const ostler_array_t *samples /* ostler_sample_t */,
                            ostler_str_t accept, const ostler_sink_t *content_type, const ostler_sink_t *body,
                            ostler_error_t *error);

  /* The path the host serves render() at ("/v1/metrics/prometheus"), static text; NULL
   * for an exporter that only pushes. Two exporters with one path are a start-up
   * error that names both. [any-thread, created] */
  const char *(*path)(ostler_instance_t *self);

  /* Ships `samples`, once per interval. NULL for an exporter that only renders.
   * [metrics-thread, started] */
  ostler_status_t (*push)(ostler_instance_t *self, const ostler_array_t *samples /* ostler_sample_t */,
                          uint32_t timeout_ms, ostler_error_t *error);

  /* Milliseconds between two push() calls; ignored when push is NULL.
   * [any-thread, created] */
  uint32_t (*push_interval_ms)(ostler_instance_t *self);
} ostler_metrics_t;

/* Host service: a plugin's own metrics. They appear under "plugin.<manifest name>.". */
typedef struct ostler_host_metrics {
  uint32_t struct_size;
  uint32_t reserved;
  void *ctx;
  /* The number stays valid until destroy(); 0 when the host keeps no more metrics,
   * and add() and set() of 0 do nothing. [any-thread] */
  uint32_t (*define)(void *ctx, int32_t type, ostler_str_t name, ostler_str_t help);
  void (*add)(void *ctx, uint32_t metric, double amount); /* counters [any-thread] */
  void (*set)(void *ctx, uint32_t metric, double value);  /* gauges [any-thread] */
} ostler_host_metrics_t;

OSTLER_END_C
#endif
