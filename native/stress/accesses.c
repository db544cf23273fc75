/* SPDX-License-Identifier: MIT */
/* accesses.c -- what else -fsanitize=thread makes a call of in the learner's
 * code, and what is no step: plain accesses, functions that begin and end. */
#include <stddef.h>
#include <string.h>

#include "lines.h"

#define PLAIN(size)                                                                                                    \
    void __tsan_read##size(void *at) {                                                                                 \
        (void)at;                                                                                                      \
    }                                                                                                                  \
    void __tsan_write##size(void *at) {                                                                                \
        lines_note(at, size, false, __builtin_return_address(0));                                                      \
    }
#define UNALIGNED(size)                                                                                                \
    void __tsan_unaligned_read##size(void *at) {                                                                       \
        (void)at;                                                                                                      \
    }                                                                                                                  \
    void __tsan_unaligned_write##size(void *at) {                                                                      \
        lines_note(at, size, false, __builtin_return_address(0));                                                      \
    }

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)
UNALIGNED(2)
UNALIGNED(4)
UNALIGNED(8)
UNALIGNED(16)

static void note(void *at, size_t size, void *caller) {
    if (size > 0) lines_note(at, size, false, caller);
}

void __tsan_read_range(void *at, size_t size) {
    (void)at, (void)size;
}

void __tsan_write_range(void *at, size_t size) {
    note(at, size, __builtin_return_address(0));
}

void *__tsan_memcpy(void *to, const void *from, size_t size) {
    note(to, size, __builtin_return_address(0));
    return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, size_t size) {
    note(to, size, __builtin_return_address(0));
    return memmove(to, from, size);
}

void *__tsan_memset(void *to, int byte, size_t size) {
    note(to, size, __builtin_return_address(0));
    return memset(to, byte, size);
}

void __tsan_init(void) {
}

void __tsan_func_entry(void *caller) {
    (void)caller;
}

void __tsan_func_exit(void) {
}
