/* SPDX-License-Identifier: MIT */
/* Takes a file from anywhere on the machine: a solution, say. This one is only there everywhere.
 *
 * Research C 21. Refused with: #include </usr/include/string.h>: files are included by their short names */
#include "mpsc_queue.h"

#include <stdlib.h>

#include </usr/include/string.h>

struct mpsc_queue {
    int todo;
};

struct mpsc_queue *mpsc_new(void) {
    return calloc(1, sizeof(struct mpsc_queue));
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    (void)q, (void)node;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    (void)q;
    return NULL;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
