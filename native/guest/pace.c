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

static struct pace OWN *pace_self(void) {
    return &own_thread()->pace;
}

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
    pace_self()->park_in = place->again;
    pthread_mutex_unlock(&place->lock);
}

static void steps_taken(struct pace OWN *self, uint64_t steps) {
    self->steps += steps;
    if (self->limit > 0 && self->steps >= self->limit) self->overrun();
}

static struct pace OWN *step(void) {
    struct pace OWN *self = pace_self();
    if (self->park_in > 0 && --self->park_in == 0) park(self->place);
    steps_taken(self, 1);
    return self;
}

/* Called by the compiler's instrumentation at every basic block. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void) {
    step();
}

uint64_t pace_draw(void) {
    struct pace OWN *self = pace_self();
    struct rng rng = self->rng;
    uint64_t draw = rng_next(&rng);
    self->rng = rng;
    return draw;
}

/* One in 16 yields, one in 16 spins for up to a microsecond or so, one in 128
 * sleeps: long enough for another thread to run through the whole call. */
static void stall(void) {
    uint64_t draw = pace_draw();
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
    if (step()->unsteady) stall();
}

void pace_unsteady(uint64_t seed, uint64_t stream) {
    struct pace OWN *self = pace_self();
    self->rng = rng_new(seed, stream);
    self->unsteady = true;
}

void pace_park_at(struct pace_place *place, uint64_t nth) {
    struct pace OWN *self = pace_self();
    self->place = place;
    self->park_in = nth;
}

void pace_park_over(void) {
    struct pace OWN *self = pace_self();
    if (self->park_in > 0) pace_place_set(self->place, PACE_OVER); /* else it has parked, and was seen */
    self->park_in = 0;
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
    struct pace OWN *self = pace_self();
    self->steps = 0;
    self->limit = limit;
    self->overrun = overrun;
}

uint64_t pace_steps(void) {
    return pace_self()->steps;
}

void pace_add_steps(uint64_t steps) {
    steps_taken(pace_self(), steps);
}
