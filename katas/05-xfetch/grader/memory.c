/* SPDX-License-Identifier: MIT */
/* memory.c -- what the cache does without memory.
 *
 *   no_memory   xfetch_new with the first allocation refused, the second, ...,
 *               until it needs no more; xfetch_get of new, live and expired keys
 *               likewise, alone and with all later ones
 *
 * Evidence: `kept`, by attempt of xfetch_new that answered NULL, the allocations
 * still held; `attempts`; by refused get `answers` and `wrong` (1: a value that
 * no load of the key has brought, or one overwritten with XFETCH_FAILED);
 * `not_fresh`, gets with memory again that were not answered FRESH with the right
 * value; `live_after_free`; `more_live` and `more_bytes`, the allocations held
 * after LOADS more loads, of expired values and of keys that never come back,
 * every other of them in vain, beyond those held before. */
#include "driver.h"

#include "evidence.h"
#include "heap.h"
#include "scenario.h"

#define ATTEMPTS 32
#define REFUSALS 4 /* allocations of one get, and then some */
#define ANSWERS 256
#define LOADS 40000
#define UNTOUCHED UINT64_C(0x5ca1ab1e5ca1ab1e)

static uint64_t kept[ATTEMPTS], answers[ANSWERS], wrong[ANSWERS], asked, not_fresh;

static uint64_t refuse_news(struct world *w) {
    uint64_t n = 0;
    for (; n < ATTEMPTS; n++) {
        int64_t live = heap_live();
        heap_refuse_from(n + 1);
        struct xfetch_cache *cache = xfetch_new(4, 1, world_env(w));
        heap_refuse_from(0);
        kept[n] = (uint64_t)(heap_live() - live);
        xfetch_free(cache);
        if (cache) break;
    }
    return n;
}

static void ask(struct xfetch_cache *cache, uint64_t key) {
    uint64_t value = UNTOUCHED;
    answers[asked] = xfetch_get(cache, key, &value);
    wrong[asked] = answers[asked] == XFETCH_FAILED ? value != UNTOUCHED : value != world_value(key);
    asked++;
}

static void ask_refused(struct xfetch_cache *cache, struct world *w, uint64_t nth, void (*refuse)(uint64_t)) {
    for (uint64_t key = 0; key < 8; key++) {
        uint64_t value;
        refuse(nth);
        ask(cache, key); /* missing, or expired by now, or a value that others had to leave for */
        refuse(0);
        not_fresh += xfetch_get(cache, key, &value) != XFETCH_FRESH || value != world_value(key);
        w->now_s += key % 2 * 40;
    }
}

static void load_often(struct xfetch_cache *cache, struct world *w) {
    int64_t live = heap_live(), bytes = heap_live_bytes();
    for (uint64_t i = 0; i < LOADS; i++) {
        uint64_t value;
        w->now_s += 200; /* all has expired */
        w->fails = i / 2 % 2;
        (void)xfetch_get(cache, i % 2 ? 100 + i : i % 8, &value);
    }
    evidence_count("more_live", (uint64_t)(heap_live() - live));
    evidence_count("more_bytes", (uint64_t)(heap_live_bytes() - bytes));
}

void no_memory(uint64_t seed) {
    struct world w = {.now_s = 1000, .load_s = 1, .ttl_s = 100, .rng = rng_new(seed, 0)};
    int64_t live = heap_live();
    uint64_t attempts = refuse_news(&w);
    struct xfetch_cache *cache = new_cache(6, 1, world_env(&w));
    for (uint64_t nth = 1; nth <= REFUSALS; nth++) {
        ask_refused(cache, &w, nth, heap_refuse_only);
        ask_refused(cache, &w, nth, heap_refuse_from);
    }
    load_often(cache, &w);
    xfetch_free(cache);
    evidence_series("kept", kept, attempts);
    evidence_series("answers", answers, asked);
    evidence_series("wrong", wrong, asked);
    evidence_count("attempts", attempts);
    evidence_count("not_fresh", not_fresh);
    evidence_count("live_after_free", (uint64_t)(heap_live() - live));
}
