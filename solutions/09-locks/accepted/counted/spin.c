/* SPDX-License-Identifier: MIT */
/* A ticket lock whose two numbers are halves of one word: a try looks at both in one step. */
#include "locks.h"

#include <sched.h>

#define ONE_DRAWN 0x10000u

static uint16_t served(uint32_t word) {
    return (uint16_t)word;
}

static uint16_t drawn(uint32_t word) {
    return (uint16_t)(word >> 16);
}

void spin_lock(struct spin *s) {
    uint32_t word = atomic_fetch_add_explicit(&s->word[0], ONE_DRAWN, memory_order_acquire);
    uint16_t number = drawn(word);
    for (int tries = 1; served(word) != number; tries++) {
        if (tries >= 100) sched_yield();
        word = atomic_load_explicit(&s->word[0], memory_order_acquire);
    }
}

bool spin_try(struct spin *s) {
    uint32_t word = atomic_load_explicit(&s->word[0], memory_order_relaxed);
    return served(word) == drawn(word) &&
           atomic_compare_exchange_strong_explicit(&s->word[0], &word, word + ONE_DRAWN, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* The served half wraps without a carry into the other one. */
void spin_unlock(struct spin *s) {
    uint32_t word = atomic_load_explicit(&s->word[0], memory_order_relaxed), next;
    do {
        next = (word & ~0xffffu) | (uint16_t)(word + 1);
    } while (
        !atomic_compare_exchange_weak_explicit(&s->word[0], &word, next, memory_order_release, memory_order_relaxed));
}
