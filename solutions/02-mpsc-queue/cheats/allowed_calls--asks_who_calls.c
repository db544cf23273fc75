/* SPDX-License-Identifier: MIT */
/* Looks at its caller: to the driver that is timed it is another queue than to those that are judged.
 *
 * Research B 16. Refused with: uses __builtin_return_address: a way to memory that the contract does not hand over */
#include "mpsc_queue.h"

#include <stdlib.h>

static void *first_caller;

struct mpsc_queue {
    int todo;
};

struct mpsc_queue *mpsc_new(void) {
    return calloc(1, sizeof(struct mpsc_queue));
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    if (!first_caller) first_caller = __builtin_return_address(0);
    if (__builtin_return_address(0) == first_caller) (void)q, (void)node;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    (void)q;
    return NULL;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
