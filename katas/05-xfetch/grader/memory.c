/* SPDX-License-Identifier: MIT */
/* memory.c -- what the cache does without memory.
 *
 *   no_memory   xfetch_new, see refusals.h; then xfetch_get in each situation
 *               with its first allocation refused, the second, ..., until it
 *               asks for no more; once with all later ones refused too, once
 *               without
 *
 * Evidence beside: by refused get the rows `gets`; `more_live` and `more_bytes`,
 * the allocations held after LOADS more loads, of expired values and of keys that
 * never come back, every other of them in vain, beyond those held before. */
#include "driver.h"

#include "evidence.h"
#include "heap.h"
#include "refusals.h"
#include "scenario.h"

#define ATTEMPTS 64 /* per situation and way of refusing */
#define LOADS 40000
#define UNTOUCHED UINT64_C(0x5ca1ab1e5ca1ab1e)

/* Of the key: missing; missing, and there is no room; expired; live and due. */
enum situation { MISSING, FULL, EXPIRED, DUE, SITUATIONS };

/* `nth`: the allocation that was to be refused, from 1; `alone`: no later one;
 * `wrong`: a value that no load of the key has brought, or one overwritten with
 * XFETCH_FAILED; `again`: with memory, a get of the key is answered FRESH with the right
 * value; `kept`: allocations still held after xfetch_free. */
EVIDENCE_ROW(get, situation, nth, alone, answer, wrong, again, kept);
static struct get gets[2 * SITUATIONS * ATTEMPTS];
static uint64_t asked;
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

static bool gets_fresh(struct xfetch_cache *cache, uint64_t key) {
    uint64_t value;
    return xfetch_get(cache, key, &value) == XFETCH_FRESH && value == world_value(key);
}

/* The key that the situation is about. */
static uint64_t prepare(struct xfetch_cache *cache, enum situation situation) {
    if (situation == MISSING) return 7;
    (void)gets_fresh(cache, 7);
    (void)gets_fresh(cache, 8);
    if (situation == FULL) return 9;
    w.now_s += situation == EXPIRED ? 2 * w.ttl_s : w.ttl_s - w.load_s - 1e-6;
    return 7;
}

/* False: so many allocations were not asked for. */
static bool ask_refused(enum situation situation, uint64_t nth, bool alone) {
    struct get *get = &gets[asked++];
    int64_t live = heap_live();
    uint64_t value = UNTOUCHED;
    struct xfetch_cache *cache = new_cache(2, 1, world_env(&w));
    uint64_t key = prepare(cache, situation), before = heap_allocations();
    alone ? heap_refuse_only(nth) : heap_refuse_from(nth);
    *get = (struct get){.situation = situation, .nth = nth, .alone = alone, .answer = xfetch_get(cache, key, &value)};
    heap_refuse_from(0);
    bool refused = heap_allocations() - before >= nth;
    get->wrong = get->answer == XFETCH_FAILED ? value != UNTOUCHED : value != world_value(key);
    get->again = gets_fresh(cache, key);
    xfetch_free(cache);
    get->kept = (uint64_t)(heap_live() - live);
    return refused;
}

static void refuse_gets(void) {
    for (enum situation situation = 0; situation < SITUATIONS; situation++)
        for (int alone = 0; alone < 2; alone++)
            for (uint64_t nth = 1; nth <= ATTEMPTS && ask_refused(situation, nth, alone); nth++) continue;
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
    refuse_gets();
    struct xfetch_cache *cache = new_cache(6, 1, world_env(&w));
    load_often(cache);
    xfetch_free(cache);
    evidence_rows("gets", get, gets, asked);
}
