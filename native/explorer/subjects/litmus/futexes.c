/* SPDX-License-Identifier: MIT
 *
 * futexes.c -- what futex_wait and futex_wake order: as Linux has it both are full barriers, and waking is no more. A
 * wait that would sleep times out at once here. */
#include "litmus.h"

#include "../futex.h"

#include <errno.h>

static const uint64_t at_once = 0;

static int slept_on(_Atomic int *word, uint32_t expected) {
    return futex_wait((_Atomic uint32_t *)(void *)word, expected, &at_once) != -EAGAIN;
}

static void wake(_Atomic int *word) {
    futex_wake((_Atomic uint32_t *)(void *)word, 1);
}

/* An unlock that looks for waiters, by release and acquire: it may overlook one that sleeps. outcomes 00 01 10 11
 * (unlock_release) */
static void unlock_release_1(void) {
    atomic_store_explicit(&x, 1, memory_order_release);
    r[0] = atomic_load_explicit(&y, memory_order_acquire);
}
static void unlock_release_2(void) {
    atomic_fetch_add_explicit(&y, 1, memory_order_acq_rel);
    r[1] = !slept_on(&x, 0);
}
static void unlock_release(void) {
    static body bodies[] = {unlock_release_1, unlock_release_2};
    run(bodies, 2, NULL, 2);
}

/* By seq_cst it does not: the wait's barrier stands for the other half. outcomes 01 10 11 (unlock_seq_cst) */
static void unlock_seq_cst_1(void) {
    atomic_store_explicit(&x, 1, memory_order_seq_cst);
    r[0] = atomic_load_explicit(&y, memory_order_seq_cst);
}
static void unlock_seq_cst_2(void) {
    atomic_fetch_add_explicit(&y, 1, memory_order_relaxed);
    r[1] = !slept_on(&x, 0);
}
static void unlock_seq_cst(void) {
    static body bodies[] = {unlock_seq_cst_1, unlock_seq_cst_2};
    run(bodies, 2, NULL, 2);
}

/* Nor does one that wakes first: a wait behind a wake finds what was stored before that wake. outcomes 01 10 11
 * (wake_then_wait) */
static void wake_then_wait_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
    wake(&x);
    r[0] = atomic_load_explicit(&y, memory_order_relaxed);
}
static void wake_then_wait_2(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    r[1] = !slept_on(&x, 0);
}
static void wake_then_wait(void) {
    static body bodies[] = {wake_then_wait_1, wake_then_wait_2};
    run(bodies, 2, NULL, 2);
}

/* What a wait has found, later loads of its thread do not overlook. outcomes 1 (wait_coheres) */
static void wait_coheres_1(void) {
    atomic_store_explicit(&x, 1, memory_order_relaxed);
}
static void wait_coheres_2(void) {
    r[0] = slept_on(&x, 0) || atomic_load_explicit(&x, memory_order_relaxed);
}
static void wait_coheres(void) {
    static body bodies[] = {wait_coheres_1, wait_coheres_2};
    run(bodies, 2, NULL, 1);
}

/* Not what else the storing thread wrote. outcomes 0 1 (wait_orders_nothing) */
static void wait_orders_nothing_1(void) {
    atomic_store_explicit(&y, 1, memory_order_relaxed);
    atomic_store_explicit(&x, 1, memory_order_release);
}
static void wait_orders_nothing_2(void) {
    r[0] = slept_on(&x, 0) || atomic_load_explicit(&y, memory_order_relaxed);
}
static void wait_orders_nothing(void) {
    static body bodies[] = {wait_orders_nothing_1, wait_orders_nothing_2};
    run(bodies, 2, NULL, 1);
}

const struct explore_scenario explore_scenarios[] = {
    {"unlock_release", unlock_release},           {"unlock_seq_cst", unlock_seq_cst},
    {"wake_then_wait", wake_then_wait},           {"wait_coheres", wait_coheres},
    {"wait_orders_nothing", wait_orders_nothing}, {NULL, NULL}};
