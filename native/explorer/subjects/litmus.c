/* SPDX-License-Identifier: MIT
 *
 * litmus.c -- which outcomes of small programs the memory model produces.
 *
 * Each test runs a few threads on atomic x, y, z, all 0 at first, and reports the registers r[0],
 * r[1], ... as digits. The line above each test says what its outcomes are, in an exhaustive
 * search: outcomes 00 01     exactly these outcomes *+11      this one is among them outcomes *-11
 * this one is not among them outcomes *         whatever (then the comment says what is checked) */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_int x, y, z;
static int r[4];

typedef void (*body)(void);

static void *run_body(void *argument) {
    (*(body *)argument)();
    return NULL;
}

static void run(body *bodies, int count, void (*at_end)(void), int registers) {
    pthread_t threads[4];
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, run_body, &bodies[i]);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    if (at_end) at_end();
    char text[5] = "";
    for (int i = 0; i < registers; i++) text[i] = (char)('0' + r[i]);
    explore_outcome("%s", text);
}

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
    {"sb_relaxed", sb_relaxed},
    {"sb_release_acquire", sb_release_acquire},
    {"sb_seq_cst", sb_seq_cst},
    {"sb_fences", sb_fences},
    {"sb_one_fence", sb_one_fence},
    {"sb_acq_rel_fences", sb_acq_rel_fences},
    {"sb_mixed_store_relaxed", sb_mixed_store_relaxed},
    {"sb_mixed_other_location", sb_mixed_other_location},
    {"sb_fence_and_seq_cst", sb_fence_and_seq_cst},
    {"sb_updates", sb_updates},
    {"mp_relaxed", mp_relaxed},
    {"mp_release_acquire", mp_release_acquire},
    {"mp_release_only", mp_release_only},
    {"mp_acquire_only", mp_acquire_only},
    {"mp_fences", mp_fences},
    {"mp_release_fence_acquire_load", mp_release_fence_acquire_load},
    {"mp_release_store_acquire_fence", mp_release_store_acquire_fence},
    {"mp_fence_misplaced", mp_fence_misplaced},
    {"mp_update", mp_update},
    {"mp_seq_cst_flag_relaxed_read", mp_seq_cst_flag_relaxed_read},
    {"lb_relaxed", lb_relaxed},
    {"lb_acquire", lb_acquire},
    {"corr", corr},
    {"corr_two_readers", corr_two_readers},
    {"corw", corw},
    {"cowr", cowr},
    {"two_plus_two_w", two_plus_two_w},
    {"iriw_acquire", iriw_acquire},
    {"iriw_seq_cst", iriw_seq_cst},
    {"iriw_fences", iriw_fences},
    {"wrc_release_acquire", wrc_release_acquire},
    {"wrc_relaxed_first", wrc_relaxed_first},
    {"wrc_relaxed_twice", wrc_relaxed_twice},
    {"isa2", isa2},
    {"release_sequence_update", release_sequence_update},
    {"release_sequence_same_thread", release_sequence_same_thread},
    {"release_sequence_broken", release_sequence_broken},
    {"release_sequence_fence", release_sequence_fence},
    {"seq_cst_load_relaxed_store", seq_cst_load_relaxed_store},
    {"fence_through_release_acquire", fence_through_release_acquire},
    {"updates_are_atomic", updates_are_atomic},
    {"cas_one_winner", cas_one_winner},
    {NULL, NULL},
};
