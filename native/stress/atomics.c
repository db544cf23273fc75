/* SPDX-License-Identifier: MIT */
/* atomics.c -- every atomic access of the learner's code is a step of pace.c.
 *
 * The `stress` build compiles the learner's files with -fsanitize=thread, so
 * that the compiler makes a call of each atomic access, whether it was written
 * as a macro of <stdatomic.h>, a builtin, or an operator of an _Atomic object.
 * ThreadSanitizer's runtime is not linked; this file answers the calls. Each
 * operation keeps the order that the learner's code asked for, so that this
 * build forbids no reordering that another build allows. Plain accesses are
 * no steps.
 *
 * The compilers fix these names and signatures, in four widths; hence the
 * macros. wide.c has the fifth. */
#include <stdbool.h>
#include <stdint.h>

#include "lines.h"
#include "pace.h"
#include "trespass.h"

static inline void step(const volatile void *at, size_t size) {
    forbid_own(at, size);
    pace_atomic_step();
}

/* The upper bits of an order are hints for transactional memory. */
#define ORDER_MASK 0x7fff

/* The builtins obey an order only if it is a constant. */
#define UPDATE(bits, name, builtin)                                                                                    \
    uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *at, uint##bits##_t operand, int order) {      \
        step(at, bits / 8);                                                                                            \
        lines_note(at, bits / 8, true, __builtin_return_address(0));                                                   \
        switch (order & ORDER_MASK) {                                                                                  \
        case __ATOMIC_RELAXED:                                                                                         \
            return builtin(at, operand, __ATOMIC_RELAXED);                                                             \
        case __ATOMIC_CONSUME:                                                                                         \
        case __ATOMIC_ACQUIRE:                                                                                         \
            return builtin(at, operand, __ATOMIC_ACQUIRE);                                                             \
        case __ATOMIC_RELEASE:                                                                                         \
            return builtin(at, operand, __ATOMIC_RELEASE);                                                             \
        case __ATOMIC_ACQ_REL:                                                                                         \
            return builtin(at, operand, __ATOMIC_ACQ_REL);                                                             \
        default:                                                                                                       \
            return builtin(at, operand, __ATOMIC_SEQ_CST);                                                             \
        }                                                                                                              \
    }

/* A failure's order may be any that a load may have: it is kept at least. */
#define CAS(bits, name, weak)                                                                                          \
    static bool name##bits(volatile uint##bits##_t *at, uint##bits##_t *expected, uint##bits##_t desired, int order,   \
                           int failure) {                                                                              \
        step(at, bits / 8);                                                                                            \
        order &= ORDER_MASK, failure &= ORDER_MASK;                                                                    \
        if (order == __ATOMIC_SEQ_CST || failure == __ATOMIC_SEQ_CST)                                                  \
            return __atomic_compare_exchange_n(at, expected, desired, weak, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);       \
        if (failure != __ATOMIC_RELAXED)                                                                               \
            return __atomic_compare_exchange_n(at, expected, desired, weak, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);       \
        if (order == __ATOMIC_RELAXED)                                                                                 \
            return __atomic_compare_exchange_n(at, expected, desired, weak, __ATOMIC_RELAXED, __ATOMIC_RELAXED);       \
        if (order == __ATOMIC_RELEASE)                                                                                 \
            return __atomic_compare_exchange_n(at, expected, desired, weak, __ATOMIC_RELEASE, __ATOMIC_RELAXED);       \
        return __atomic_compare_exchange_n(at, expected, desired, weak, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);           \
    }                                                                                                                  \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile uint##bits##_t *at, uint##bits##_t *expected,           \
                                                      uint##bits##_t desired, int order, int failure) {                \
        lines_note(at, bits / 8, true, __builtin_return_address(0));                                                   \
        return name##bits(at, expected, desired, order, failure);                                                      \
    }

#define WIDTH(bits)                                                                                                    \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *at, int order) {                          \
        step(at, bits / 8);                                                                                            \
        order &= ORDER_MASK;                                                                                           \
        if (order == __ATOMIC_RELAXED) return __atomic_load_n(at, __ATOMIC_RELAXED);                                   \
        if (order == __ATOMIC_SEQ_CST) return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                   \
        return __atomic_load_n(at, __ATOMIC_ACQUIRE);                                                                  \
    }                                                                                                                  \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t *at, uint##bits##_t value, int order) {                   \
        step(at, bits / 8);                                                                                            \
        lines_note(at, bits / 8, false, __builtin_return_address(0));                                                  \
        order &= ORDER_MASK;                                                                                           \
        if (order == __ATOMIC_RELAXED)                                                                                 \
            __atomic_store_n(at, value, __ATOMIC_RELAXED);                                                             \
        else if (order == __ATOMIC_RELEASE)                                                                            \
            __atomic_store_n(at, value, __ATOMIC_RELEASE);                                                             \
        else                                                                                                           \
            __atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                                             \
    }                                                                                                                  \
    UPDATE(bits, exchange, __atomic_exchange_n)                                                                        \
    UPDATE(bits, fetch_add, __atomic_fetch_add)                                                                        \
    UPDATE(bits, fetch_sub, __atomic_fetch_sub)                                                                        \
    UPDATE(bits, fetch_and, __atomic_fetch_and)                                                                        \
    UPDATE(bits, fetch_or, __atomic_fetch_or)                                                                          \
    UPDATE(bits, fetch_xor, __atomic_fetch_xor)                                                                        \
    UPDATE(bits, fetch_nand, __atomic_fetch_nand)                                                                      \
    CAS(bits, strong, false)                                                                                           \
    CAS(bits, weak, true)                                                                                              \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(volatile uint##bits##_t *at, uint##bits##_t expected,    \
                                                              uint##bits##_t desired, int order, int failure) {        \
        lines_note(at, bits / 8, true, __builtin_return_address(0));                                                   \
        strong##bits(at, &expected, desired, order, failure);                                                          \
        return expected;                                                                                               \
    }

WIDTH(8)
WIDTH(16)
WIDTH(32)
WIDTH(64)

void __tsan_atomic_thread_fence(int order) {
    pace_atomic_step();
    switch (order & ORDER_MASK) {
    case __ATOMIC_RELAXED:
        break;
    case __ATOMIC_CONSUME:
    case __ATOMIC_ACQUIRE:
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        break;
    case __ATOMIC_RELEASE:
        __atomic_thread_fence(__ATOMIC_RELEASE);
        break;
    case __ATOMIC_ACQ_REL:
        __atomic_thread_fence(__ATOMIC_ACQ_REL);
        break;
    default:
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    }
}

/* Orders a thread against its own signal handlers; the call alone stops the compiler. */
void __tsan_atomic_signal_fence(int order) {
    (void)order;
}
