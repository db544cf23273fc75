/* SPDX-License-Identifier: MIT
 *
 * atomic_calls.c -- the __tsan_atomic* functions, as gcc 12 and clang 14 to 19 call them.
 *
 * The compilers fix these names and signatures, in five widths; hence the macros, the only ones
 * here that make functions. While the subject's constructors run there is one thread and no
 * schedule. */
#include "atomic.h"
#include "footprint.h"
#include "ordering.h"
#include "subject.h"
#include "thread.h"

typedef uint8_t atomic8;
typedef uint16_t atomic16;
typedef uint32_t atomic32;
typedef uint64_t atomic64;
typedef unsigned __int128 atomic128;

/* The upper bits of an order are hints for transactional memory. */
enum { ORDER_MASK = 0x7fff };

/* Quiet functions use atomics as plain memory: they order nothing. */
static word quiet_read(const volatile void *at, unsigned size) {
    touch((uintptr_t)at, size, READS);
    return memory_read((uintptr_t)at, size);
}

static void quiet_write(volatile void *at, unsigned size, word value) {
    touch((uintptr_t)at, size, WRITES);
    memory_write((uintptr_t)at, size, value);
}

static word quiet_update(volatile void *at, unsigned size, enum update how, word operand) {
    word old = quiet_read(at, size);
    quiet_write(at, size, atomic_updated(how, old, operand, size));
    return old;
}

static bool quiet_cas(volatile void *at, unsigned size, word *expected, word desired) {
    word old = quiet_read(at, size);
    bool equal = old == *expected;
    if (equal) quiet_write(at, size, desired);
    *expected = old;
    return equal;
}

static word load(const volatile void *at, unsigned size, int order, uint32_t pc) {
    if (!exploring || is_quiet(pc)) return quiet_read(at, size);
    return atomic_load_word(at, size, order & ORDER_MASK, pc);
}

static void store(volatile void *at, unsigned size, word value, int order, uint32_t pc) {
    if (!exploring || is_quiet(pc))
        quiet_write(at, size, value);
    else
        atomic_store_word(at, size, value, order & ORDER_MASK, pc);
}

static word update(volatile void *at, unsigned size, enum update how, word operand, int order, uint32_t pc) {
    if (!exploring || is_quiet(pc)) return quiet_update(at, size, how, operand);
    return atomic_update_word(at, size, how, operand, order & ORDER_MASK, pc);
}

static bool cas(volatile void *at, unsigned size, word *expected, word desired, int order, int failure_order, bool weak,
                uint32_t pc) {
    if (!exploring || is_quiet(pc)) return quiet_cas(at, size, expected, desired);
    return atomic_cas_word(at, size, expected, desired, order & ORDER_MASK, failure_order & ORDER_MASK, weak, pc);
}

#define UPDATE(bits, name, how)                                                                                        \
    EXPORTED atomic##bits __tsan_atomic##bits##_##name(volatile atomic##bits *at, atomic##bits operand, int order) {   \
        return (atomic##bits)update(at, bits / 8, how, operand, order, CALLER);                                        \
    }

#define CAS(bits, name, weak)                                                                                          \
    EXPORTED int __tsan_atomic##bits##_compare_exchange_##name(volatile atomic##bits *at, atomic##bits *expected,      \
                                                               atomic##bits desired, int order, int failure_order) {   \
        word found = *expected;                                                                                        \
        bool taken = cas(at, bits / 8, &found, desired, order, failure_order, weak, CALLER);                           \
        if (!taken) *expected = (atomic##bits)found;                                                                   \
        return taken;                                                                                                  \
    }

#define WIDTH(bits)                                                                                                    \
    EXPORTED atomic##bits __tsan_atomic##bits##_load(const volatile atomic##bits *at, int order) {                     \
        return (atomic##bits)load(at, bits / 8, order, CALLER);                                                        \
    }                                                                                                                  \
    EXPORTED void __tsan_atomic##bits##_store(volatile atomic##bits *at, atomic##bits value, int order) {              \
        store(at, bits / 8, value, order, CALLER);                                                                     \
    }                                                                                                                  \
    UPDATE(bits, exchange, UPDATE_EXCHANGE)                                                                            \
    UPDATE(bits, fetch_add, UPDATE_ADD)                                                                                \
    UPDATE(bits, fetch_sub, UPDATE_SUB)                                                                                \
    UPDATE(bits, fetch_and, UPDATE_AND)                                                                                \
    UPDATE(bits, fetch_or, UPDATE_OR)                                                                                  \
    UPDATE(bits, fetch_xor, UPDATE_XOR)                                                                                \
    UPDATE(bits, fetch_nand, UPDATE_NAND)                                                                              \
    CAS(bits, strong, false)                                                                                           \
    CAS(bits, weak, true)                                                                                              \
    EXPORTED atomic##bits __tsan_atomic##bits##_compare_exchange_val(                                                  \
        volatile atomic##bits *at, atomic##bits expected, atomic##bits desired, int order, int failure_order) {        \
        word found = expected;                                                                                         \
        cas(at, bits / 8, &found, desired, order, failure_order, false, CALLER);                                       \
        return (atomic##bits)found;                                                                                    \
    }

WIDTH(8)
WIDTH(16)
WIDTH(32)
WIDTH(64)
WIDTH(128)

EXPORTED void __tsan_atomic_thread_fence(int order) {
    if (exploring && !is_quiet(CALLER)) ordering_fence(order & ORDER_MASK, CALLER);
}

/* Orders this thread against its own signal handlers only, of which there are none here. */
EXPORTED void __tsan_atomic_signal_fence(int order) {
    (void)order;
}
