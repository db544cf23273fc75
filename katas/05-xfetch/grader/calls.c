/* SPDX-License-Identifier: MIT */
/* calls.c -- scripted calls, in a world that does what it is told.
 *
 * Doubles come and go as their 64 bits: that way NaN and infinity arrive too.
 * The value of a key's n-th load is known to this file alone; scripts see "v1",
 * "v2" and so on. The first key's v1 is 0 and the second's UINT64_MAX, values like
 * any other. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "xfetch.h"

#define KEYS_MAX 64

static struct {
    double now_s, load_s, ttl_s, uniform, draw_s;
    bool fails;
    uint64_t key[KEYS_MAX], number[KEYS_MAX]; /* of loads so far, by key */
    uint64_t keys, loads, draws;
} w;

static double from_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t place_of(uint64_t key) {
    uint64_t at = 0;
    while (at < w.keys && w.key[at] != key) at++;
    if (at == w.keys && w.keys < KEYS_MAX - 1) w.key[w.keys++] = key;
    return at;
}

/* Even keys count from 0 up, odd ones from UINT64_MAX down. */
static uint64_t value_of(uint64_t at, uint64_t number) {
    uint64_t value = at / 2 << 32 | number;
    return at % 2 ? ~value : value;
}

static double now(void *world) {
    (void)world;
    return w.now_s;
}

static double uniform(void *world) {
    (void)world;
    w.draws++;
    w.now_s += w.draw_s;
    return w.uniform;
}

static bool load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    (void)world;
    uint64_t at = place_of(key);
    w.loads++;
    w.number[at]++;
    w.now_s += w.load_s;
    *value = w.fails ? UINT64_MAX / 2 : value_of(at, w.number[at] - 1);
    *ttl_s = w.ttl_s;
    return !w.fails;
}

/* A new world. */
void script_begin(uint64_t now_s);
void script_begin(uint64_t now_s) {
    memset(&w, 0, sizeof w);
    w.now_s = from_bits(now_s);
}

struct xfetch_cache *script_new(uint64_t capacity, uint64_t beta);
struct xfetch_cache *script_new(uint64_t capacity, uint64_t beta) {
    return xfetch_new(capacity, from_bits(beta), (struct xfetch_env){now, uniform, load, NULL});
}

/* How loads go from here on. */
void script_origin(uint64_t load_s, uint64_t ttl_s, int fails);
void script_origin(uint64_t load_s, uint64_t ttl_s, int fails) {
    w.load_s = from_bits(load_s), w.ttl_s = from_bits(ttl_s), w.fails = fails;
}

/* What is drawn from here on, and how long a draw takes. */
void script_draw(uint64_t number, uint64_t draw_s);
void script_draw(uint64_t number, uint64_t draw_s) {
    w.uniform = from_bits(number), w.draw_s = from_bits(draw_s);
}

void script_advance(uint64_t seconds);
void script_advance(uint64_t seconds) {
    w.now_s += from_bits(seconds);
}

static int print_value(char *text, size_t size, uint64_t key, uint64_t value) {
    uint64_t at = place_of(key), number = (at % 2 ? ~value : value) & UINT32_MAX;
    if (number >= w.number[at] || value != value_of(at, number))
        return snprintf(text, size, " with a value that was never loaded");
    return snprintf(text, size, " v%llu", (unsigned long long)number + 1);
}

