/* SPDX-License-Identifier: MIT */
/* heap.c -- the allocator as the learner's code sees it in the `stress` build:
 * the build renames its calls of malloc to heap_malloc, and so on. Counts, and
 * refuses on demand; everything else is the C library's. */
#include "heap.h"

#include "blocks.h"
#include "frames.h"
#include "own.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of native/stress: ends the run if these bytes are not the learner's to write. */
void stress_forbid(const volatile void *at, size_t size) __attribute__((weak));

static GRADERS_OWN _Atomic uint64_t allocations, moved_bytes;
static GRADERS_OWN _Atomic int64_t live, live_bytes;
static GRADERS_OWN _Atomic uint64_t refuse_from, refuse_to; /* absolute counts; from 0: never */
static GRADERS_OWN _Atomic uintptr_t refused_at;

uint64_t heap_allocations(void) {
    return atomic_load_explicit(&allocations, memory_order_relaxed);
}

uint64_t heap_moved_bytes(void) {
    return atomic_load_explicit(&moved_bytes, memory_order_relaxed);
}

int64_t heap_live(void) {
    return atomic_load_explicit(&live, memory_order_relaxed);
}

int64_t heap_live_bytes(void) {
    return atomic_load_explicit(&live_bytes, memory_order_relaxed);
}

uint64_t heap_refused_at(void) {
    uintptr_t at = atomic_load_explicit(&refused_at, memory_order_relaxed);
    return at == 0 ? 0 : module_offset(at);
}

static void refuse(uint64_t first, uint64_t count) {
    if (first > 0) own_store(&refused_at, 0);
    uint64_t from = first == 0 ? 0 : heap_allocations() + first;
    own_store(&refuse_to, count == UINT64_MAX ? count : from + count);
    own_store(&refuse_from, from);
}

void heap_refuse_from(uint64_t nth) {
    refuse(nth, UINT64_MAX);
}

void heap_refuse_only(uint64_t nth) {
    refuse(nth, 1);
}

/* Relaxed: a pair of counters must not order the learner's own accesses. */
static bool refused(void *caller) {
    uint64_t count = own_fetch_add(&allocations, 1) + 1;
    uint64_t from = atomic_load_explicit(&refuse_from, memory_order_relaxed);
    if (from == 0 || count < from) return false;
    if (count >= atomic_load_explicit(&refuse_to, memory_order_relaxed)) return false;
    own_swap(&refused_at, 0, (uintptr_t)caller - 1); /* a return address is one past the call */
    errno = ENOMEM;
    return true;
}

static void count(int64_t blocks, int64_t bytes) {
    own_fetch_add(&live, (uint64_t)blocks);
    own_fetch_add(&live_bytes, (uint64_t)bytes);
}

static int64_t bytes_of(void *p) {
    return (int64_t)malloc_usable_size(p);
}

static void *counted(void *p) {
    if (!p) return NULL;
    count(1, bytes_of(p));
    block_keep(p, (uint64_t)bytes_of(p));
    return p;
}

void *heap_malloc(size_t size);
void *heap_malloc(size_t size) {
    return refused(__builtin_return_address(0)) ? NULL : counted(malloc(size));
}

void *heap_calloc(size_t number, size_t size);
void *heap_calloc(size_t number, size_t size) {
    return refused(__builtin_return_address(0)) ? NULL : counted(calloc(number, size));
}

void *heap_realloc(void *old, size_t size);
void *heap_realloc(void *old, size_t size) {
    if (refused(__builtin_return_address(0))) return NULL;
    if (!old) return counted(malloc(size));
    int64_t bytes = bytes_of(old);
    uintptr_t before = (uintptr_t)old;
    own_fetch_add(&moved_bytes, (uint64_t)bytes);
    void *p = realloc(old, size);
    if (p) count(0, bytes_of(p) - bytes), block_forget(before), block_keep(p, (uint64_t)bytes_of(p));
    return p;
}

void *heap_reallocarray(void *old, size_t number, size_t size);
void *heap_reallocarray(void *old, size_t number, size_t size) {
    size_t all;
    if (!__builtin_mul_overflow(number, size, &all)) return heap_realloc(old, all);
    errno = ENOMEM;
    return NULL;
}

char *heap_strdup(const char *text);
char *heap_strdup(const char *text) {
    return refused(__builtin_return_address(0)) ? NULL : counted(strdup(text));
}

char *heap_strndup(const char *text, size_t limit);
char *heap_strndup(const char *text, size_t limit) {
    return refused(__builtin_return_address(0)) ? NULL : counted(strndup(text, limit));
}

void *heap_aligned_alloc(size_t alignment, size_t size);
void *heap_aligned_alloc(size_t alignment, size_t size) {
    return refused(__builtin_return_address(0)) ? NULL : counted(aligned_alloc(alignment, size));
}

int heap_posix_memalign(void **out, size_t alignment, size_t size);
int heap_posix_memalign(void **out, size_t alignment, size_t size) {
    if (stress_forbid) stress_forbid(out, sizeof *out);
    if (refused(__builtin_return_address(0))) return ENOMEM;
    int error = posix_memalign(out, alignment, size);
    if (error == 0) (void)counted(*out);
    return error;
}

void heap_free(void *p);
void heap_free(void *p) {
    if (p) count(-1, -bytes_of(p)), block_forget((uintptr_t)p);
    free(p);
}
