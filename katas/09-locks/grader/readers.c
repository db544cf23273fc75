/* SPDX-License-Identifier: MIT */
/* readers.c -- so many threads that have the readers-writer lock at once that 8 bits do not count them.
 *
 *   readers
 *
 * READERS threads read; a writer comes, and they leave. READERS more come while it writes, and wait; it unlocks.
 *
 * Evidence: `readers`, how many had the lock at once. If the writer had it beside them, `beside` is 1, and that ends
 * the scenario. Else `together`, how many of those that waited had it once the writer had unlocked. */
#include "driver.h"

#include "evidence.h"
#include "futex_calls.h"
#include "gate.h"

#define READERS 256

static struct {
    struct rw lock;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t inside;
    bool readers_may_go, writer_has_it, writer_may_go;
    struct pace_place places[READERS], writers_place;
} r = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void set(bool *what, bool value) {
    pthread_mutex_lock(&r.mutex);
    *what = value;
    pthread_cond_broadcast(&r.changed);
    pthread_mutex_unlock(&r.mutex);
}

static void wait_for(const bool *what) {
    pthread_mutex_lock(&r.mutex);
    while (!*what) pthread_cond_wait(&r.changed, &r.mutex);
    pthread_mutex_unlock(&r.mutex);
}

static void count_inside(int more) {
    pthread_mutex_lock(&r.mutex);
    r.inside += (size_t)more;
    pthread_cond_broadcast(&r.changed);
    pthread_mutex_unlock(&r.mutex);
}

/* A lock that lets only some of them in never gets here: the deadline of the run says where the others wait. */
static size_t wait_for_all(void) {
    pthread_mutex_lock(&r.mutex);
    while (r.inside < READERS) pthread_cond_wait(&r.changed, &r.mutex);
    size_t inside = r.inside;
    pthread_mutex_unlock(&r.mutex);
    return inside;
}

static void *read_once(void *place) {
    futex_tell(place);
    rw_read_lock(&r.lock);
    futex_tell_over();
    count_inside(1);
    wait_for(&r.readers_may_go);
    count_inside(-1);
    rw_read_unlock(&r.lock);
    return NULL;
}

static void *write_once(void *place) {
    futex_tell(place);
    rw_write_lock(&r.lock);
    futex_tell_over();
    set(&r.writer_has_it, true);
    wait_for(&r.writer_may_go);
    rw_write_unlock(&r.lock);
    return NULL;
}

/* They have the lock, or are about to sleep, when this returns. */
static void start_readers(pthread_t threads[READERS]) {
    r.readers_may_go = false;
    for (size_t i = 0; i < READERS; i++) {
        r.places[i] = (struct pace_place)PACE_PLACE;
        threads[i] = gate_thread(read_once, &r.places[i]);
    }
    for (size_t i = 0; i < READERS; i++) (void)pace_wait_parked(&r.places[i]); /* either is as well */
    evidence_progress();
}

static void end_readers(pthread_t threads[READERS]) {
    set(&r.readers_may_go, true);
    for (size_t i = 0; i < READERS; i++) pthread_join(threads[i], NULL);
}

void readers(uint64_t seed) {
    (void)seed; /* one order only */
    pthread_t threads[READERS];
    start_readers(threads);
    evidence_count("readers", wait_for_all());
    r.writers_place = (struct pace_place)PACE_PLACE;
    pthread_t writer = gate_thread(write_once, &r.writers_place);
    if (!pace_wait_parked(&r.writers_place)) {
        evidence_count("beside", 1);
        evidence_end();
    }
    end_readers(threads);
    wait_for(&r.writer_has_it);
    start_readers(threads);
    set(&r.writer_may_go, true);
    evidence_count("together", wait_for_all());
    end_readers(threads);
    pthread_join(writer, NULL);
}
