/* ostler/offers.h - kind "ostler.offers/1": which offer fits which pod.
 *
 * The hot path. The host hands over a round: a batch of offers and a list of
 * requirements as flat arrays. The plugin *judges* every pair: does it fit, every
 * reason why not, how well. The host *claims*: it takes exact resources out of the
 * best offer, builds the operations, persists and sends. So a wrong judge can cost a
 * placement, never correctness.
 *
 * Agents, not offers, are what is judged. An agent may be in a round with several
 * offers; the host takes all of them in one ACCEPT, so a verdict on one of them is
 * about everything that its agent offers in this round, and offers of one agent get
 * the same verdict. What is the agent's (hostname, region, zone, attributes) is read
 * from its first offer.
 *
 * Shared arrays are addressed by slices; a slice never reaches past its array.
 * Scalars are thousandths, as Mesos rounds.
 */
#ifndef OSTLER_ABI_OFFERS_H
#define OSTLER_ABI_OFFERS_H

#include "plugin.h"

#define OSTLER_OFFERS_1 "ostler.offers/1"

OSTLER_BEGIN_C

enum ostler_resource_kind {
  OSTLER_RES_OTHER = 0,
  OSTLER_RES_CPUS = 1,
  OSTLER_RES_MEM = 2,
  OSTLER_RES_DISK = 3,
  OSTLER_RES_GPUS = 4,
  OSTLER_RES_PORTS = 5
};

enum ostler_resource_flag {
  OSTLER_RES_RESERVED = 1,  /* dynamically reserved; reservation_id names whose */
  OSTLER_RES_STATIC = 2,    /* a static (pre-)reservation for `reservation_role` lies below */
  OSTLER_RES_VOLUME = 4,    /* a persistent volume; persistence_id */
  OSTLER_RES_MOUNT = 8,     /* a whole disk: can only be taken whole */
  OSTLER_RES_REVOCABLE = 16,
  OSTLER_RES_SHARED = 32,
  OSTLER_RES_FOREIGN = 64   /* reserved, but not by this framework: never usable */
};

typedef struct ostler_range {
  uint64_t first;
  uint64_t last; /* inclusive */
} ostler_range_t;

typedef struct ostler_slice {
  uint32_t first;
  uint32_t count;
} ostler_slice_t;

/* What a requirement may take anew: resources of its allocation role that are neither
 * RESERVED, FOREIGN, REVOCABLE, SHARED nor a VOLUME, and that are unreserved when its
 * pre_reserved_role is "*", or else STATIC for just that role. A disk with a source
 * other than MOUNT (PATH, BLOCK, RAW) or with a profile and no MOUNT flag is no root
 * disk, and satisfies nothing. */
typedef struct ostler_resource {
  uint32_t kind;                 /* enum ostler_resource_kind: spares a string compare */
  uint32_t flags;                /* enum ostler_resource_flag */
  int64_t milli;                 /* scalar value times 1000 */
  ostler_slice_t ranges;         /* into offers' ranges */
  ostler_str_t name;
  ostler_str_t allocation_role;  /* the role the offer was made to; empty: any */
  ostler_str_t reservation_role; /* of the static reservation below ours, "*" when none */
  ostler_str_t reservation_id;   /* label resource_id; empty when not reserved by us */
  ostler_str_t persistence_id;   /* empty when no volume */
  ostler_str_t profile;          /* of the disk, or empty */
} ostler_resource_t;

typedef struct ostler_attribute {
  ostler_str_t name;
  ostler_str_t text; /* TEXT as is; SCALAR with up to 3 decimals, RANGES "[a-b,c-d]", SET "{a,b}" */
} ostler_attribute_t;

typedef struct ostler_offer {
  ostler_str_t id;
  ostler_str_t agent_id;
  ostler_str_t hostname;
  ostler_str_t region; /* empty: the agent has no fault domain */
  ostler_str_t zone;
  ostler_slice_t resources;    /* into round.resources */
  ostler_slice_t attributes;   /* into round.attributes */
  ostler_slice_t executor_ids; /* into round.names */
} ostler_offer_t;

typedef struct ostler_port_need {
  uint32_t port; /* 0: any port of `ranges`, or any at all when there are none */
  uint32_t reserved;
  ostler_slice_t ranges; /* into round.need_ranges */
} ostler_port_need_t;

enum ostler_volume_type { OSTLER_VOLUME_ROOT = 0, OSTLER_VOLUME_MOUNT = 1 };

typedef struct ostler_volume_need {
  int64_t milli; /* megabytes times 1000; MOUNT: at least */
  int32_t type;  /* enum ostler_volume_type */
  uint32_t reserved;
  ostler_slice_t profiles; /* into round.names; empty: only disks without a profile */
} ostler_volume_need_t;

/* One pod instance that wants to be launched. The amounts are what must be newly
 * taken from the offer: what `resource_ids` name is already reserved and must be in
 * the offers of `agent_id` instead. */
