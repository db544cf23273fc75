/* SPDX-License-Identifier: MIT */
/* all.c -- mutex_lock_all, alone and by two threads at once.
 *
 *   all
 *
 * A thread locks a pattern (see kinds.h); another one tries each of the mutexes. Then for each pair of patterns: one
 * thread is stopped at each step of its mutex_lock_all, another one makes its own, and the first goes on.
 *
 * Evidence: the rows `alone` (`waits`: it waits for itself; `locked`, a bit for each mutex; `changed`: the array was)
 * and `pairs` (how many of the two wait in the end though the other was given time to unlock); `spun_op` as in play.c.
 */
#include "actors.h"
#include "driver.h"

#include "evidence.h"
#include "graders_own.h"

#define STEPS_MAX 60
#define PAIRS_MAX (PATTERNS * PATTERNS * STEPS_MAX)

EVIDENCE_ROW(alone, pattern, waits, locked, changed);
EVIDENCE_ROW(both, first, second, step, waiting);

static struct {
    struct alone alone[PATTERNS];
    struct both pairs[PAIRS_MAX];
    size_t alone_count, pair_count;
} l;

static HANDED_OVER struct objects objects;

static void report(enum op spun_op) {
    evidence_rows("alone", alone, l.alone, l.alone_count);
    evidence_rows("pairs", both, l.pairs, l.pair_count);
    evidence_count("spun_op", spun_op);
}

static void end(void) {
    report((enum op)0);
    evidence_end();
}

/* Whoever tries and gets one unlocks it again. */
static uint64_t locked(void) {
    uint64_t mask = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (mutex_try(mutex_of(&objects, i)))
            mutex_unlock(mutex_of(&objects, i));
        else
            mask |= 1u << i;
    }
    return mask;
}

static void lock_alone(uint64_t pattern) {
    struct alone *row = &l.alone[l.alone_count++];
    actor_does(0, LOCK_ALL, pattern);
    *row = (struct alone){.pattern = pattern, .waits = actor_standing(0).waits, .locked = locked()};
    row->changed = !row->waits && !actor_standing(0).answer;
    if (row->waits) end();
    actor_does(0, UNLOCK_ALL, pattern);
}

static void unlock_if_done(unsigned actor, uint64_t pattern, bool *has) {
    if (*has || actor_standing(actor).waits) return;
    actor_does(actor, UNLOCK_ALL, pattern);
    *has = true;
}

/* False: the first thread's call has no such step. */
static bool lock_both(uint64_t first, uint64_t second, uint64_t step) {
    bool done[2] = {false, false};
    actor_parks(0, LOCK_ALL, first, step);
    bool parked = actor_standing(0).parked;
    actor_does(1, LOCK_ALL, second);
    if (parked) actor_goes_on(0);
    for (int round = 0; round < 2; round++) {
        unlock_if_done(0, first, &done[0]);
        unlock_if_done(1, second, &done[1]);
    }
    struct both *row = &l.pairs[l.pair_count++];
    *row = (struct both){first, second, step, 2u - done[0] - done[1]};
    if (row->waiting) end();
    return parked;
}

void all(uint64_t seed) {
    (void)seed; /* every step is tried */
    actors_start(MUTEX, &objects, report);
    for (uint64_t pattern = 0; pattern < PATTERNS; pattern++) lock_alone(pattern);
    for (uint64_t first = 0; first < PATTERNS; first++)
        for (uint64_t second = 0; second < PATTERNS; second++)
            for (uint64_t step = 1; step <= STEPS_MAX && lock_both(first, second, step); step++) {
            }
    end();
}
