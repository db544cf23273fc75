/* SPDX-License-Identifier: MIT */
/* peer: liburcu wfcqueue (wait-free enqueue by exchange)
 * package: liburcu-dev
 * libraries: -lurcu-common */
#include "mpsc_queue.h"

#include <stdlib.h>
#include <urcu/wfcqueue.h>

struct mpsc_queue {
    struct cds_wfcq_head head; /* the consumer's; brings its own padding */
    struct cds_wfcq_tail tail;
};

/* Both are one pointer, and the library initialises its own. */
static struct cds_wfcq_node *peers_node(struct mpsc_node *node) {
    return (struct cds_wfcq_node *)node;
}

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(64, (sizeof *q + 63) / 64 * 64);
    if (q) cds_wfcq_init(&q->head, &q->tail);
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    cds_wfcq_node_init(peers_node(node));
    cds_wfcq_enqueue(&q->head, &q->tail, peers_node(node));
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct cds_wfcq_node *node = __cds_wfcq_dequeue_nonblocking(&q->head, &q->tail);
    return node == CDS_WFCQ_WOULDBLOCK ? NULL : (struct mpsc_node *)node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
