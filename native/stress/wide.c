/* SPDX-License-Identifier: MIT */
/* wide.c -- atomic accesses of 16 bytes, as atomics.c answers the narrower ones.
 *
 * Processors have one such instruction, compare-and-swap, and compilers make it
 * inline of __sync_val_compare_and_swap alone: of the __atomic builtins gcc
 * makes calls of libatomic. So all is made of it here. It is a full barrier,
 * whatever the order that was asked for, as it is in the learner's other
 * builds; and a load writes what it has found. */
#include <stdbool.h>
#include <stddef.h>

#include "lines.h"
#include "pace.h"
#include "trespass.h"

typedef unsigned __int128 wide;

static wide swap(volatile void *at, wide expected, wide desired) {
    return __sync_val_compare_and_swap((volatile wide *)at, expected, desired);
}

static void step(const volatile void *at) {
    forbid_own(at, sizeof(wide));
    pace_atomic_step();
}

static wide current(volatile void *at) {
    return swap(at, 0, 0);
}

wide __tsan_atomic128_load(const volatile wide *at, int order) {
    (void)order;
    step(at);
    return current((volatile wide *)at);
}

#define UPDATE(name, result)                                                                                           \
    wide __tsan_atomic128_##name(volatile wide *at, wide operand, int order) {                                         \
        (void)order;                                                                                                   \
        step(at);                                                                                                      \
        lines_note(at, sizeof *at, true, __builtin_return_address(0));                                                 \
        wide before = current(at), seen;                                                                               \
        while ((seen = swap(at, before, (result))) != before) before = seen;                                           \
        return before;                                                                                                 \
    }

UPDATE(exchange, operand)
UPDATE(fetch_add, before + operand)
UPDATE(fetch_sub, before - operand)
UPDATE(fetch_and, before &operand)
UPDATE(fetch_or, before | operand)
UPDATE(fetch_xor, before ^ operand)
UPDATE(fetch_nand, ~(before &operand))

void __tsan_atomic128_store(volatile wide *at, wide value, int order) {
    (void)order;
    step(at);
    lines_note(at, sizeof *at, false, __builtin_return_address(0));
    wide before = current(at), seen;
    while ((seen = swap(at, before, value)) != before) before = seen;
}

static wide compare_exchange(volatile wide *at, wide expected, wide desired, void *caller) {
    step(at);
    lines_note(at, sizeof *at, true, caller);
    return swap(at, expected, desired);
}

#define CAS(name)                                                                                                      \
    int __tsan_atomic128_compare_exchange_##name(volatile wide *at, wide *expected, wide desired, int order,           \
                                                 int failure) {                                                        \
        (void)order, (void)failure;                                                                                    \
        wide due = *expected;                                                                                          \
        *expected = compare_exchange(at, due, desired, __builtin_return_address(0));                                   \
        return *expected == due;                                                                                       \
    }

CAS(strong)
CAS(weak)

wide __tsan_atomic128_compare_exchange_val(volatile wide *at, wide expected, wide desired, int order, int failure) {
    (void)order, (void)failure;
    return compare_exchange(at, expected, desired, __builtin_return_address(0));
}