/* "FRESH v2, 1 load"; the text lives until the next call. */
const char *script_get(struct xfetch_cache *cache, uint64_t key);
const char *script_get(struct xfetch_cache *cache, uint64_t key) {
    static const char *const names[] = {"FRESH", "STALE", "FAILED"};
    static const uint64_t untouched = 0x5ca1ab1e5ca1ab1e;
    static char text[128];
    uint64_t value = untouched, loads = w.loads, draws = w.draws;
    unsigned result = xfetch_get(cache, key, &value);
    loads = w.loads - loads, draws = w.draws - draws;
    int n = snprintf(text, sizeof text, "%s", result <= XFETCH_FAILED ? names[result] : "no enum xfetch_result");
    size_t left = sizeof text - (size_t)n;
    if (result != XFETCH_FAILED)
        n += print_value(text + n, left, key, value);
    else if (value != untouched)
        n += snprintf(text + n, left, " and *value overwritten");
    if (loads > 0) n += snprintf(text + n, sizeof text - (size_t)n, ", %llu load", (unsigned long long)loads);
    if (loads > 1) n += snprintf(text + n, sizeof text - (size_t)n, "s");
    if (draws > 1) snprintf(text + n, sizeof text - (size_t)n, ", %llu draws", (unsigned long long)draws);
    return text;
}

bool script_due(uint64_t now_s, uint64_t expiry_s, uint64_t delta_s, uint64_t beta, uint64_t number);
bool script_due(uint64_t now_s, uint64_t expiry_s, uint64_t delta_s, uint64_t beta, uint64_t number) {
    return xfetch_due(from_bits(now_s), from_bits(expiry_s), from_bits(delta_s), from_bits(beta), from_bits(number));
}

/* With the origin down, how many of the keys 0 to `keys` - 1 does the cache
 * have, beyond `capacity`? What is not there is not loaded: asking changes
 * nothing. */
uint64_t script_excess(struct xfetch_cache *cache, uint64_t keys, uint64_t capacity);
uint64_t script_excess(struct xfetch_cache *cache, uint64_t keys, uint64_t capacity) {
    uint64_t held = 0;
    w.fails = true;
    for (uint64_t key = 0; key < keys; key++) {
        uint64_t value;
        held += xfetch_get(cache, key, &value) != XFETCH_FAILED;
    }
    return held > capacity ? held - capacity : 0;
}

/* NULL is an answer, and so is a cache with room for so many values. */
bool script_try(uint64_t capacity);
bool script_try(uint64_t capacity) {
    enum { SOME = 200 };
    w.ttl_s = 1000, w.uniform = 0.999;
    struct xfetch_cache *cache = script_new(capacity, 0);
    if (!cache) return true;
    bool right = true;
    for (uint64_t i = 0; i < 2 * SOME; i++) {
        uint64_t value = 0, key = i % SOME << 32, loads = w.loads;
        right &= xfetch_get(cache, key, &value) == XFETCH_FRESH && w.loads - loads == (i < SOME);
    }
    xfetch_free(cache);
    return right;
}

/* A world with a clock that stands, and one value. */
struct still {
    double now_s;
    uint64_t value, loads;
};

static double still_now(void *world) {
    return ((struct still *)world)->now_s;
}

static double still_uniform(void *world) {
    (void)world;
    return 0.999;
}

static bool still_load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    struct still *still = world;
    (void)key;
    still->loads++;
    *value = still->value, *ttl_s = 1000;
    return true;
}

/* What two caches answer that are used in turns. */
const char *script_two_worlds(void);
const char *script_two_worlds(void) {
    static char text[128];
    struct still worlds[2] = {{.now_s = 10, .value = 100}, {.now_s = 5000, .value = 200}};
    struct xfetch_cache *caches[2];
    uint64_t got[4] = {0};
    for (int i = 0; i < 2; i++)
        caches[i] = xfetch_new(4, 1, (struct xfetch_env){still_now, still_uniform, still_load, &worlds[i]});
    for (int i = 0; i < 4; i++)
        if (caches[i % 2]) (void)xfetch_get(caches[i % 2], 1, &got[i]);
    for (int i = 0; i < 2; i++) xfetch_free(caches[i]);
    snprintf(text, sizeof text, "first %d, second %d, first %d, second %d; loads %d and %d", (int)got[0], (int)got[1],
             (int)got[2], (int)got[3], (int)worlds[0].loads, (int)worlds[1].loads);
    return text;
}
