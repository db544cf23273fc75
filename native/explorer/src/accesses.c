/* SPDX-License-Identifier: MIT
 *
 * accesses.c -- the __tsan_read* and __tsan_write* functions: plain memory accesses.
 *
 * gcc 12 and clang 14 to 19 at -O0 to -O2 call these; the volatile and read-write forms only under
 * extra options, and __tsan_mem* from clang 15 on. volatile is no synchronisation in C11, so such
 * accesses race like all others. */
#include "callers.h"
#include "schedule.h"
#include "shadow.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"

#include <string.h>

static void reads(const volatile void *at, size_t size, uint32_t pc) {
    if (!exploring) return;
    schedule_plain_access("reads", pc);
    shadow_access((uintptr_t)at, size, PLAIN_READ, pc, "reads");
}

static void writes(volatile void *at, size_t size, uint32_t pc) {
    if (!exploring) return;
    schedule_plain_access("writes", pc);
    shadow_access((uintptr_t)at, size, PLAIN_WRITE, pc, "writes");
}

#define WIDTH(prefix, size)                                                                                            \
    EXPORTED void __tsan_##prefix##read##size(void *at) {                                                              \
        reads(at, size, CALLER);                                                                                       \
    }                                                                                                                  \
    EXPORTED void __tsan_##prefix##write##size(void *at) {                                                             \
        writes(at, size, CALLER);                                                                                      \
    }                                                                                                                  \
    EXPORTED void __tsan_##prefix##read_write##size(void *at) {                                                        \
        reads(at, size, CALLER);                                                                                       \
        writes(at, size, CALLER);                                                                                      \
    }

#define WIDTHS(prefix) WIDTH(prefix, 1) WIDTH(prefix, 2) WIDTH(prefix, 4) WIDTH(prefix, 8) WIDTH(prefix, 16)

WIDTHS()
WIDTHS(volatile_)
WIDTHS(unaligned_)
WIDTHS(unaligned_volatile_)

EXPORTED void __tsan_read_range(void *at, size_t size) {
    reads(at, size, CALLER);
}

EXPORTED void __tsan_write_range(void *at, size_t size) {
    writes(at, size, CALLER);
}

EXPORTED void *__tsan_memcpy(void *to, const void *from, size_t size) {
    reads(from, size, CALLER);
    writes(to, size, CALLER);
    return memcpy(to, from, size);
}

EXPORTED void *__tsan_memmove(void *to, const void *from, size_t size) {
    reads(from, size, CALLER);
    writes(to, size, CALLER);
    return memmove(to, from, size);
}

EXPORTED void *__tsan_memset(void *to, int byte, size_t size) {
    writes(to, size, CALLER);
    return memset(to, byte, size);
}

EXPORTED void __tsan_init(void) {
}

static bool in_subject(uintptr_t address) {
    return address >= subject.base && address < subject.writable_end;
}

EXPORTED void __tsan_func_entry(void *caller) {
    uintptr_t called_at = (uintptr_t)caller;
    if (tracing) callers_enter(in_subject(called_at) ? (uint32_t)(called_at - subject.base) : 0, CALLER);
}

EXPORTED void __tsan_func_exit(void) {
    if (tracing) callers_leave();
}
