/* SPDX-License-Identifier: MIT */
/* readers.c -- so many threads that have the readers-writer lock at once that 8 bits do not count them.
 *
 *   readers
 *
 * READERS threads read; a writer comes, and they leave. READERS more come while it writes, and wait; it unlocks.
 *
 * Then three readers have another lock. If each of them has added the same to one word and changed no other, that word
 * is set forward as if MANY had it, and a writer comes.
 *
 * Evidence: `readers`, how many had the lock at once. If the writer had it beside them, `beside` is 1, and that ends
 * the scenario. Else `together`, how many of those that waited had it once the writer had unlocked; `forward`, 1 if the
 * word was set forward, and `beside_many`, 1 if the writer had it then. */
#include "driver.h"

#include "evidence.h"
#include "futex_calls.h"
#include "gate.h"
#include "graders_own.h"

#define READERS 256
#define MANY 32768u /* of 65,535: 15 bits that count them are all 0 */
#define FEW 3

static HANDED_OVER struct rw locks[2];

static struct {
    struct rw *lock;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t inside;
    bool readers_may_go, writer_has_it, writer_may_go;
    struct pace_place places[READERS], writers_place;
} r = {.lock = &locks[0], .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

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
static size_t wait_for_all(size_t readers) {
    pthread_mutex_lock(&r.mutex);
    while (r.inside < readers) pthread_cond_wait(&r.changed, &r.mutex);
    size_t inside = r.inside;
    pthread_mutex_unlock(&r.mutex);
    return inside;
}

static void *read_once(void *place) {
    futex_tell(place);
    rw_read_lock(r.lock);
    futex_tell_over();
    count_inside(1);
    wait_for(&r.readers_may_go);
    count_inside(-1);
    rw_read_unlock(r.lock);
    return NULL;
}

static void *write_once(void *place) {
    futex_tell(place);
    rw_write_lock(r.lock);
    futex_tell_over();
    set(&r.writer_has_it, true);
    wait_for(&r.writer_may_go);
    rw_write_unlock(r.lock);
    return NULL;
}

static pthread_t begin_reader(size_t number) {
    r.places[number] = (struct pace_place)PACE_PLACE;
    return gate_thread(read_once, &r.places[number]);
}

/* False: the writer sleeps, or is about to. */
static bool writer_gets_it(pthread_t *writer) {
    r.writers_place = (struct pace_place)PACE_PLACE;
    *writer = gate_thread(write_once, &r.writers_place);
    return !pace_wait_parked(&r.writers_place);
}

/* They have the lock, or are about to sleep, when this returns. */
static void start_readers(pthread_t threads[READERS]) {
    r.readers_may_go = false;
    for (size_t i = 0; i < READERS; i++) threads[i] = begin_reader(i);
    for (size_t i = 0; i < READERS; i++) (void)pace_wait_parked(&r.places[i]); /* either is as well */
    evidence_progress();
}

static void end_readers(pthread_t threads[READERS]) {
    set(&r.readers_may_go, true);
    for (size_t i = 0; i < READERS; i++) pthread_join(threads[i], NULL);
}

/* The word to which each reader adds `*each`, or -1. They stay inside. */
static int counting_word(uint32_t *each) {
    int word = -1;
    r.readers_may_go = false;
    for (size_t reader = 0; reader < FEW; reader++) {
        struct rw before = *r.lock;
        (void)begin_reader(reader);
        (void)wait_for_all(reader + 1);
        for (int i = 0; i < LOCK_WORDS; i++) {
            uint32_t more = r.lock->word[i] - before.word[i];
            if (more == 0) continue;
            if (reader == 0 ? word >= 0 : i != word || more != *each) return -1;
            word = i, *each = more;
        }
        if (word < 0) return -1;
    }
    return word;
}

static void very_many(void) {
    pthread_t writer;
    uint32_t each = 0;
    r.lock = &locks[1];
    int word = counting_word(&each);
    evidence_count("forward", word >= 0);
    if (word < 0) return;
    r.lock->word[word] += each * (MANY - FEW);
    evidence_count("beside_many", writer_gets_it(&writer));
}

void readers(uint64_t seed) {
    (void)seed; /* one order only */
    pthread_t threads[READERS];
    start_readers(threads);
    evidence_count("readers", wait_for_all(READERS));
    pthread_t writer;
    if (writer_gets_it(&writer)) {
        evidence_count("beside", 1);
        evidence_end();
    }
    end_readers(threads);
    wait_for(&r.writer_has_it);
    start_readers(threads);
    set(&r.writer_may_go, true);
    evidence_count("together", wait_for_all(READERS));
    end_readers(threads);
    pthread_join(writer, NULL);
    very_many();
    evidence_end(); /* these threads wait still */
}
