/* ostler/draft/advisor.h - kind "ostler.advisor/draft-1": may this pod go down now?
 *
 * A draft: it may change with every release until it is named "ostler.advisor/1".
 *
 * Mesos and the scheduler know which tasks run; only the service knows whether it can
 * do without one of them. Before the scheduler takes a running pod instance down (a
 * changed configuration, a restart, a replacement) it asks, and after the instance runs
 * again it asks whether it has really come back. It asks again until the answer is GO.
 */
#ifndef OSTLER_ABI_DRAFT_ADVISOR_H
#define OSTLER_ABI_DRAFT_ADVISOR_H

#include "../offers.h" /* ostler_slice_t */
#include "../plugin.h"

#define OSTLER_ADVISOR_DRAFT_1 "ostler.advisor/draft-1"

OSTLER_BEGIN_C

enum ostler_advice_question {
  /* Which of the candidates may be taken down now? Each for itself: the scheduler takes
   * one of those with GO, and asks again before it takes the next. Answer WAIT for a
   * candidate that should come after another one. */
  OSTLER_ADVICE_MAY_GO_DOWN = 1,
  /* Do the candidates, which were taken down and run again, serve as before? */
  OSTLER_ADVICE_HAS_COME_BACK = 2
};

enum ostler_advice_verdict { OSTLER_ADVICE_WAIT = 0, OSTLER_ADVICE_GO = 1 };

enum ostler_advice_member_flag {
  OSTLER_ADVICE_MEMBER_RUNS = 1,     /* all its tasks run, as far as the scheduler knows */
  OSTLER_ADVICE_MEMBER_LAUNCHED = 2, /* it was launched at least once: it has an address */
  OSTLER_ADVICE_MEMBER_CANDIDATE = 4 /* the question is about it */
};

typedef struct ostler_advice_port {
  ostler_str_t name; /* as svc.yml names it */
  uint32_t number;
  uint32_t reserved;
} ostler_advice_port_t;

typedef struct ostler_advice_member {
  ostler_str_t pod_type; /* "zookeeper" */
  ostler_str_t pod;      /* "zookeeper-0" */
  ostler_str_t host;     /* where its ports can be reached, or empty */
  ostler_slice_t ports;  /* into the question's ports */
  uint32_t flags;        /* enum ostler_advice_member_flag */
  int32_t index;
} ostler_advice_member_t;

typedef struct ostler_advice_question_info {
  uint32_t struct_size;
  uint32_t question;     /* enum ostler_advice_question; an unknown one: GO */
  ostler_array_t members; /* ostler_advice_member_t: every pod instance of the service */
  ostler_array_t ports;   /* ostler_advice_port_t */
} ostler_advice_question_info_t;

typedef struct ostler_advisor {
  uint32_t struct_size;
  uint32_t reserved;

  /* Fills verdicts[i] (enum ostler_advice_verdict, WAIT before the call) for each
   * member i that is a candidate, and writes one sentence for it to `reasons`, in the
   * order of the candidates, one write each: shown to operators while they wait. A
   * failure counts as WAIT for all, its message as the reason. Members of pods that the
   * advisor does not look after get GO. [advisor-thread, started] */
  ostler_status_t (*advise)(ostler_instance_t *self, const ostler_advice_question_info_t *question,
                            uint32_t timeout_ms, uint32_t *verdicts, const ostler_sink_t *reasons,
                            ostler_error_t *error);
} ostler_advisor_t;

OSTLER_END_C
#endif
