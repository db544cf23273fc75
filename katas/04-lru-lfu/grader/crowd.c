/* SPDX-License-Identifier: MIT */
/* crowd.c -- threads that share one cache.
 *
 *   crowd  kind, threads, items (each), capacity
 *
 * Each item is a key of its own that is put once, so it leaves once: evicted by
 * some thread's put, removed by its own thread, or found inside at the end. All
 * threads also get and put a few hot keys, which are not counted. The value of
 * an item or a hot key is a function of the key. Each thread also overwrites a
 * key that no other thread puts, with a new value each time, and gets it.
 *
 * Locks order whatever happens before and after them, so that a sanitizer
 * rarely sees the one access that was made without a lock. So now and then the
 * threads meet, and part of the traffic runs alone: gets of all threads and
 * nothing else; then one thread makes calls of one sort, and waits, while the
 * others put. All the while another thread uses a small cache that nobody else
 * uses, and all share a spare one, where their puts and most of their gets pass
 * NULL.
 *
 * Evidence: `evicted`, `removed`, `inside` (item numbers, thread << 32 | seq,
 * or STRANGER); `odd`, four numbers for each of the first wrong answers (struct odd);
 * the counts `size_max` (the largest that a thread saw) and `size_end`. In the
 * stress build a call that takes CALL_STEPS steps without a yield breaks the
 * traffic off. */
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
#define BYSTANDERS 4 /* the capacity of the small cache, and of the spare one */
#define MEETING 32   /* items from one meeting to the next, and keys in the life of the small cache */
#define STRANGER UINT64_MAX
#define THREADS_MAX 12
#define OWN_KEY(thread) (HOT_KEYS + (thread))
#define OWN_VALUE(thread, version) ((uint64_t)1 << 62 | (thread) << 32 | (version)) /* no other key's */
#define ITEMS_FROM (HOT_KEYS + THREADS_MAX)
#define KEY(item) ((item) + ITEMS_FROM)
#define ODD_MAX 4 /* of each thread */

enum call { GET = 1, PUT, REMOVE, SIZE };

/* FOUND: a get of `key` answered the value `came`, and not `due`. LEFT: a put told that `key` left with the value
 * `came`. In the cache that one thread uses alone, a put of `key`: EARLY, evicted key `came`, with room for more; NONE,
 * evicted nothing, where key `due` had to leave; ANOTHER, evicted key `came`, where `due` had to leave. */
enum oddity { FOUND = 1, LEFT, EARLY, NONE, ANOTHER };
struct odd {
    uint64_t what, key, due, came;
};

/* What one thread has seen; no other thread looks before this one was joined. */
struct witness {
    uint64_t number, version, *evicted, *removed;
    uint64_t evicted_count, removed_count, size_max;
    struct odd odd[ODD_MAX];
    size_t odd_count;
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
    evidence_broken_off(
        calls[c.kind - kinds][current], "had not ended after 200,000 of its own steps", "an end",
        "which loop has no end once a list leads back into itself, and which two calls at once could make it do so?");
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
    uint64_t item = key - ITEMS_FROM;
    return key >= ITEMS_FROM && item >> 32 < c.threads && (item & UINT32_MAX) < c.items;
}

static void note(struct witness *w, enum oddity what, uint64_t key, uint64_t due, uint64_t came) {
    if (w->odd_count < ODD_MAX) w->odd[w->odd_count++] = (struct odd){what, key, due, came};
}

static void compare(struct witness *w, enum oddity what, uint64_t key, uint64_t due, uint64_t came) {
    if (came != due) note(w, what, key, due, came);
}

static void get(struct witness *w, uint64_t key) {
    uint64_t value;
    begin(GET);
    bool found = c.kind->get(c.cache, key, &value);
    pace_count_steps(0, NULL);
    if (found) compare(w, FOUND, key, value_of(key), value);
}

/* What a put told of the entry that left. */
static void see_leave(struct witness *w, struct cache_entry out) {
    uint64_t thread = out.key - OWN_KEY(0);
    if (out.key >= OWN_KEY(0) && thread < c.threads) {
        bool own = out.value > OWN_VALUE(thread, 0) && out.value < OWN_VALUE(thread + 1, 0);
        if (!own) note(w, LEFT, out.key, OWN_VALUE(thread, 1), out.value);
        return;
    }
    if (out.key >= HOT_KEYS) w->evicted[w->evicted_count++] = known(out.key) ? out.key - ITEMS_FROM : STRANGER;
    if (out.key < HOT_KEYS || known(out.key)) compare(w, LEFT, out.key, value_of(out.key), out.value);
}

static void put_value(struct witness *w, uint64_t key, uint64_t value) {
    struct cache_entry out;
    begin(PUT);
    bool left = c.kind->put(c.cache, key, value, &out);
    pace_count_steps(0, NULL);
    if (left) see_leave(w, out);
}

