/* SPDX-License-Identifier: MIT */
/* tagged_stack.c -- a stack of slot numbers, for many threads, without locks.
 *
 * This is one of the two files you edit. The full contract is in
 * tagged_stack.h; run `bun kata hint 10` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. Every slot pushed is popped once; the newest first.
 *   2. A thread that stops half-way stops nobody else.
 *   3. When it goes on, it does no harm, however long it has slept.
 *
 * Before you type, answer this on paper: a pop has read that slot 5 is on top,
 * and that slot 3 is below it. Then it sleeps. When it wakes, slot 5 is on
 * top. What may have happened meanwhile, and where may slot 3 be now? */
#include "tagged_stack.h"

#include <stdlib.h>

struct tagged_stack {
    int todo; /* What does a pop compare, and what does it need to know of it? */
};

/* An empty stack; NULL: no slots, too many, or no memory. */
struct tagged_stack *tagged_new(uint32_t slots) {
    (void)slots;
    return calloc(1, sizeof(struct tagged_stack));
}

/* Any thread may call this at any time. false: no such slot. */
bool tagged_push(struct tagged_stack *s, uint32_t slot) {
    (void)s, (void)slot;
    return false; /* TODO: push so that rules 1 to 3 hold. */
}

/* Any thread may call this at any time. UINT32_MAX: empty. */
uint32_t tagged_pop(struct tagged_stack *s) {
    (void)s;
    return UINT32_MAX; /* TODO: pop so that rules 1 to 3 hold. */
}

/* Nobody else uses the stack any more. NULL does nothing. */
void tagged_free(struct tagged_stack *s) {
    free(s);
}
