/* SPDX-License-Identifier: MIT */
/* memory.c -- what limiters and windows take, and give back.
 *
 *   sizes       how many bytes, for few keys and for many, when made and when all keys have been there
 *   no_limiter  see refusals.h
 *   no_window   the same
 *   no_shared   the same, of a limiter whose server is not there
 *
 * Evidence of sizes: the rows `sizes`, `of` a limiter (0) or a window (1); `allocations` by calls; the bytes of static
 * variables, `statics`. */
#include <stddef.h>

#include "driver.h"
#include "evidence.h"
#include "heap.h"
#include "refusals.h"

static const uint64_t keys_max[] = {1, 100, 2000};
#define SIZES (sizeof keys_max / sizeof *keys_max)

EVIDENCE_ROW(size, of, keys, bytes, allocations);

static struct size limiter_size(uint64_t keys) {
    int64_t before = heap_live_bytes();
    struct limiter *l = new_limiter(1, 5, keys);
    uint64_t allocations = heap_allocations();
    for (uint64_t i = 0; i < 3 * keys; i++) limiter_allow(l, i * 0x9e3779b97f4a7c15, 1, i / keys * 10000000000, NULL);
    struct size size = {0, keys, (uint64_t)(heap_live_bytes() - before), heap_allocations() - allocations};
    limiter_free(l);
    return size;
}

static struct size window_size(uint64_t keys) {
    int64_t before = heap_live_bytes();
    struct window *w = new_window(5, 640, keys);
    uint64_t allocations = heap_allocations();
    for (uint64_t i = 0; i < 3 * keys; i++) window_allow(w, i * 0x9e3779b97f4a7c15, i / keys * 10000, NULL);
    struct size size = {1, keys, (uint64_t)(heap_live_bytes() - before), heap_allocations() - allocations};
    window_free(w);
    return size;
}

void sizes(uint64_t seed) {
    struct size rows[2 * SIZES];
    (void)seed;
    for (size_t i = 0; i < SIZES; i++) {
        rows[i] = limiter_size(keys_max[i]);
        rows[SIZES + i] = window_size(keys_max[i] > 100 ? 300 : keys_max[i]);
        evidence_progress();
    }
    evidence_rows("sizes", size, rows, 2 * SIZES);
    evidence_count("statics", heap_static_bytes ? heap_static_bytes() : 0);
}

static void *make_limiter(void) {
    return limiter_new(10, 2, 50);
}

static bool limiter_works(void *l) {
    return limiter_allow(l, 1, 2, 0, NULL) && !limiter_allow(l, 1, 1, 0, NULL) && limiter_allow(l, 2, 1, 0, NULL);
}

static void end_limiter(void *l) {
    limiter_free(l);
}

static void live_limiter(uint64_t number) {
    struct limiter *l = new_limiter(1, 2, 1 + number % 5);
    for (uint64_t i = 0; i < number; i++) limiter_allow(l, i, 1, i * 300000000, NULL);
    limiter_free(l);
}

void no_limiter(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make_limiter, limiter_works, end_limiter, live_limiter});
}

static void *make_shared(void) {
    return shared_new("nobody.sock", 1, 1, 1);
}

/* It answers, and finds nobody there. */
static bool shared_works(void *l) {
    uint64_t retry;
    return shared_allow(l, "key", 1, &retry) < 0;
}

static void end_shared(void *l) {
    shared_free(l);
}

static void live_shared(uint64_t number) {
    uint64_t retry;
    struct shared_limiter *l = shared_new("nobody.sock", 1 + number, 1, 1);
    if (l) shared_allow(l, "key", 1, &retry);
    shared_free(l);
}

void no_shared(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make_shared, shared_works, end_shared, live_shared});
}

static void *make_window(void) {
    return window_new(2, 64, 50);
}

static bool window_works(void *w) {
    return window_allow(w, 1, 0, NULL) && window_allow(w, 1, 0, NULL) && !window_allow(w, 1, 0, NULL);
}

static void end_window(void *w) {
    window_free(w);
}

static void live_window(uint64_t number) {
    struct window *w = new_window(2, 64, 1 + number % 5);
    for (uint64_t i = 0; i < number; i++) window_allow(w, i, i * 20, NULL);
    window_free(w);
}

void no_window(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make_window, window_works, end_window, live_window});
}
