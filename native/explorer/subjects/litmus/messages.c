/* SPDX-License-Identifier: MIT
 *
 * messages.c -- message passing: who sees y knows x, or does not. */
#include "litmus.h"

/* Message passing: y announces x. outcomes 00 01 10 11 (mp_relaxed) */
static void mp_relaxed_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_relaxed);
}
static void mp_relaxed_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_relaxed(void) {
    static body bodies[] = {mp_relaxed_1, mp_relaxed_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 00 01 11 (mp_release_acquire) */
static void mp_release_acquire_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_release);
}
static void mp_release_acquire_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_release_acquire(void) {
    static body bodies[] = {mp_release_acquire_1, mp_release_acquire_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 00 01 10 11 (mp_release_only) */
static void mp_release_only_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_release);
}
static void mp_release_only_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_release_only(void) {
    static body bodies[] = {mp_release_only_1, mp_release_only_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 00 01 10 11 (mp_acquire_only) */
static void mp_acquire_only_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_relaxed);
}
static void mp_acquire_only_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_acquire_only(void) {
    static body bodies[] = {mp_acquire_only_1, mp_acquire_only_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 00 01 11 (mp_fences) */
static void mp_fences_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&y, 1, memory_order_relaxed);
}
static void mp_fences_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_fences(void) {
    static body bodies[] = {mp_fences_1, mp_fences_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 00 01 11 (mp_release_fence_acquire_load) */
static void mp_release_fence_acquire_load_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&y, 1, memory_order_relaxed);
}
static void mp_release_fence_acquire_load_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_release_fence_acquire_load(void) {
    static body bodies[] = {mp_release_fence_acquire_load_1, mp_release_fence_acquire_load_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 00 01 11 (mp_release_store_acquire_fence) */
static void mp_release_store_acquire_fence_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_release);
}
static void mp_release_store_acquire_fence_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_release_store_acquire_fence(void) {
    static body bodies[] = {mp_release_store_acquire_fence_1, mp_release_store_acquire_fence_2};
    run(bodies, 2, NULL, 2);
}

/* A release fence after the store publishes nothing through it. outcomes 00 01 10 11
 * (mp_fence_misplaced) */
static void mp_fence_misplaced_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
}
static void mp_fence_misplaced_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_fence_misplaced(void) {
    static body bodies[] = {mp_fence_misplaced_1, mp_fence_misplaced_2};
    run(bodies, 2, NULL, 2);
}

/* An update that acquires. outcomes 00 01 11 (mp_update) */
static void mp_update_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_release);
}
static void mp_update_2(void) {
    r[0] = atomic_fetch_add_explicit(&y, 1, memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_update(void) {
    static body bodies[] = {mp_update_1, mp_update_2};
    run(bodies, 2, NULL, 2);
}

/* Reading a seq_cst store with a relaxed load orders nothing. outcomes 00 01 10 11
 * (mp_seq_cst_flag_relaxed_read) */
static void mp_seq_cst_flag_relaxed_read_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_seq_cst);
}
static void mp_seq_cst_flag_relaxed_read_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void mp_seq_cst_flag_relaxed_read(void) {
    static body bodies[] = {mp_seq_cst_flag_relaxed_read_1, mp_seq_cst_flag_relaxed_read_2};
    run(bodies, 2, NULL, 2);
}

const struct explore_scenario explore_scenarios[] = {
    TEST(mp_relaxed),
    TEST(mp_release_acquire),
    TEST(mp_release_only),
    TEST(mp_acquire_only),
    TEST(mp_fences),
    TEST(mp_release_fence_acquire_load),
    TEST(mp_release_store_acquire_fence),
    TEST(mp_fence_misplaced),
    TEST(mp_update),
    TEST(mp_seq_cst_flag_relaxed_read),
    {NULL, NULL},
};
