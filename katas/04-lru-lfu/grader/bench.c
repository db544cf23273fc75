/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of work, timed from outside.
 *
 *   bench  kind, threads, calls (in all), capacity
 *
 * Nine calls in ten are gets, one is a put; keys are Zipf with s = 0.99 out of
 * a million. They are drawn before, a list of DRAWS for all threads, each of
 * which begins elsewhere and goes round: drawing takes as long as a call. The
 * cache starts full of other keys, so every put of a new key evicts.
 *
 * Values follow from their keys and from numbers that are others in each run, so
 * that they are known to who has stored them; they are checked on every hit.
 * Evidence: `gets`, `hits`, `wrong_values`, `size`. */
#include "driver.h"

#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "scenario.h"
#include "zipf.h"

#define KEYS 1000000
#define DRAWS (1 << 19)

struct user {
    uint64_t first, gets, hits, wrong_values;
};

static struct {
    const struct kind *kind;
    void *cache;
    uint64_t calls_each, secrets[2];
    struct user *users;
    uint32_t ranks[DRAWS];
} b;

/* Popular keys are no neighbours. */
static uint64_t key_of(uint32_t rank) {
    return rank * 0x9e3779b97f4a7c15u;
}

static uint64_t worth(uint64_t key) {
    uint64_t value = (key ^ b.secrets[0]) * 0xbf58476d1ce4e5b9u;
    return (value ^ value >> 32) * 0x94d049bb133111ebu + b.secrets[1];
}

static void use(uint64_t number) {
    struct user seen = b.users[number];
    for (uint64_t i = 0; i < b.calls_each; i++) {
        uint64_t key = key_of(b.ranks[(seen.first + i) % DRAWS]), value;
        if (i % 10 == 9) {
            struct cache_entry evicted;
            if (b.kind->put(b.cache, key, worth(key), &evicted))
                seen.wrong_values += evicted.value != worth(evicted.key);
        } else {
            seen.gets++;
            if (!b.kind->get(b.cache, key, &value)) continue;
            seen.hits++;
            seen.wrong_values += value != worth(key);
        }
    }
    b.users[number] = seen; /* once: users lie side by side */
}

static void fill(uint64_t capacity) {
    for (uint64_t i = 0; i < capacity; i++) {
        uint64_t key = key_of((uint32_t)(KEYS + 1 + i));
        (void)b.kind->put(b.cache, key, worth(key), NULL); /* there is room */
    }
}

static void prepare(uint64_t seed) {
    struct rng rng = rng_new(1, 0), secrets = rng_new(seed, 1); /* the same work every time */
    for (int i = 0; i < 2; i++) b.secrets[i] = rng_next(&secrets);
    struct zipf zipf = zipf_new(KEYS, 0.99);
    for (size_t i = 0; i < DRAWS; i++) b.ranks[i] = (uint32_t)zipf_draw(&zipf, &rng);
    b.kind = &kinds[scenario_param("kind")];
    b.cache = new_cache(scenario_param("kind"), scenario_param("capacity"));
    fill(scenario_param("capacity"));
}

void bench(uint64_t seed) {
    uint64_t threads = scenario_param("threads"), gets = 0, hits = 0, wrong_values = 0;
    b.users = calloc(threads, sizeof *b.users);
    prepare(seed);
    b.calls_each = scenario_param("calls") / threads;
    for (uint64_t i = 0; i < threads; i++) b.users[i].first = i * (DRAWS / threads);
    crew_join(crew_start(threads, use));
    for (struct user *user = b.users; user < b.users + threads; user++)
        gets += user->gets, hits += user->hits, wrong_values += user->wrong_values;
    evidence_count("gets", gets);
    evidence_count("hits", hits);
    evidence_count("wrong_values", wrong_values);
    evidence_count("size", b.kind->size(b.cache));
    b.kind->free(b.cache);
    free(b.users);
}
