/* SPDX-License-Identifier: MIT */
/* hazard.c -- hazard pointers: objects are freed while others may look at them.
 *
 * This is the other one of the two files you edit. The full contract is in
 * hazard.h; run `bun kata hint 10` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. Nothing is reclaimed that a slot protects since before it was retired.
 *   2. Everything else is reclaimed, once, and never does much of it wait.
 *   3. A thread that stops half-way stops nobody else.
 *
 * Before you type, answer this on paper: a reader has loaded a pointer, and
 * stores it in its slot. Between the two the object is retired, and whoever
 * retires it finds the slot empty. What does the reader have to do before it
 * follows the pointer, and may its processor do that before the store? */
#include "hazard.h"

#include <stdlib.h>

struct hp_domain {
    int todo; /* What may every thread read, and who alone writes it? */
};

struct hp_thread {
    int todo;
};

struct hp_stack {
    int todo;
};

struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread) {
    (void)threads_max, (void)slots_per_thread;
    return calloc(1, sizeof(struct hp_domain));
}

struct hp_thread *hp_attach(struct hp_domain *domain) {
    (void)domain;
    return NULL; /* TODO: a place that nobody has. */
}

void hp_detach(struct hp_thread *me) {
    (void)me; /* TODO: what does it leave to the others? */
}

void *hp_protect(struct hp_thread *me, size_t slot, _Atomic(void *) const *from) {
    (void)me, (void)slot, (void)from;
    return NULL; /* TODO: load it so that rule 1 holds. */
}

void hp_clear(struct hp_thread *me, size_t slot) {
    (void)me, (void)slot; /* TODO */
}

void hp_retire(struct hp_thread *me, void *object, void (*reclaim)(void *object)) {
    (void)me, (void)object, (void)reclaim; /* TODO: so that rules 1 to 3 hold. */
}

void hp_free(struct hp_domain *domain) {
    free(domain); /* TODO: and what still waits? */
}

struct hp_stack *hp_stack_new(struct hp_domain *domain) {
    (void)domain;
    return calloc(1, sizeof(struct hp_stack));
}

bool hp_stack_push(struct hp_stack *s, struct hp_thread *me, uint64_t value) {
    (void)s, (void)me, (void)value;
    return false; /* TODO: a node for each push. */
}

bool hp_stack_pop(struct hp_stack *s, struct hp_thread *me, uint64_t *value) {
    (void)s, (void)me, (void)value;
    return false; /* TODO: and who frees the node, and when? */
}

void hp_stack_free(struct hp_stack *s, struct hp_thread *me) {
    (void)me;
    free(s);
}
