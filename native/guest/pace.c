/* SPDX-License-Identifier: MIT */
/* pace.c -- stalls, parking and step counts of the `stress` build.
 *
 * Everything here is per thread, except the parking places. Nothing here
 * may order the learner's memory accesses more than a pause would. */
#include "pace.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "own.h"

_Thread_local struct pace pace_self;

void pace_place_set(struct pace_place *place, int state) {
    pthread_mutex_lock(&place->lock);
    place->state = state;
    pthread_cond_broadcast(&place->changed);
    pthread_mutex_unlock(&place->lock);
}

static void park(struct pace_place *place) {
    pace_place_set(place, PACE_PARKED);
    pthread_mutex_lock(&place->lock);
    while (place->state == PACE_PARKED) pthread_cond_wait(&place->changed, &place->lock);
    pace_self.park_in = place->again;
    pthread_mutex_unlock(&place->lock);
}

static void step(void) {
    pace_self.steps++;
    if (pace_self.park_in > 0 && --pace_self.park_in == 0) park(pace_self.place);
    if (pace_self.limit > 0 && pace_self.steps >= pace_self.limit) pace_self.overrun();
}

/* Called by the compiler's instrumentation at every basic block. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void) {
    step();
}

/* One in 16 yields, one in 16 spins for up to a microsecond or so, one in 128
 * sleeps: long enough for another thread to run through the whole call. */
static void stall(void) {
    uint64_t draw = rng_next(&pace_self.rng);
    if (draw % 128 == 1) {
        nanosleep(&(struct timespec){0, 1000}, NULL);
    } else if (draw % 16 == 2) {
        sched_yield();
    } else if (draw % 16 == 3) {
        for (volatile uint64_t spin = (draw >> 32) % 1024; spin > 0; spin--) {
        }
    }
}

void pace_atomic_step(void) {
    step();
    if (pace_self.unsteady) stall();
}

void pace_unsteady(uint64_t seed, uint64_t stream) {
    pace_self.rng = rng_new(seed, stream);
    pace_self.unsteady = true;
}

void pace_park_at(struct pace_place *place, uint64_t nth) {
    pace_self.place = place;
    pace_self.park_in = nth;
}

void pace_park_over(void) {
    if (pace_self.park_in > 0) pace_place_set(pace_self.place, PACE_OVER); /* else it has parked, and was seen */
    pace_self.park_in = 0;
}

bool pace_wait_parked(struct pace_place *place) {
    pthread_mutex_lock(&place->lock);
    while (place->state == PACE_COMING) pthread_cond_wait(&place->changed, &place->lock);
    bool parked = place->state == PACE_PARKED;
    if (!parked) place->state = PACE_COMING;
    pthread_mutex_unlock(&place->lock);
    return parked;
}

void pace_release(struct pace_place *place, uint64_t again) {
    place->again = again; /* the parked thread reads it under the lock, later */
    pace_place_set(place, PACE_COMING);
}

void pace_count_steps(uint64_t limit, void (*overrun)(void)) {
    pace_self.steps = 0;
    pace_self.limit = limit;
    pace_self.overrun = overrun;
}

uint64_t pace_steps(void) {
    return pace_self.steps;
}

void pace_add_steps(uint64_t steps) {
    pace_self.steps += steps;
    if (pace_self.limit > 0 && pace_self.steps >= pace_self.limit) pace_self.overrun();
}