typedef struct ostler_requirement {
  int64_t cpus_milli;
  int64_t mem_milli;
  int64_t disk_milli; /* ROOT volumes included */
  int64_t gpus_milli;
  ostler_slice_t ports;        /* into round.ports */
  ostler_slice_t volumes;      /* into round.volumes; MOUNT ones are not in disk_milli */
  ostler_slice_t resource_ids; /* into round.names */
  uint64_t placement;          /* from compile(), or 0: no rule */
  ostler_str_t pod;            /* "zookeeper-0" */
  ostler_str_t pod_type;       /* "zookeeper" */
  ostler_str_t role;           /* the allocation role it takes resources of; empty: any */
  ostler_str_t pre_reserved_role; /* "*" or empty: from unreserved resources */
  ostler_str_t agent_id;       /* bound to this agent, or empty */
  ostler_str_t spec_json;      /* the pod's spec, for rules that need more; may be empty */
} ostler_requirement_t;

/* One pod instance that already has a place. Placement rules count these, by exact
 * pod_type or, where a rule has a filter of tasks, those with a task that it accepts. They
 * leave out the requirement's own pod, so that it may stay where it is. */
typedef struct ostler_placed {
  ostler_str_t pod;
  ostler_str_t pod_type;
  ostler_str_t agent_id;
  ostler_str_t hostname;
  ostler_str_t region;
  ostler_str_t zone;
  ostler_slice_t attributes; /* into round.attributes */
  ostler_slice_t tasks;      /* into round.names: "zookeeper-0-server" */
} ostler_placed_t;

/* Everything one evaluation looks at. */
typedef struct ostler_round {
  uint32_t struct_size;
  uint32_t reserved;
  ostler_array_t offers;       /* ostler_offer_t */
  ostler_array_t resources;    /* ostler_resource_t */
  ostler_array_t attributes;   /* ostler_attribute_t */
  ostler_array_t ranges;       /* ostler_range_t, of resources */
  ostler_array_t requirements; /* ostler_requirement_t */
  ostler_array_t ports;        /* ostler_port_need_t */
  ostler_array_t need_ranges;  /* ostler_range_t, of ports */
  ostler_array_t volumes;      /* ostler_volume_need_t */
  ostler_array_t names;        /* ostler_str_t: profiles, resource ids, executor ids */
  ostler_array_t placed;       /* ostler_placed_t */
  ostler_str_t local_region;   /* the master's region, or empty */
} ostler_round_t;

/* Why an offer does not fit: a bit each, so that all reasons are kept. Bits from 32
 * on are the plugin's own; explain() names them. */
enum ostler_reason {
  OSTLER_REASON_CPUS = 1,
  OSTLER_REASON_MEM = 2,
  OSTLER_REASON_DISK = 4,
  OSTLER_REASON_GPUS = 8,
  OSTLER_REASON_PORTS = 16,
  OSTLER_REASON_VOLUME = 32,     /* no MOUNT disk that fits */
  OSTLER_REASON_PLACEMENT = 64,
  OSTLER_REASON_AGENT = 128,     /* bound to another agent */
  OSTLER_REASON_RESERVED = 256,  /* its own reserved resources are not (all) offered */
  OSTLER_REASON_ROLE = 512,      /* nothing offered to its role */
  OSTLER_REASON_RULE = 1024      /* the placement rule is invalid */
};

/* `reasons` == 0: fits. `score`: higher is better among those that fit; among those
 * that do not, higher is nearer: minus the sum of each shortfall relative to its
 * need (what is no amount counts 1), so that the host can name the nearest fit. */
typedef struct ostler_verdict {
  uint64_t reasons;
  double score;
} ostler_verdict_t;

/* Pure: the same round gives the same verdicts; no I/O, no host calls but log().
 * Several offers plugins may be loaded: all must accept, scores add. */
typedef struct ostler_offers {
  uint32_t struct_size;
  uint32_t reserved;

  /* Compiles a placement rule once: JSON, a list of constraint rows such as
   * [["hostname","UNIQUE"]] or a rule object of the SDK, which may stand for a row too. The handle, never 0, stays
   * valid until release(). INVALID_ARGUMENT names what is wrong with it.
   * [eval-thread, started] */
  ostler_status_t (*compile)(ostler_instance_t *self, ostler_str_t rule, uint64_t *handle, ostler_error_t *error);
  void (*release)(ostler_instance_t *self, uint64_t handle); /* [eval-thread, started] */

  /* Fills requirements x offers verdicts: that of requirement r and offer o is number
   * r * offers.count + o. [eval-thread, started] */
  ostler_status_t (*evaluate)(ostler_instance_t *self, const ostler_round_t *round,
                              const ostler_out_array_t *verdicts /* ostler_verdict_t */, ostler_error_t *error);

  /* Writes why offer `offer` does not fit requirement `requirement`: a JSON array of
   * {"reason":"MEM","needed":4000,"offered":3584,"message":"needs 4000 MB of memory, 3584 offered"},
   * one per reason; [] when it fits. For people only, so the hot path carries no text. The
   * round may hold no other offers than those of that agent.
   * [eval-thread, started] */
  ostler_status_t (*explain)(ostler_instance_t *self, const ostler_round_t *round, uint32_t requirement,
                             uint32_t offer, const ostler_sink_t *json, ostler_error_t *error);
} ostler_offers_t;

OSTLER_END_C
#endif
