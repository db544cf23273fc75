/* SPDX-License-Identifier: MIT */
/* alike.c -- a load that runs while others ask for keys that are nearly its own.
 *
 * Of a key and others whose hashes are alike, the key is loaded, and its load
 * ends only when all others have been asked for. They are asked for again when
 * the key has a value. When a get has not returned for PATIENCE_MS of real
 * time, it never will: the process ends.
 *
 * Evidence: `asked`, gets of such others; `mistaken`, 1 if one of them waited for
 * the key's load, 2 if one answered, beside that load, other than XFETCH_FRESH
 * with its own value, 3 if one did so later, or a get of the key itself, 4 if one of
 * them did not return then; `alike`, these two keys; 0: none. */
#include "alike.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"

#define PATIENCE_MS 5000
#define CAPACITY 4

enum mistake { NONE, WAITED, ANSWERED_BESIDE, ANSWERED_LATER, HUNG };

static struct {
    struct xfetch_cache *cache;
    sem_t loading, go_on;
    _Atomic uint64_t key, other, asked;
    atomic_bool holds, beside, over;
    enum mistake mistaken; /* the first one; the last that is tried */
    uint64_t alike[2];
} s;

static double now(void *world) {
    (void)world;
    return 1000;
}

static double uniform(void *world) {
    (void)world;
    return 0.999;
}

static bool load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    (void)world;
    if (key == s.key && atomic_exchange(&s.holds, false)) {
        sem_post(&s.loading);
        sem_wait(&s.go_on);
    }
    *value = world_value(key);
    *ttl_s = 100;
    return true;
}

static void note(enum mistake mistake) {
    if (s.mistaken) return;
    s.mistaken = mistake, s.alike[0] = s.key, s.alike[1] = s.other;
}

static bool get(uint64_t key) {
    uint64_t value = 0;
    return xfetch_get(s.cache, key, &value) == XFETCH_FRESH && value == world_value(key);
}

static void *hold(void *nothing) {
    if (!get(s.key)) note(ANSWERED_LATER); /* the asker waits for this thread by now, or is about to */
    return nothing;
}

static void meet(uint64_t key, const uint64_t *others, size_t count) {
    if (s.mistaken) return;
    s.key = key, s.other = others[0], s.holds = true;
    s.cache = new_cache(CAPACITY, 1, (struct xfetch_env){now, uniform, load, NULL});
    pthread_t holder = gate_thread(hold, NULL);
    sem_wait(&s.loading);
    s.beside = true;
    for (size_t i = 0; i < count; i++, s.asked++) {
        s.other = others[i];
        if (!get(others[i])) note(ANSWERED_BESIDE);
    }
    s.beside = false;
    sem_post(&s.go_on);
    pthread_join(holder, NULL);
    for (size_t i = 0; i < count && !s.mistaken; i++, s.asked++) {
        s.other = others[i];
        if (!get(key) || !get(others[i])) note(ANSWERED_LATER);
    }
    xfetch_free(s.cache);
    evidence_progress();
}

static uint64_t the_seed;

static void *ask(void *nothing) {
    alike_keys(the_seed, meet);
    s.over = true;
    return nothing;
}

static void report(void) {
    evidence_count("asked", s.asked);
    evidence_count("mistaken", s.mistaken);
    evidence_series("alike", s.alike, s.mistaken ? 2 : 0);
}

bool alike(uint64_t seed) {
    the_seed = seed;
    sem_init(&s.loading, 0, 0), sem_init(&s.go_on, 0, 0);
    pthread_t asker = gate_thread(ask, NULL);
    uint64_t before = 0;
    for (int waited_ms = 0; !s.over && waited_ms < PATIENCE_MS; waited_ms++) {
        nanosleep(&(struct timespec){0, 1000000}, NULL);
        if (s.asked != before) before = s.asked, waited_ms = 0;
    }
    if (s.over)
        pthread_join(asker, NULL);
    else
        note(s.beside ? WAITED : HUNG); /* threads hang */
    report();
    return s.mistaken == NONE;
}
