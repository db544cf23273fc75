/* SPDX-License-Identifier: MIT */
/* peer: Concurrency Kit ck_stack (push by CAS, taken whole, reversed here)
 * package: libck-dev
 * libraries: -lck */
#include "mpsc_queue.h"

#include <ck_stack.h>
#include <stdlib.h>

struct mpsc_queue {
    ck_stack_t pushed;
    char apart[64];
    struct ck_stack_entry *ready; /* the consumer's, oldest first */
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(64, (sizeof *q + 63) / 64 * 64);
    if (!q) return NULL;
    ck_stack_init(&q->pushed);
    q->ready = NULL;
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    ck_stack_push_upmc(&q->pushed, (struct ck_stack_entry *)node);
}

static struct ck_stack_entry *oldest_first(struct ck_stack_entry *newest) {
    struct ck_stack_entry *list = NULL;
    while (newest) {
        struct ck_stack_entry *next = newest->next;
        newest->next = list;
        list = newest;
        newest = next;
    }
    return list;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    if (!q->ready) q->ready = oldest_first(ck_stack_batch_pop_upmc(&q->pushed));
    struct ck_stack_entry *node = q->ready;
    if (node) q->ready = node->next;
    return (struct mpsc_node *)node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
