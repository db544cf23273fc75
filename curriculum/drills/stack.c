/* SPDX-License-Identifier: MIT */
/* stack.c -- a drill of curriculum/03-lock-free.md: Treiber's stack over slots
 * that stay, and that may be pushed again as soon as they are popped. It
 * suffers from ABA: give `top` a tag.
 *
 *     bun kata explore curriculum/drills/stack.c --driver curriculum/drills/stack_driver.c */
#include "stack.h"

#include <stdatomic.h>

static _Atomic uint32_t below[SLOTS]; /* the slot under each */
static _Atomic uint64_t top = NO_SLOT;

void push(uint32_t slot) {
    uint64_t seen = atomic_load_explicit(&top, memory_order_relaxed);
    do {
        atomic_store_explicit(&below[slot], (uint32_t)seen, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&top, &seen, slot, memory_order_release, memory_order_relaxed));
}

uint32_t pop(void) {
    uint64_t seen = atomic_load_explicit(&top, memory_order_acquire);
    uint32_t next;
    do {
        if ((uint32_t)seen == NO_SLOT) return NO_SLOT;
        next = atomic_load_explicit(&below[(uint32_t)seen], memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&top, &seen, next, memory_order_acquire, memory_order_acquire));
    return (uint32_t)seen;
}
