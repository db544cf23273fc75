/* SPDX-License-Identifier: MIT
 *
 * buffering.c -- store buffering and load buffering: may each thread overlook the other? */
#include "litmus.h"

/* Store buffering. outcomes 00 01 10 11 (sb_relaxed) */
static void sb_relaxed_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
}
static void sb_relaxed_2(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void sb_relaxed(void) {
    static body bodies[] = {sb_relaxed_1, sb_relaxed_2};
    run(bodies, 2, NULL, 2);
}

/* Release and acquire do not forbid it. outcomes 00 01 10 11 (sb_release_acquire) */
static void sb_release_acquire_1(void) {
    atomic_store_explicit(&x, 1, memory_order_release);
    r[0] = atomic_load_explicit(&y, memory_order_acquire);
}
static void sb_release_acquire_2(void) {
    atomic_store_explicit(&y, 1, memory_order_release);
    r[1] = atomic_load_explicit(&x, memory_order_acquire);
}
static void sb_release_acquire(void) {
    static body bodies[] = {sb_release_acquire_1, sb_release_acquire_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 01 10 11 (sb_seq_cst) */
static void sb_seq_cst_1(void) {
    atomic_store_explicit(&x, 1, memory_order_seq_cst);
    r[0] = atomic_load_explicit(&y, memory_order_seq_cst);
}
static void sb_seq_cst_2(void) {
    atomic_store_explicit(&y, 1, memory_order_seq_cst);
    r[1] = atomic_load_explicit(&x, memory_order_seq_cst);
}
static void sb_seq_cst(void) {
    static body bodies[] = {sb_seq_cst_1, sb_seq_cst_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 01 10 11 (sb_fences) */
static void sb_fences_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
}
static void sb_fences_2(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void sb_fences(void) {
    static body bodies[] = {sb_fences_1, sb_fences_2};
    run(bodies, 2, NULL, 2);
}

/* One fence is not enough. outcomes 00 01 10 11 (sb_one_fence) */
static void sb_one_fence_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
}
static void sb_one_fence_2(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void sb_one_fence(void) {
    static body bodies[] = {sb_one_fence_1, sb_one_fence_2};
    run(bodies, 2, NULL, 2);
}

/* Nor are two weaker ones. outcomes 00 01 10 11 (sb_acq_rel_fences) */
static void sb_acq_rel_fences_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_acq_rel);
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
}
static void sb_acq_rel_fences_2(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_acq_rel);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void sb_acq_rel_fences(void) {
    static body bodies[] = {sb_acq_rel_fences_1, sb_acq_rel_fences_2};
    run(bodies, 2, NULL, 2);
}

/* A seq_cst load does not help a relaxed store. outcomes 00 01 10 11 (sb_mixed_store_relaxed) */
static void sb_mixed_store_relaxed_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    r[0] = atomic_load_explicit(&y, memory_order_seq_cst);
}
static void sb_mixed_store_relaxed_2(void) {
    atomic_store_explicit(&y, 1, memory_order_seq_cst);
    r[1] = atomic_load_explicit(&x, memory_order_seq_cst);
}
static void sb_mixed_store_relaxed(void) {
    static body bodies[] = {sb_mixed_store_relaxed_1, sb_mixed_store_relaxed_2};
    run(bodies, 2, NULL, 2);
}

/* A seq_cst store between, to elsewhere, makes the relaxed one no seq_cst one. outcomes 00 01 10 11
 * (sb_mixed_other_location) */
static void sb_mixed_other_location_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&z, 1, memory_order_seq_cst);
    r[0] = atomic_load_explicit(&y, memory_order_seq_cst);
}
static void sb_mixed_other_location_2(void) {
    atomic_store_explicit(&y, 1, memory_order_seq_cst);
    r[1] = atomic_load_explicit(&x, memory_order_seq_cst);
}
static void sb_mixed_other_location(void) {
    static body bodies[] = {sb_mixed_other_location_1, sb_mixed_other_location_2};
    run(bodies, 2, NULL, 2);
}

/* A fence on one side, seq_cst accesses on the other. outcomes 01 10 11 (sb_fence_and_seq_cst) */
static void sb_fence_and_seq_cst_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
}
static void sb_fence_and_seq_cst_2(void) {
    atomic_store_explicit(&y, 1, memory_order_seq_cst);
    r[1] = atomic_load_explicit(&x, memory_order_seq_cst);
}
static void sb_fence_and_seq_cst(void) {
    static body bodies[] = {sb_fence_and_seq_cst_1, sb_fence_and_seq_cst_2};
    run(bodies, 2, NULL, 2);
}

/* Updates read the newest value; with acq_rel that orders. outcomes 01 10 11 (sb_updates) */
static void sb_updates_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&z, 1, memory_order_acq_rel);
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
}
static void sb_updates_2(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&z, 1, memory_order_acq_rel);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void sb_updates(void) {
    static body bodies[] = {sb_updates_1, sb_updates_2};
    run(bodies, 2, NULL, 2);
}

/* Load buffering. C11 allows 11; out of reach: loads never read from later stores. outcomes 00 01
 * 10 (lb_relaxed) */
static void lb_relaxed_1(void) {
    r[0] = atomic_load_explicit(&x, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_relaxed);
}
static void lb_relaxed_2(void) {
    r[1] = atomic_load_explicit(&y, memory_order_relaxed);
    atomic_store_explicit(&x, 1, memory_order_relaxed);
}
static void lb_relaxed(void) {
    static body bodies[] = {lb_relaxed_1, lb_relaxed_2};
    run(bodies, 2, NULL, 2);
}

/* outcomes 00 01 10 (lb_acquire) */
static void lb_acquire_1(void) {
    r[0] = atomic_load_explicit(&x, memory_order_acquire);
    atomic_store_explicit(&y, 1, memory_order_release);
}
static void lb_acquire_2(void) {
    r[1] = atomic_load_explicit(&y, memory_order_acquire);
    atomic_store_explicit(&x, 1, memory_order_release);
}
static void lb_acquire(void) {
    static body bodies[] = {lb_acquire_1, lb_acquire_2};
    run(bodies, 2, NULL, 2);
}

const struct explore_scenario explore_scenarios[] = {
    TEST(sb_relaxed),
    TEST(sb_release_acquire),
    TEST(sb_seq_cst),
    TEST(sb_fences),
    TEST(sb_one_fence),
    TEST(sb_acq_rel_fences),
    TEST(sb_mixed_store_relaxed),
    TEST(sb_mixed_other_location),
    TEST(sb_fence_and_seq_cst),
    TEST(sb_updates),
    TEST(lb_relaxed),
    TEST(lb_acquire),
    {NULL, NULL},
};
