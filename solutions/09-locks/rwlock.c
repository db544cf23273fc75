/* SPDX-License-Identifier: MIT */
/* rwlock.c -- the reference: a phase-fair lock (after Brandenburg and Anderson, 2010), with readers counted in one
 * word.
 *
 * Writers are served in the order of their tickets. The one whose turn it is marks IN with its phase: readers that come
 * from then on wait until that phase is over, and it waits until the readers that it found there have left. When it
 * unlocks, all readers that have come meanwhile are in, and the next writer finds them there.
 *
 * Phases alternate: between two writers with the same phase there was one with the other, and that one has waited for
 * all readers that had come before. So a reader never takes a later phase for its own. */
#include "locks.h"

#include "futex.h"

#include <limits.h>

/* IN: readers, by ONE_READER, and the phase of a writer: PRESENT, with PARITY or without. LEAVING: readers that the
 * writer waits for. DRAWN: the next ticket. HAS: that of the writer. TURN: in a place for each ticket modulo PLACES,
 * the ticket whose turn it is, times two; plus one if a writer sleeps there. */
enum { IN, LEAVING, DRAWN, HAS, TURN, PLACES = 8 };
enum { PRESENT = 1, PARITY = 2, PHASE = PRESENT | PARITY, ONE_READER = 4 };

static uint32_t phase_of(uint32_t in) {
    return in & PRESENT ? in & PHASE : 0;
}

/* Acquire: what the writer before has done is seen. */
void rw_read_lock(struct rw *l) {
    uint32_t in = atomic_fetch_add_explicit(&l->word[IN], ONE_READER, memory_order_acquire);
    uint32_t phase = phase_of(in);
    if (!phase) return;
    while (phase_of(in = atomic_load_explicit(&l->word[IN], memory_order_acquire)) == phase)
        (void)futex_wait(&l->word[IN], in, NULL); /* whatever it answers, the word is read again */
}

/* Release: the writer sees that this reader is done. A reader that finds a writer is one of those that it waits for:
 * all that came later wait. The last one wakes it. */
void rw_read_unlock(struct rw *l) {
    uint32_t in = atomic_fetch_sub_explicit(&l->word[IN], ONE_READER, memory_order_release);
    if (!phase_of(in)) return;
    if (atomic_fetch_sub_explicit(&l->word[LEAVING], 1, memory_order_acq_rel) == 1) futex_wake(&l->word[LEAVING], 1);
}

static _Atomic uint32_t *place_of(struct rw *l, uint32_t ticket) {
    return &l->word[TURN + ticket % PLACES];
}

/* Acquire: what the writers before have done is seen. */
static void await_turn(struct rw *l, uint32_t ticket) {
    _Atomic uint32_t *place = place_of(l, ticket);
    uint32_t turn = atomic_load_explicit(place, memory_order_acquire);
    while ((turn | 1) != (ticket << 1 | 1)) {
        uint32_t asleep = turn | 1;
        if (turn == asleep ||
            atomic_compare_exchange_strong_explicit(place, &turn, asleep, memory_order_relaxed, memory_order_relaxed))
            (void)futex_wait(place, asleep, NULL); /* whatever it answers, the place is read again */
        turn = atomic_load_explicit(place, memory_order_acquire);
    }
}

/* Readers may have left before they are added here: the count is below nothing then, and right in the end. */
static void await_readers(struct rw *l, uint32_t readers) {
    if (readers == 0) return;
    uint32_t left = readers + atomic_fetch_add_explicit(&l->word[LEAVING], readers, memory_order_acq_rel);
    while (left != 0) {
        (void)futex_wait(&l->word[LEAVING], left, NULL); /* whatever it answers, the word is read again */
        left = atomic_load_explicit(&l->word[LEAVING], memory_order_acquire);
    }
}

/* Acquire: what readers did before they left without having met this writer is over. */
void rw_write_lock(struct rw *l) {
    uint32_t ticket = atomic_fetch_add_explicit(&l->word[DRAWN], 1, memory_order_relaxed);
    await_turn(l, ticket);
    atomic_store_explicit(&l->word[HAS], ticket, memory_order_relaxed);
    uint32_t phase = PRESENT | (ticket & 1 ? PARITY : 0);
    await_readers(l, atomic_fetch_add_explicit(&l->word[IN], phase, memory_order_acquire) / ONE_READER);
}

/* Readers first, then the next writer: it will find them there. Release, both times: they see what was done here. */
void rw_write_unlock(struct rw *l) {
    uint32_t ticket = atomic_load_explicit(&l->word[HAS], memory_order_relaxed), next = ticket + 1;
    uint32_t phase = PRESENT | (ticket & 1 ? PARITY : 0);
    uint32_t in = atomic_fetch_sub_explicit(&l->word[IN], phase, memory_order_release);
    if (in / ONE_READER > 0) futex_wake(&l->word[IN], INT_MAX);
    uint32_t turn = atomic_exchange_explicit(place_of(l, next), next << 1, memory_order_release);
    if (turn & 1) futex_wake(place_of(l, next), INT_MAX);
}
