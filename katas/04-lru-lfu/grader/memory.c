/* SPDX-License-Identifier: MIT */
/* memory.c -- what the caches take, and how large they may be.
 *
 *   no_memory   kind   see refusals.h
 *   capacities  kind   sizes that must work; sizes that may be refused
 *
 * Evidence of capacities, for each: `capacity`, and a row of `tried`. */
#include "driver.h"

#include "evidence.h"
#include "refusals.h"
#include "scenario.h"

#define MANY 100000

static const struct kind *own;

static void *make(void) {
    return own->new(4);
}

static bool works(void *cache) {
    uint64_t value = 0;
    own->put(cache, 7, 70, NULL);
    return own->get(cache, 7, &value) && value == 70;
}

static void live(uint64_t number) {
    void *cache = new_cache(scenario_param("kind"), 8);
    for (uint64_t key = 0; key < 20; key++) own->put(cache, key, number, NULL);
    for (uint64_t key = 10; key < 20; key++) (void)own->remove(cache, key); /* there or not */
    own->free(cache);
}

void no_memory(uint64_t seed) {
    (void)seed;
    own = &kinds[scenario_param("kind")];
    refuse_each(&(struct refused_object){make, works, own->free, live});
}

/* Zero first; then what must work; then what a product with the size of some
 * node wraps round, or what 32 bits cut off. */
static const uint64_t sizes[] = {
    0,
    1,
    2,
    255,
    65537,
    (size_t)1 << 24,
    ((size_t)1 << 32) + 1,
    ((size_t)1 << 58) + 1,
    ((size_t)1 << 59) + 1,
    ((size_t)1 << 60) + 1,
    ((size_t)1 << 61) + 1,
    SIZE_MAX / 24 + 2,
    SIZE_MAX / 40 + 2,
    SIZE_MAX / 48 + 2,
    SIZE_MAX / 56 + 2,
    ((size_t)1 << 63) + 1,
    SIZE_MAX - 1,
    SIZE_MAX,
};
#define SIZES (sizeof sizes / sizeof *sizes)

EVIDENCE_ROW(trial, answered, put, evicted, found, size);
static struct trial tried[SIZES];

/* One key more than the capacity, or MANY. A cache that may be refused gets
 * fewer: what 32 bits cut off shows at once. */
static void fill(const struct kind *kind, void *cache, size_t at) {
    struct trial *t = &tried[at];
    uint64_t most = sizes[at] >> 25 ? 100 : MANY;
    t->put = sizes[at] < most ? sizes[at] + 1 : most;
    for (uint64_t key = 0; key < t->put; key++) t->evicted += kind->put(cache, key, value_of(key), NULL);
    for (uint64_t key = 0; key < t->put; key++) {
        uint64_t value;
        if (kind->get(cache, key, &value) && value == value_of(key)) t->found++;
    }
    t->size = kind->size(cache);
}

void capacities(uint64_t seed) {
    (void)seed;
    const struct kind *kind = &kinds[scenario_param("kind")];
    for (size_t at = 0; at < SIZES; at++) {
        void *cache = kind->new(sizes[at]);
        tried[at].answered = cache != NULL;
        if (!cache) continue;
        fill(kind, cache, at);
        kind->free(cache);
        evidence_progress();
    }
    evidence_series("capacity", sizes, SIZES);
    evidence_rows("tried", trial, tried, SIZES);
}
