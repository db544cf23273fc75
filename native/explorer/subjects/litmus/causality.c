/* SPDX-License-Identifier: MIT
 *
 * causality.c -- what three threads and more learn from each other. */
#include "litmus.h"

/* Independent readers may disagree ... outcomes *+1010 (iriw_acquire) */
static void iriw_acquire_1(void) {
    atomic_store_explicit(&x, 1, memory_order_release);
}
static void iriw_acquire_2(void) {
    atomic_store_explicit(&y, 1, memory_order_release);
}
static void iriw_acquire_3(void) {
    r[0] = atomic_load_explicit(&x, memory_order_acquire);
    r[1] = atomic_load_explicit(&y, memory_order_acquire);
}
static void iriw_acquire_4(void) {
    r[2] = atomic_load_explicit(&y, memory_order_acquire);
    r[3] = atomic_load_explicit(&x, memory_order_acquire);
}
static void iriw_acquire(void) {
    static body bodies[] = {iriw_acquire_1, iriw_acquire_2, iriw_acquire_3, iriw_acquire_4};
    run(bodies, 4, NULL, 4);
}

/* ... but not with seq_cst. outcomes *-1010 (iriw_seq_cst) */
static void iriw_seq_cst_1(void) {
    atomic_store_explicit(&x, 1, memory_order_seq_cst);
}
static void iriw_seq_cst_2(void) {
    atomic_store_explicit(&y, 1, memory_order_seq_cst);
}
static void iriw_seq_cst_3(void) {
    r[0] = atomic_load_explicit(&x, memory_order_seq_cst);
    r[1] = atomic_load_explicit(&y, memory_order_seq_cst);
}
static void iriw_seq_cst_4(void) {
    r[2] = atomic_load_explicit(&y, memory_order_seq_cst);
    r[3] = atomic_load_explicit(&x, memory_order_seq_cst);
}
static void iriw_seq_cst(void) {
    static body bodies[] = {iriw_seq_cst_1, iriw_seq_cst_2, iriw_seq_cst_3, iriw_seq_cst_4};
    run(bodies, 4, NULL, 4);
}

/* Nor with seq_cst fences between the loads. outcomes *-1010 (iriw_fences) */
static void iriw_fences_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
}
static void iriw_fences_2(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
}
static void iriw_fences_3(void) {
    r[0] = atomic_load_explicit(&x, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    r[1] = atomic_load_explicit(&y, memory_order_relaxed);
}
static void iriw_fences_4(void) {
    r[2] = atomic_load_explicit(&y, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    r[3] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void iriw_fences(void) {
    static body bodies[] = {iriw_fences_1, iriw_fences_2, iriw_fences_3, iriw_fences_4};
    run(bodies, 4, NULL, 4);
}

/* Write-to-read causality: who learns y from a thread that had learnt x knows x. outcomes *-110
 * (wrc_release_acquire) */
static void wrc_release_acquire_1(void) {
    atomic_store_explicit(&x, 1, memory_order_release);
}
static void wrc_release_acquire_2(void) {
    r[0] = atomic_load_explicit(&x, memory_order_acquire);
    if (r[0]) atomic_store_explicit(&y, 1, memory_order_release);
}
static void wrc_release_acquire_3(void) {
    r[1] = atomic_load_explicit(&y, memory_order_acquire);
    r[2] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void wrc_release_acquire(void) {
    static body bodies[] = {wrc_release_acquire_1, wrc_release_acquire_2, wrc_release_acquire_3};
    run(bodies, 3, NULL, 3);
}

/* The middle thread did not acquire: coherence forbids it all the same. outcomes *-110
 * (wrc_relaxed_first) */
static void wrc_relaxed_first_1(void) {
    atomic_store_explicit(&x, 1, memory_order_release);
}
static void wrc_relaxed_first_2(void) {
    r[0] = atomic_load_explicit(&x, memory_order_relaxed);
    if (r[0]) atomic_store_explicit(&y, 1, memory_order_release);
}
static void wrc_relaxed_first_3(void) {
    r[1] = atomic_load_explicit(&y, memory_order_acquire);
    r[2] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void wrc_relaxed_first(void) {
    static body bodies[] = {wrc_relaxed_first_1, wrc_relaxed_first_2, wrc_relaxed_first_3};
    run(bodies, 3, NULL, 3);
}

/* Nor did it release: now nothing does. outcomes *+110 (wrc_relaxed_twice) */
static void wrc_relaxed_twice_1(void) {
    atomic_store_explicit(&x, 1, memory_order_release);
}
static void wrc_relaxed_twice_2(void) {
    r[0] = atomic_load_explicit(&x, memory_order_relaxed);
    if (r[0]) atomic_store_explicit(&y, 1, memory_order_relaxed);
}
static void wrc_relaxed_twice_3(void) {
    r[1] = atomic_load_explicit(&y, memory_order_acquire);
    r[2] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void wrc_relaxed_twice(void) {
    static body bodies[] = {wrc_relaxed_twice_1, wrc_relaxed_twice_2, wrc_relaxed_twice_3};
    run(bodies, 3, NULL, 3);
}

/* The same along three locations. outcomes *-10 (isa2) */
static void isa2_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_release);
}
static void isa2_2(void) {
    if (atomic_load_explicit(&y, memory_order_acquire)) atomic_store_explicit(&z, 1, memory_order_release);
}
static void isa2_3(void) {
    r[0] = atomic_load_explicit(&z, memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void isa2(void) {
    static body bodies[] = {isa2_1, isa2_2, isa2_3};
    run(bodies, 3, NULL, 2);
}

/* What a seq_cst fence taught travels on by release and acquire. outcomes *-010
 * (fence_through_release_acquire) */
static void fence_through_release_acquire_1(void) {
    atomic_store_explicit(&x, 1, memory_order_seq_cst);
    r[0] = atomic_load_explicit(&y, memory_order_seq_cst);
}
static void fence_through_release_acquire_2(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    atomic_store_explicit(&z, 1, memory_order_release);
}
static void fence_through_release_acquire_3(void) {
    r[1] = atomic_load_explicit(&z, memory_order_acquire);
    r[2] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void fence_through_release_acquire(void) {
    static body bodies[] = {fence_through_release_acquire_1, fence_through_release_acquire_2,
                            fence_through_release_acquire_3};
    run(bodies, 3, NULL, 3);
}

const struct explore_scenario explore_scenarios[] = {
    TEST(iriw_acquire),
    TEST(iriw_seq_cst),
    TEST(iriw_fences),
    TEST(wrc_release_acquire),
    TEST(wrc_relaxed_first),
    TEST(wrc_relaxed_twice),
    TEST(isa2),
    TEST(fence_through_release_acquire),
    {NULL, NULL},
};
