/* SPDX-License-Identifier: MIT */
/* Asks which sanitizer it is linked with: a weak name is there, or it is not.
 *
 * Research B 18. Refused with: uses __tsan_init: a name that belongs to the grader's tools */
#include "mpsc_queue.h"

#include <stdlib.h>

extern void __attribute__((weak)) __tsan_init(void);

struct mpsc_queue {
    int todo;
};

struct mpsc_queue *mpsc_new(void) {
    return calloc(1, sizeof(struct mpsc_queue));
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    (void)q, (void)node;
    if (__tsan_init) return;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    (void)q;
    return NULL;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
