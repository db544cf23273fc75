/* SPDX-License-Identifier: MIT */
/* waiting.c -- what a thread does that cannot go on.
 *
 *   waiting  kind
 *
 * A thread stops at its k-th step inside `put` of an entry, for k = 1, 2, ...;
 * another one gets the same entry. It finishes, or it sleeps, or it yields
 * (sched_yield comes to kernel_sched_yield here). What takes STEPS_ALONE steps
 * of its own without any of these spins: then the run is over. One that does
 * nothing for PATIENCE_MS sleeps; a busy machine can hide a spin, not make one.
 *
 * Evidence: the counts `stopped` (places in which the first thread stopped),
 * `slept` and `yielded` (those in which the second one did), or, at a spin,
 * `spun_at` (k). */
#include "driver.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "scenario.h"

#define PLACES_MAX 400
#define STEPS_ALONE 1000000
#define PATIENCE_MS 100
#define WAITS_MAX 2 /* seen so often, its way of waiting is known */
#define KEY 1

enum { UNDECIDED, FINISHED, YIELDED };

static struct {
    const struct kind *kind;
    void *cache;
    uint64_t at, stopped, slept, yielded;
    struct pace_place place;
    pthread_t first, second;
    _Atomic int second_did;
} w = {.place = PACE_PLACE};

/* Is this the second thread, in its get? Everybody else's yields are nobody's business. */
static _Thread_local bool watched;

static void spun(void) {
    evidence_count("spun_at", w.at);
    evidence_end();
}

int kernel_sched_yield(void);
int kernel_sched_yield(void) {
    if (watched) {
        atomic_store(&w.second_did, YIELDED);
        pace_count_steps(STEPS_ALONE, spun); /* anew */
    }
    return sched_yield();
}

static void *put_and_stop(void *unused) {
    pace_park_at(&w.place, w.at);
    (void)w.kind->put(w.cache, KEY, value_of(KEY), NULL); /* it is there: nothing leaves */
    pace_park_over();
    return unused;
}

static void *get(void *unused) {
    watched = true;
    pace_count_steps(STEPS_ALONE, spun);
    (void)w.kind->get(w.cache, KEY, NULL); /* the answer is other scenarios' business */
    watched = false;
    pace_count_steps(0, NULL);
    int undecided = UNDECIDED;
    atomic_compare_exchange_strong(&w.second_did, &undecided, FINISHED);
    return unused;
}

static int what_second_does(void) {
    const struct timespec moment = {0, 1000000};
    for (int ms = 0; ms < PATIENCE_MS && atomic_load(&w.second_did) == UNDECIDED; ms++) nanosleep(&moment, NULL);
    return atomic_load(&w.second_did);
}

/* false: the put has fewer than k steps. */
static bool stop_at(uint64_t k) {
    w.at = k;
    atomic_store(&w.second_did, UNDECIDED);
    w.first = gate_thread(put_and_stop, NULL);
    bool parked = pace_wait_parked(&w.place);
    if (parked) {
        w.second = gate_thread(get, NULL);
        int did = what_second_does();
        w.stopped++;
        w.slept += did == UNDECIDED;
        w.yielded += did == YIELDED;
        pace_release(&w.place, 0);
        pthread_join(w.second, NULL);
    }
    pthread_join(w.first, NULL);
    return parked;
}

void waiting(uint64_t seed) {
    (void)seed;
    w.kind = &kinds[scenario_param("kind")];
    w.cache = new_cache(scenario_param("kind"), 4);
    (void)w.kind->put(w.cache, KEY, value_of(KEY), NULL);
    for (uint64_t k = 1; k <= PLACES_MAX && w.slept + w.yielded < WAITS_MAX && stop_at(k); k++) evidence_progress();
    w.kind->free(w.cache);
    evidence_count("stopped", w.stopped);
    evidence_count("slept", w.slept);
    evidence_count("yielded", w.yielded);
}
