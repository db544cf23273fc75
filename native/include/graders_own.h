/* SPDX-License-Identifier: MIT */
/* graders_own.h -- counts and flags that a check believes, and that the code under test is never handed.
 *
 * Once a run has begun their pages can be read alone: a store by an instruction of any kind faults, and so does one of
 * the C library's. The grader's side writes them by another address, drawn at random, which stands in no memory: the
 * segment register %gs holds it. In the stress build the code under test is refused their reading, too. Where there is
 * no such register, and under the sanitizers, that refusal is all. */
#ifndef C10KATA_GRADERS_OWN_H
#define C10KATA_GRADERS_OWN_H

#include <stddef.h>
#include <stdint.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#if defined(__x86_64__) && !SANITIZED
#define OWN_SEALED 1
#define OWN __seg_gs
#define OWN_SEGMENT "%%gs:"
#else
#define OWN_SEALED 0
#define OWN
#endif

/* The linker puts them together, wherever they are defined. */
#define GRADERS_OWN __attribute__((section("graders_own")))

/* A static variable of a driver's that the code under test is handed: in the stress build it reaches no other. */
#define HANDED_OVER __attribute__((section("handed_over")))

/* A variable that is marked so, to be written: own(count)++. Of a read, no more than the name is needed. */
#define own(variable) (*own_at(&(variable)))
#define own_at(pointer) ((OWN __typeof__(*(pointer)) *)(uintptr_t)(pointer))

/* What C has no way to say of such addresses: relaxed, as <stdatomic.h> has them. */
static inline uint64_t own_fetch_add(volatile void *at, uint64_t add) {
#if OWN_SEALED
    __asm__ volatile("lock xaddq %0, %%gs:(%1)" : "+r"(add) : "r"(at) : "memory");
    return add;
#else
    return __atomic_fetch_add((volatile uint64_t *)at, add, __ATOMIC_RELAXED);
#endif
}

static inline void own_store(volatile void *at, uint64_t value) {
#if OWN_SEALED
    __asm__ volatile("movq %0, %%gs:(%1)" : : "r"(value), "r"(at) : "memory");
#else
    __atomic_store_n((volatile uint64_t *)at, value, __ATOMIC_RELAXED);
#endif
}

/* The value before: `expected`, if `value` is there now. */
static inline uint64_t own_swap(volatile void *at, uint64_t expected, uint64_t value) {
#if OWN_SEALED
    __asm__ volatile("lock cmpxchgq %2, %%gs:(%1)" : "+a"(expected) : "r"(at), "r"(value) : "memory", "cc");
#else
    __atomic_compare_exchange_n((volatile uint64_t *)at, &expected, value, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
#endif
    return expected;
}

/* Many bytes at once, a structure's. */
static inline void own_write(void *to, const void *from, size_t size) {
    for (size_t i = 0; i < size; i++) own_at((volatile char *)to)[i] = ((const char *)from)[i];
}

/* Zeros that live as long as the process, and that no address of C leads to once a run has begun: neither read nor
 * written by the code under test. Or NULL. */
void OWN *own_memory(size_t size);

/* Of a driver that does for the code under test what the C library does: ends the run if these bytes are so marked. */
void graders_own_forbid(const volatile void *at, size_t size);

#endif
