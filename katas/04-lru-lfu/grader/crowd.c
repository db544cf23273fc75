/* SPDX-License-Identifier: MIT */
/* crowd.c -- threads that share one cache.
 *
 *   crowd  kind, threads, items (each), capacity
 *
 * Each item is a key of its own that is put once, so it leaves once: evicted
 * from under somebody's put, removed by its thread, or found inside at the
 * end. Between them all threads get and put a few hot keys, which count for
 * nothing. A value is a function of its key.
 *
 * Locks order whatever happens before and after them, so that a sanitizer
 * rarely sees the one access that was made without. Now and then the threads
 * meet, and part of the traffic runs alone: gets of all threads and nothing
 * else; then one thread makes calls of one sort, and waits, while the others
 * put. All the while somebody else uses a small cache of his own, and all share
 * a spare one, of which they want to know nothing: their puts and most of their
 * gets there pass NULL.
 *
 * Evidence: `evicted`, `removed`, `inside` (item numbers, thread << 32 | seq,
 * or STRANGER); the counts `wrong_values` (of gets and evictions), `size_max`
 * (seen by anybody) and `size_end`. In the stress build a call that takes
 * CALL_STEPS of its own steps, yields apart, breaks the traffic off. */
#include "driver.h"

#include <pthread.h>
#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "rng.h"
#include "scenario.h"

#define CALL_STEPS 200000
#define HOT_KEYS 4
#define GATES 3
#define BYSTANDERS 4 /* the capacity of his cache, and of the spare one */
#define MEETING 32   /* items from one meeting to the next */
#define STRANGER UINT64_MAX
#define KEY(item) ((item) + HOT_KEYS)

enum call { GET = 1, PUT, REMOVE, SIZE };

/* What one thread has seen; nobody else looks before it has been joined. */
struct witness {
    uint64_t number, *evicted, *removed;
    uint64_t evicted_count, removed_count, wrong_values, size_max;
};

static struct {
    uint64_t seed, threads, items;
    const struct kind *kind;
    void *cache, *spare;
    struct gate gates[GATES];
    struct witness *witnesses;
} c;
static _Thread_local enum call current;

static void endless(void) {
    static const char *const calls[KINDS][SIZE + 1] = {
        [LRU] = {[GET] = "lru_get", [PUT] = "lru_put", [REMOVE] = "lru_remove", [SIZE] = "lru_size"},
        [LFU] = {[GET] = "lfu_get", [PUT] = "lfu_put", [REMOVE] = "lfu_remove", [SIZE] = "lfu_size"},
    };
    evidence_broken_off(calls[c.kind - kinds][current], "had not ended after 200,000 of its own steps", "an end",
                        "which loop has no end once a list leads back into itself, and who could make it do so?");
}

/* A thread that yields may have to wait for long: the machine is busy with others. */
static void count_anew(void) {
    pace_count_steps(CALL_STEPS, endless);
}

static void begin(enum call call) {
    current = call;
    count_anew();
}

static bool known(uint64_t key) {
    uint64_t item = key - HOT_KEYS;
    return key >= HOT_KEYS && item >> 32 < c.threads && (item & UINT32_MAX) < c.items;
}

static void get(struct witness *w, uint64_t key) {
    uint64_t value;
    begin(GET);
    bool found = c.kind->get(c.cache, key, &value);
    pace_count_steps(0, NULL);
    if (found && value != value_of(key)) w->wrong_values++;
}

static void put(struct witness *w, uint64_t key) {
    struct cache_entry out;
    begin(PUT);
    bool left = c.kind->put(c.cache, key, value_of(key), &out);
    pace_count_steps(0, NULL);
    if (!left || out.key < HOT_KEYS) return;
    w->evicted[w->evicted_count++] = known(out.key) ? out.key - HOT_KEYS : STRANGER;
    if (known(out.key) && out.value != value_of(out.key)) w->wrong_values++;
}

static void discard(struct witness *w, uint64_t item) {
    begin(REMOVE);
    if (c.kind->remove(c.cache, KEY(item))) w->removed[w->removed_count++] = item;
    pace_count_steps(0, NULL);
}

static void ask_size(struct witness *w) {
    begin(SIZE);
    uint64_t size = c.kind->size(c.cache);
    pace_count_steps(0, NULL);
    if (size > w->size_max) w->size_max = size;
}

static void use_spare(struct witness *w, uint64_t draw) {
    uint64_t key = draw % (2 * BYSTANDERS), value;
    (void)c.kind->put(c.spare, key, value_of(key), NULL);    /* whoever leaves */
    (void)c.kind->get(c.spare, draw >> 8 & 3, NULL);         /* found or not */
    if (draw >> 16 & 1 && c.kind->get(c.spare, key, &value)) /* others may have evicted it */
        w->wrong_values += value != value_of(key);
}

static void one_sort(struct witness *w, uint64_t round) {
    switch (round / c.threads % 3) {
    case 0:
        get(w, round % HOT_KEYS);
        break;
    case 1:
        ask_size(w);
        break;
    default:
        get(w, UINT64_MAX - round); /* nobody's */
    }
}

/* Nothing but the cache orders what happens between two gates. They are gates of
 * their own: to ThreadSanitizer, who arrives at one comes before everybody who
 * has not yet got away from it, be it a round later. */
