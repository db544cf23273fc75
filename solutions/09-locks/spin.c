/* SPDX-License-Identifier: MIT */
/* spin.c -- the reference: a ticket lock (Mellor-Crummey and Scott, 1991).
 *
 * Whoever comes draws a number, and has the lock when that number is served. Both counters wrap together; that two
 * waiters have the same number takes 2^32 of them. */
#include "locks.h"

#include <sched.h>

enum { DRAWN, SERVED };
#define TRIES 100

/* Acquire: the one before has served this number after all that it did with the lock. */
static bool is_served(struct spin *s, uint32_t number) {
    return atomic_load_explicit(&s->word[SERVED], memory_order_acquire) == number;
}

/* Relaxed: the order of the numbers is all that is asked of it. */
void spin_lock(struct spin *s) {
    uint32_t number = atomic_fetch_add_explicit(&s->word[DRAWN], 1, memory_order_relaxed);
    for (int tries = 1; !is_served(s, number); tries++)
        if (tries >= TRIES) sched_yield(); /* the one that has the lock may want this processor */
}

/* Draws only the number that is being served: then nobody has the lock, and nobody waits. */
bool spin_try(struct spin *s) {
    uint32_t number = atomic_load_explicit(&s->word[SERVED], memory_order_acquire);
    return atomic_compare_exchange_strong_explicit(&s->word[DRAWN], &number, number + 1, memory_order_relaxed,
                                                   memory_order_relaxed);
}

/* Only who has the lock writes SERVED. Release: the next one sees what was done here. After it the lock may be gone. */
void spin_unlock(struct spin *s) {
    uint32_t number = atomic_load_explicit(&s->word[SERVED], memory_order_relaxed);
    atomic_store_explicit(&s->word[SERVED], number + 1, memory_order_release);
}
