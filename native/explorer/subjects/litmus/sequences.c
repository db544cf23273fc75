/* SPDX-License-Identifier: MIT
 *
 * sequences.c -- release sequences, and what seq_cst loads may overlook. */
#include "litmus.h"

/* An update by another thread continues a release sequence: 20 is forbidden. outcomes *-20
 * (release_sequence_update) */
static void release_sequence_update_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_release);
}
static void release_sequence_update_2(void) {
    atomic_fetch_add_explicit(&y, 1, memory_order_relaxed);
}
static void release_sequence_update_3(void) {
    r[0] = atomic_load_explicit(&y, memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void release_sequence_update(void) {
    static body bodies[] = {release_sequence_update_1, release_sequence_update_2, release_sequence_update_3};
    run(bodies, 3, NULL, 2);
}

/* So does a later relaxed store of the same thread (C11; dropped in C++20). outcomes *-20
 * (release_sequence_same_thread) */
static void release_sequence_same_thread_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_release);
    atomic_store_explicit(&y, 2, memory_order_relaxed);
}
static void release_sequence_same_thread_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void release_sequence_same_thread(void) {
    static body bodies[] = {release_sequence_same_thread_1, release_sequence_same_thread_2};
    run(bodies, 2, NULL, 2);
}

/* A relaxed store of another thread breaks it. outcomes *+20 (release_sequence_broken) */
static void release_sequence_broken_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_release);
}
static void release_sequence_broken_2(void) {
    if (atomic_load_explicit(&y, memory_order_relaxed) == 1) atomic_store_explicit(&y, 2, memory_order_relaxed);
}
static void release_sequence_broken_3(void) {
    r[0] = atomic_load_explicit(&y, memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void release_sequence_broken(void) {
    static body bodies[] = {release_sequence_broken_1, release_sequence_broken_2, release_sequence_broken_3};
    run(bodies, 3, NULL, 2);
}

/* A release fence makes every later relaxed store a head. outcomes *-20 (release_sequence_fence) */
static void release_sequence_fence_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 2, memory_order_relaxed);
}
static void release_sequence_fence_2(void) {
    r[0] = atomic_load_explicit(&y, memory_order_acquire);
    r[1] = atomic_load_explicit(&x, memory_order_relaxed);
}
static void release_sequence_fence(void) {
    static body bodies[] = {release_sequence_fence_1, release_sequence_fence_2};
    run(bodies, 2, NULL, 2);
}

/* A seq_cst load may overlook a relaxed store that nothing orders before it. outcomes *+0
 * (seq_cst_load_relaxed_store) */
static void seq_cst_load_relaxed_store_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    atomic_store_explicit(&y, 1, memory_order_relaxed);
}
static void seq_cst_load_relaxed_store_2(void) {
    if (atomic_load_explicit(&y, memory_order_relaxed))
        r[0] = atomic_load_explicit(&x, memory_order_seq_cst);
    else
        r[0] = 9;
}
static void seq_cst_load_relaxed_store(void) {
    static body bodies[] = {seq_cst_load_relaxed_store_1, seq_cst_load_relaxed_store_2};
    run(bodies, 2, NULL, 1);
}

const struct explore_scenario explore_scenarios[] = {
    TEST(release_sequence_update), TEST(release_sequence_same_thread), TEST(release_sequence_broken),
    TEST(release_sequence_fence),  TEST(seq_cst_load_relaxed_store),   {NULL, NULL},
};