static void put(struct witness *w, uint64_t key) {
    put_value(w, key, value_of(key));
}

/* No other thread puts this key. The entry may be evicted before the get. */
static void overwrite_own(struct witness *w) {
    uint64_t key = OWN_KEY(w->number), value;
    for (int i = 0; i < 3; i++) put_value(w, key, OWN_VALUE(w->number, ++w->version));
    begin(GET);
    bool found = c.kind->get(c.cache, key, &value);
    pace_count_steps(0, NULL);
    if (found) compare(w, FOUND, key, OWN_VALUE(w->number, w->version), value);
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
    (void)c.kind->put(c.spare, key, value_of(key), NULL);    /* whichever entry leaves */
    (void)c.kind->get(c.spare, draw >> 8 & 3, NULL);         /* found or not */
    if (draw >> 16 & 1 && c.kind->get(c.spare, key, &value)) /* others may have evicted it */
        compare(w, FOUND, key, value_of(key), value);
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
        get(w, UINT64_MAX - round); /* no thread puts it */
    }
}

/* Nothing but the cache orders what happens between two gates. Each place has a
 * gate of its own: to ThreadSanitizer, a thread that arrives at a gate comes
 * before all threads that have not left that gate yet, even a round later. */
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
        if ((draw >> 56) % 8 == 0) overwrite_own(w);
        if (seq % 1024 == 0 && w->number == 0) evidence_progress();
    }
}

/* Keys leave this cache in the order in which they came, once it is full. */
static void live_alone(struct witness *w, uint64_t first) {
    void *cache = new_cache((uint64_t)(c.kind - kinds), BYSTANDERS);
    for (uint64_t key = first; key < first + MEETING; key++) {
        struct cache_entry out = {0, 0};
        uint64_t due = key - BYSTANDERS;
        bool left = c.kind->put(cache, key, value_of(key), &out), full = due >= first && key >= BYSTANDERS;
        if (left && !full) note(w, EARLY, key, 0, out.key);
        if (!left && full) note(w, NONE, key, due, 0);
        if (left && full) compare(w, ANOTHER, key, due, out.key);
        if (left && full && out.key == due) compare(w, LEFT, due, value_of(due), out.value);
    }
    c.kind->free(cache);
}

static void *stand_by(void *argument) {
    pace_unsteady(c.seed, c.threads);
    for (uint64_t first = 0; first < c.items; first += MEETING) live_alone(argument, first);
    return NULL;
}

/* At most one entry a call can come out, hot keys included. */
static void prepare(struct witness *w, uint64_t number) {
    w->number = number;
    w->evicted = calloc(3 * c.items, sizeof *w->evicted);
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
                uint64_t item = thread << 32 | seq;
                inside[count++] = item;
                compare(w, FOUND, KEY(item), value_of(KEY(item)), value);
            }
    for (uint64_t key = 0; key < ITEMS_FROM; key++) (void)c.kind->remove(c.cache, key); /* absent or not */
    evidence_series("inside", inside, count);
    evidence_count("size_end", c.kind->size(c.cache));
    free(inside);
}

static void report(void) {
    uint64_t *evicted = calloc(3 * c.threads * c.items, sizeof *evicted), evicted_count = 0;
    uint64_t *removed = calloc(c.threads * c.items, sizeof *removed), removed_count = 0;
    uint64_t size_max = 0;
    static struct odd odd[THREADS_MAX * ODD_MAX];
    size_t odd_count = 0;
    report_inside(&c.witnesses[0]);
    for (struct witness *w = c.witnesses; w <= c.witnesses + c.threads; w++) {
        evicted_count = append(evicted, evicted_count, w->evicted, w->evicted_count);
        removed_count = append(removed, removed_count, w->removed, w->removed_count);
        for (size_t i = 0; i < w->odd_count; i++) odd[odd_count++] = w->odd[i];
        if (w->size_max > size_max) size_max = w->size_max;
        free(w->evicted), free(w->removed);
    }
    evidence_series("evicted", evicted, evicted_count);
    evidence_series("removed", removed, removed_count);
    evidence_series("odd", &odd[0].what, odd_count * (sizeof odd[0] / sizeof(uint64_t)));
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
    if (c.threads >= THREADS_MAX) abort();
    c.witnesses = calloc(c.threads + 1, sizeof *c.witnesses);
    struct witness bystander = {0};
    pthread_t beside = gate_thread(stand_by, &bystander);
    for (uint64_t i = 0; i < c.threads; i++) prepare(&c.witnesses[i], i);
    crew_join(crew_start(c.threads, take_part));
    pthread_join(beside, NULL);
    c.witnesses[c.threads] = bystander;
    report();
    c.kind->free(c.cache);
    c.kind->free(c.spare);
    free(c.witnesses);
    for (int i = 0; i < GATES; i++) gate_destroy(&c.gates[i]);
}
