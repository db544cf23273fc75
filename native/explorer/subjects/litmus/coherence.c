/* SPDX-License-Identifier: MIT
 *
 * coherence.c -- one location has one order, whoever looks. */
#include "litmus.h"

/* Coherence: two reads of one location, written 1 then 2. outcomes 00 01 02 11 12 22 (corr) */
static void corr_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&x, 2, memory_order_relaxed);
}
static void corr_2(void) {
    r[0] = atomic_load_explicit(&x, memory_order_relaxed);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void corr(void) {
    static body bodies[] = {corr_1, corr_2};
    run(bodies, 2, NULL, 2);
}

/* Two readers agree on the order of two writers: 1221 and 2112 are forbidden. outcomes *
 * (corr_two_readers) */
static void corr_two_readers_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
}
static void corr_two_readers_2(void) {
    atomic_store_explicit(&x, 2, memory_order_relaxed);
}
static void corr_two_readers_3(void) {
    r[0] = atomic_load_explicit(&x, memory_order_relaxed);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void corr_two_readers_4(void) {
    r[2] = atomic_load_explicit(&x, memory_order_relaxed);
    r[3] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void corr_two_readers_end(void) {
    if (r[0] && r[1] && r[2] && r[3] && r[0] != r[1] && r[2] != r[3] && r[0] != r[2])
        explore_fail("readers disagree: %d%d and %d%d", r[0], r[1], r[2], r[3]);
}
static void corr_two_readers(void) {
    static body bodies[] = {corr_two_readers_1, corr_two_readers_2, corr_two_readers_3, corr_two_readers_4};
    run(bodies, 4, corr_two_readers_end, 4);
}

/* A load then a store of one location: the load never reads the own later store. outcomes 0 1
 * (corw) */
static void corw_1(void) {
    r[0] = atomic_load_explicit(&x, memory_order_relaxed);
    atomic_store_explicit(&x, 2, memory_order_relaxed);
}
static void corw_2(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
}
static void corw(void) {
    static body bodies[] = {corw_1, corw_2};
    run(bodies, 2, NULL, 1);
}

/* A thread reads its own store or a newer one. outcomes 1 2 (cowr) */
static void cowr_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    r[0] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void cowr_2(void) {
    atomic_store_explicit(&x, 2, memory_order_relaxed);
}
static void cowr(void) {
    static body bodies[] = {cowr_1, cowr_2};
    run(bodies, 2, NULL, 1);
}

/* Both first stores may come last in modification order: 11. outcomes 11 12 21 22 (two_plus_two_w) */
static void two_plus_two_w_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 2, memory_order_relaxed);
}
static void two_plus_two_w_2(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    atomic_store_explicit(&x, 2, memory_order_relaxed);
}
static void two_plus_two_w_end(void) {
    r[0] = atomic_load(&x);
    r[1] = atomic_load(&y);
}
static void two_plus_two_w(void) {
    static body bodies[] = {two_plus_two_w_1, two_plus_two_w_2};
    run(bodies, 2, two_plus_two_w_end, 2);
}

/* Two increments never meet. outcomes 01 10 (updates_are_atomic) */
static void updates_are_atomic_1(void) {
    r[0] = atomic_fetch_add_explicit(&x, 1, memory_order_relaxed);
}
static void updates_are_atomic_2(void) {
    r[1] = atomic_fetch_add_explicit(&x, 1, memory_order_relaxed);
}
static void updates_are_atomic(void) {
    static body bodies[] = {updates_are_atomic_1, updates_are_atomic_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 01 10 (cas_one_winner) */
static void cas_one_winner_1(void) {
    int e = 0;
    r[0] = atomic_compare_exchange_strong_explicit(&x, &e, 1, memory_order_relaxed, memory_order_relaxed);
}
static void cas_one_winner_2(void) {
    int e = 0;
    r[1] = atomic_compare_exchange_strong_explicit(&x, &e, 1, memory_order_relaxed, memory_order_relaxed);
}
static void cas_one_winner(void) {
    static body bodies[] = {cas_one_winner_1, cas_one_winner_2};
    run(bodies, 2, NULL, 2);
}

const struct explore_scenario explore_scenarios[] = {
    TEST(corr),           TEST(corr_two_readers),   TEST(corw),           TEST(cowr),
    TEST(two_plus_two_w), TEST(updates_are_atomic), TEST(cas_one_winner), {NULL, NULL},
};
