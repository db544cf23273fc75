/* SPDX-License-Identifier: MIT
 *
 * accesses.c -- the __tsan_read* and __tsan_write* functions: plain memory accesses.
 *
 * gcc 12 and clang 14 to 19 at -O0 to -O2 call these; the volatile and read-write forms only under
 * extra options. volatile is no synchronisation in C11, so such accesses race like all others. */
#include "callers.h"
#include "definedness.h"
#include "progress.h"
#include "schedule.h"
#include "shadow.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"

/* The latest access to a whole structure. Two of as many bytes, one right after the other, are a copy. */
static struct {
    uintptr_t at;
    size_t size_bytes;
    uint64_t activity;
    enum access_kind kind;
} whole;

static void note_whole(uintptr_t at, size_t size_bytes, enum access_kind kind) {
    if (whole.size_bytes == size_bytes && whole.kind != kind && whole.activity + 1 == activity)
        definedness_copy(kind == PLAIN_WRITE ? at : whole.at, kind == PLAIN_WRITE ? whole.at : at, size_bytes);
    whole.at = at;
    whole.size_bytes = size_bytes;
    whole.activity = activity;
    whole.kind = kind;
}

static void reads(const volatile void *at, size_t size, uint32_t pc, bool is_whole) {
    if (!exploring) return;
    schedule_plain_access("reads", pc);
    shadow_access((uintptr_t)at, size, PLAIN_READ, pc, "reads");
    if (is_whole)
        note_whole((uintptr_t)at, size, PLAIN_READ);
    else if (!is_quiet(pc))
        definedness_read((uintptr_t)at, size, pc);
}

static void writes(volatile void *at, size_t size, uint32_t pc, bool is_whole) {
    if (!exploring) return;
    schedule_plain_access("writes", pc);
    shadow_access((uintptr_t)at, size, PLAIN_WRITE, pc, "writes");
    definedness_set((uintptr_t)at, size);
    if (is_whole) note_whole((uintptr_t)at, size, PLAIN_WRITE);
}

#define WIDTH(prefix, size)                                                                                            \
    EXPORTED void __tsan_##prefix##read##size(void *at) {                                                              \
        reads(at, size, CALLER, size > 8);                                                                             \
    }                                                                                                                  \
    EXPORTED void __tsan_##prefix##write##size(void *at) {                                                             \
        writes(at, size, CALLER, size > 8);                                                                            \
    }                                                                                                                  \
    EXPORTED void __tsan_##prefix##read_write##size(void *at) {                                                        \
        reads(at, size, CALLER, size > 8);                                                                             \
        writes(at, size, CALLER, size > 8);                                                                            \
    }

#define WIDTHS(prefix) WIDTH(prefix, 1) WIDTH(prefix, 2) WIDTH(prefix, 4) WIDTH(prefix, 8) WIDTH(prefix, 16)

WIDTHS()
WIDTHS(volatile_)
WIDTHS(unaligned_)
WIDTHS(unaligned_volatile_)

EXPORTED void __tsan_read_range(void *at, size_t size) {
    reads(at, size, CALLER, true);
}

EXPORTED void __tsan_write_range(void *at, size_t size) {
    writes(at, size, CALLER, true);
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
