/* SPDX-License-Identifier: MIT */
/* counter.c -- a counter to which all threads add.
 *
 * This is the only file you edit. The full contract is in counter.h; run
 * `bun kata hint 08` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. Every add is counted once.
 *   2. A later read never answers less than an earlier one has seen.
 *   3. A thread that stops half-way stops nobody else.
 *   4. Threads that add at the same time do not write to the same cache line.
 *
 * Before you type, answer this on paper: eight threads add to one word, each
 * on a processor of its own. Which of them can be at work at one moment, and
 * what do the others wait for, though there is no lock? */
#include "counter.h"

#include <stdlib.h>

struct counter {
    int64_t todo; /* What does each thread write, and who else writes that? */
};

/* An empty counter, or NULL if there is no memory. */
struct counter *counter_new(void) {
    return calloc(1, sizeof(struct counter));
}

/* Any thread may call this at any time. */
void counter_add(struct counter *c, int64_t n) {
    (void)c, (void)n; /* TODO: add so that rules 1, 3 and 4 hold. */
}

/* Any thread may call this, while others add. */
int64_t counter_read(struct counter *c) {
    (void)c;
    return 0; /* TODO: answer so that rules 1 and 2 hold. */
}

/* Nobody else uses the counter any more. NULL does nothing. */
void counter_free(struct counter *c) {
    free(c);
}
