/* SPDX-License-Identifier: MIT */
/* memory.c -- what the cache does without memory.
 *
 *   no_memory   xfetch_new, see refusals.h; then xfetch_get of new, live and
 *               expired keys with an allocation refused, alone and with all later
 *               ones
 *
 * Evidence beside: by refused get the rows `gets`, `wrong` being 1 for a value
 * that no load of the key has brought, or one overwritten with XFETCH_FAILED;
 * `not_fresh`, gets with memory again that were not answered FRESH with the right
 * value; `live_after_free`; `more_live` and `more_bytes`, the allocations held
 * after LOADS more loads, of expired values and of keys that never come back,
 * every other of them in vain, beyond those held before. */
#include "driver.h"

#include "evidence.h"
#include "heap.h"
#include "refusals.h"
#include "scenario.h"

#define REFUSALS 4 /* allocations of one get, and then some */
#define ANSWERS 256
#define LOADS 40000
#define UNTOUCHED UINT64_C(0x5ca1ab1e5ca1ab1e)

EVIDENCE_ROW(get, answer, wrong);
static struct get gets[ANSWERS];
static uint64_t asked, not_fresh;
static struct world w;

static void *make(void) {
    return xfetch_new(4, 1, world_env(&w));
}

static bool works(void *cache) {
    uint64_t value;
    return xfetch_get(cache, 7, &value) == XFETCH_FRESH && value == world_value(7);
}

static void end(void *cache) {
    xfetch_free(cache);
}

static void live(uint64_t number) {
    struct xfetch_cache *cache = new_cache(4, 1, world_env(&w));
    for (uint64_t key = 0; key < number % 8; key++) {
        uint64_t value;
        (void)xfetch_get(cache, key, &value);
    }
    xfetch_free(cache);
}

static void ask(struct xfetch_cache *cache, uint64_t key) {
    uint64_t value = UNTOUCHED;
    struct get *get = &gets[asked++];
    get->answer = xfetch_get(cache, key, &value);
    get->wrong = get->answer == XFETCH_FAILED ? value != UNTOUCHED : value != world_value(key);
}

static void ask_refused(struct xfetch_cache *cache, uint64_t nth, void (*refuse)(uint64_t)) {
    for (uint64_t key = 0; key < 8; key++) {
        uint64_t value;
        refuse(nth);
        ask(cache, key); /* missing, or expired by now, or a value that others had to leave for */
        refuse(0);
        not_fresh += xfetch_get(cache, key, &value) != XFETCH_FRESH || value != world_value(key);
        w.now_s += key % 2 * 40;
    }
}

static void load_often(struct xfetch_cache *cache) {
    int64_t live = heap_live(), bytes = heap_live_bytes();
    for (uint64_t i = 0; i < LOADS; i++) {
        uint64_t value;
        w.now_s += 200; /* all has expired */
        w.fails = i / 2 % 2;
        (void)xfetch_get(cache, i % 2 ? 100 + i : i % 8, &value);
    }
    evidence_count("more_live", (uint64_t)(heap_live() - live));
    evidence_count("more_bytes", (uint64_t)(heap_live_bytes() - bytes));
}

void no_memory(uint64_t seed) {
    w = (struct world){.now_s = 1000, .load_s = 1, .ttl_s = 100, .rng = rng_new(seed, 0)};
    refuse_each(&(struct refused_object){make, works, end, live});
    int64_t before = heap_live();
    struct xfetch_cache *cache = new_cache(6, 1, world_env(&w));
    for (uint64_t nth = 1; nth <= REFUSALS; nth++) {
        ask_refused(cache, nth, heap_refuse_only);
        ask_refused(cache, nth, heap_refuse_from);
    }
    load_often(cache);
    xfetch_free(cache);
    evidence_rows("gets", get, gets, asked);
    evidence_count("not_fresh", not_fresh);
    evidence_count("live_after_free", (uint64_t)(heap_live() - before));
}