static void meet(struct witness *w, uint64_t round) {
    gate_pass(&c.gates[0]);
    for (uint64_t key = 0; key < HOT_KEYS; key++) get(w, key);
    gate_pass(&c.gates[1]);
    if (round % c.threads == w->number)
        one_sort(w, round);
    else
        for (uint64_t i = 0; i < 2 * HOT_KEYS; i++) put(w, i % HOT_KEYS);
    gate_pass(&c.gates[2]);
}

static void take_part(uint64_t number) {
    struct witness *w = &c.witnesses[number];
    struct rng rng = rng_new(c.seed, w->number);
    pace_unsteady(c.seed, w->number);
    at_yield = count_anew;
    for (uint64_t seq = 0; seq < c.items; seq++) {
        uint64_t first = w->number << 32, draw = rng_next(&rng);
        if (seq % MEETING == 0) meet(w, seq / MEETING);
        put(w, KEY(first | seq));
        get(w, KEY(first | (seq - draw % 8 % (seq + 1))));
        get(w, draw >> 8 & 3);
        if (draw >> 16 & 1) put(w, draw >> 17 & 3);
        if ((draw >> 20) % 4 == 0) discard(w, first | (seq - (draw >> 22) % 4 % (seq + 1)));
        if ((draw >> 24) % 4 == 0) ask_size(w);
        if ((draw >> 26) % 4 == 0) use_spare(w, draw >> 28);
        if (seq % 1024 == 0 && w->number == 0) evidence_progress();
    }
}

/* Its keys leave in the order in which they came. */
static void *stand_by(void *argument) {
    struct witness *w = argument;
    void *cache = new_cache((uint64_t)(c.kind - kinds), BYSTANDERS);
    pace_unsteady(c.seed, c.threads);
    for (uint64_t key = 0; key < c.items; key++) {
        struct cache_entry out = {0, 0};
        bool left = c.kind->put(cache, key, value_of(key), &out), due = key >= BYSTANDERS;
        w->wrong_values += left != due || (due && (out.key != key - BYSTANDERS || out.value != value_of(out.key)));
    }
    c.kind->free(cache);
    return NULL;
}

/* At most one entry a call can come out, hot keys included. */
static void prepare(struct witness *w, uint64_t number) {
    w->number = number;
    w->evicted = calloc(2 * c.items, sizeof *w->evicted);
    w->removed = calloc(c.items, sizeof *w->removed);
}

static size_t append(uint64_t *to, size_t length, const uint64_t *from, size_t count) {
    for (size_t i = 0; i < count; i++) to[length + i] = from[i];
    return length + count;
}

static void report_inside(struct witness *w) {
    uint64_t *inside = calloc(c.threads * c.items, sizeof *inside), value;
    size_t count = 0;
    for (uint64_t thread = 0; thread < c.threads; thread++)
        for (uint64_t seq = 0; seq < c.items; seq++)
            if (c.kind->get(c.cache, KEY(thread << 32 | seq), &value)) {
                inside[count++] = thread << 32 | seq;
                w->wrong_values += value != value_of(KEY(thread << 32 | seq));
            }
    for (uint64_t key = 0; key < HOT_KEYS; key++) (void)c.kind->remove(c.cache, key); /* absent or not */
    evidence_series("inside", inside, count);
    evidence_count("size_end", c.kind->size(c.cache));
    free(inside);
}

static void report(void) {
    uint64_t *evicted = calloc(2 * c.threads * c.items, sizeof *evicted), evicted_count = 0;
    uint64_t *removed = calloc(c.threads * c.items, sizeof *removed), removed_count = 0;
    uint64_t wrong_values = 0, size_max = 0;
    report_inside(&c.witnesses[0]);
    for (struct witness *w = c.witnesses; w < c.witnesses + c.threads; w++) {
        evicted_count = append(evicted, evicted_count, w->evicted, w->evicted_count);
        removed_count = append(removed, removed_count, w->removed, w->removed_count);
        wrong_values += w->wrong_values;
        if (w->size_max > size_max) size_max = w->size_max;
        free(w->evicted), free(w->removed);
    }
    evidence_series("evicted", evicted, evicted_count);
    evidence_series("removed", removed, removed_count);
    evidence_count("wrong_values", wrong_values);
    evidence_count("size_max", size_max);
    free(evicted), free(removed);
}

void crowd(uint64_t seed) {
    c.seed = seed;
    c.threads = scenario_param("threads");
    c.items = scenario_param("items");
    c.kind = &kinds[scenario_param("kind")];
    c.cache = new_cache(scenario_param("kind"), scenario_param("capacity"));
    c.spare = new_cache(scenario_param("kind"), BYSTANDERS);
    for (int i = 0; i < GATES; i++) gate_init(&c.gates[i], c.threads);
    c.witnesses = calloc(c.threads, sizeof *c.witnesses);
    struct witness bystander = {0};
    pthread_t beside = gate_thread(stand_by, &bystander);
    for (uint64_t i = 0; i < c.threads; i++) prepare(&c.witnesses[i], i);
    crew_join(crew_start(c.threads, take_part));
    pthread_join(beside, NULL);
    c.witnesses[0].wrong_values += bystander.wrong_values;
    report();
    c.kind->free(c.cache);
    c.kind->free(c.spare);
    free(c.witnesses);
    for (int i = 0; i < GATES; i++) gate_destroy(&c.gates[i]);
}
