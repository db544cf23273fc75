/* SPDX-License-Identifier: MIT */
/* own.c -- see graders_own.h. The marked pages lie in memory that is mapped twice: where they were linked, to be read,
 * and somewhere else, to be written. What is known of threads follows them there, and only there. */
#include "own.h"

#include <asm/prctl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "evidence.h"

#define PAGE 4096
#define THREADS (1u << OWN_THREADS_BITS)
#define MEMORY_BYTES ((size_t)16 << 20)
#define ROOM_BYTES (THREADS * sizeof(struct own_thread) + MEMORY_BYTES)

#define LOWEST 0x600000000000u
#define HIGHEST 0x7c0000000000u
#define STACK_ROOM ((uintptr_t)64 << 20) /* below what is called now */

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

/* The section begins with a page; own_last.c, which is linked last, ends it with one. */
GRADERS_OWN _Alignas(PAGE) bool own_sealed;

_Thread_local struct own_thread own_thread_unsealed;

bool own_lies_in(const volatile void *at, size_t size) {
    uintptr_t from = (uintptr_t)at;
    return own_sealed && from < (uintptr_t)__stop_graders_own && from + size > (uintptr_t)__start_graders_own;
}

void graders_own_forbid(const volatile void *at, size_t size) {
    if (is_graders_own(at, size)) trespassed();
}

_Noreturn void trespassed(void) {
    evidence_broken_off("the program", "reached into memory of the grader's own",
                        "memory that it has asked for, or that a call has handed over",
                        "a pointer that comes from neither: from where, and what for?");
}

#if OWN_SEALED

static GRADERS_OWN uint64_t used; /* of own_memory() */

static size_t marked_bytes(void) {
    return (size_t)(__stop_graders_own - __start_graders_own);
}

/* Around a library there may be no room; it is not sealed then. */
static bool is_library(void) {
    return (uintptr_t)__start_graders_own >= LOWEST;
}

/* Above the program, since the kernel takes no other base, and below what it places itself; of a library, which it has
 * placed, between that and the stack. */
static void *somewhere(int fd, size_t size) {
    uintptr_t start = (uintptr_t)__start_graders_own, from = LOWEST, to = HIGHEST;
    if (is_library()) from = start + marked_bytes(), to = (uintptr_t)&start - STACK_ROOM - size;
    if (from + size > to) return NULL;
    for (int tries = 0; tries < 100; tries++) {
        uint64_t draw;
        if (getrandom(&draw, sizeof draw, 0) != sizeof draw) break;
        void *at = (void *)(uintptr_t)((from + draw % (to - from)) / PAGE * PAGE);
        void *got = mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_NORESERVE, fd, 0);
        if (got == at) return at;
        if (got != MAP_FAILED) munmap(got, size);
    }
    return NULL;
}

static bool filled(int fd) {
    size_t size = marked_bytes();
    return fd >= 0 && ftruncate(fd, (off_t)(size + ROOM_BYTES)) == 0 &&
           pwrite(fd, __start_graders_own, size, 0) == (ssize_t)size;
}

/* Only here a register or the stack knows where: overwritten() comes after it. */
__attribute__((noinline)) static bool mapped_twice(int fd) {
    void *start = (void *)(uintptr_t)__start_graders_own, *place = somewhere(fd, marked_bytes() + ROOM_BYTES);
    if (!place) return own_sealed = false, is_library();
    (void)fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    uintptr_t gs = (uintptr_t)place - (uintptr_t)start;
    return mmap(start, marked_bytes(), PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == start &&
           syscall(SYS_arch_prctl, ARCH_SET_GS, gs) == 0;
}

__attribute__((noinline)) static void overwritten(void) {
    volatile char stack[PAGE];
    for (size_t i = 0; i < sizeof stack; i++) stack[i] = 0;
}

static void seal(void) {
    int fd = memfd_create("own", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    bool done = filled(fd) && mapped_twice(fd);
    overwritten();
    if (!done) abort();
    close(fd);
}

/* A child's counts are its own from here on, as all of its memory is. */
static void seal_again(void) {
    struct own_thread me;
    struct own_thread OWN *before = own_thread();
    for (size_t i = 0; i < sizeof me; i++) ((char *)&me)[i] = ((char OWN *)before)[i];
    me.lines = NULL;
    seal();
    char OWN *after = (char OWN *)own_thread();
    for (size_t i = 0; i < sizeof me; i++) after[i] = ((char *)&me)[i];
}

void own_seal(void) {
    own_sealed = true;
    seal();
    pthread_atfork(NULL, NULL, seal_again);
}

struct own_thread OWN *own_thread_sought(void) {
    uintptr_t me = own_thread_pointer();
    size_t first = (size_t)(own_thread_first(me) - own_thread_first(0));
    for (size_t i = 0; i < THREADS; i++) {
        struct own_thread OWN *one = own_thread_first(0) + (first + i) % THREADS;
        if (one->owner == me) return one;
        if (one->owner == 0 && own_swap((void *)(uintptr_t)&one->owner, 0, me) == 0) return one;
    }
    abort();
}

void OWN *own_memory(size_t size) {
    if (!own_sealed) return own_at((char *)calloc(1, size));
    uint64_t at = own_fetch_add(&used, (size + 63) / 64 * 64);
    return at + size <= MEMORY_BYTES ? (char OWN *)(own_thread_first(0) + THREADS) + at : NULL;
}

#else

void own_seal(void) {
}

struct own_thread OWN *own_thread_sought(void) {
    return own_at(&own_thread_unsealed);
}

void OWN *own_memory(size_t size) {
    return calloc(1, size);
}

#endif

void own_thread_begins(void) {
    struct own_thread OWN *mine = own_thread();
    uintptr_t me = mine->owner;
    for (size_t i = 0; i < sizeof *mine; i++) ((volatile char OWN *)mine)[i] = 0;
    mine->owner = me;
}
