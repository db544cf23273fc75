/* SPDX-License-Identifier: MIT */
/* accesses.c -- what else -fsanitize=thread makes a call of in the learner's
 * code, and what is no step: plain accesses, functions that begin and end. All
 * are refused that reach what is the grader's own. */
#include <stddef.h>
#include <string.h>

#include "lines.h"
#include "trespass.h"

#define PLAIN(size)                                                                                                    \
    void __tsan_read##size(void *at) {                                                                                 \
        forbid_own(at, size);                                                                                          \
    }                                                                                                                  \
    void __tsan_write##size(void *at) {                                                                                \
        forbid_own(at, size);                                                                                          \
        lines_note(at, size, false, __builtin_return_address(0));                                                      \
    }
#define UNALIGNED(size)                                                                                                \
    void __tsan_unaligned_read##size(void *at) {                                                                       \
        forbid_own(at, size);                                                                                          \
    }                                                                                                                  \
    void __tsan_unaligned_write##size(void *at) {                                                                      \
        forbid_own(at, size);                                                                                          \
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

static void write_range(void *at, size_t size, void *caller) {
    forbid_own(at, size);
    if (size > 0) lines_note(at, size, false, caller);
}

void __tsan_read_range(void *at, size_t size) {
    forbid_own(at, size);
}

void __tsan_write_range(void *at, size_t size) {
    write_range(at, size, __builtin_return_address(0));
}

/* clang calls these by its own names; of gcc's calls the build changes the name. */
#define COPY(function)                                                                                                 \
    void *__tsan_##function(void *to, const void *from, size_t size) {                                                 \
        write_range(to, size, __builtin_return_address(0));                                                            \
        forbid_own(from, size);                                                                                        \
        return function(to, from, size);                                                                               \
    }

COPY(memcpy)
COPY(memmove)

void *__tsan_memset(void *to, int byte, size_t size) {
    write_range(to, size, __builtin_return_address(0));
    return memset(to, byte, size);
}

void __tsan_init(void) {
}

void __tsan_func_entry(void *caller) {
    (void)caller;
}

void __tsan_func_exit(void) {
}

/* A program that switches its own stacks tells ThreadSanitizer of it. Here nobody has to know. */
void *__tsan_get_current_fiber(void) {
    return NULL;
}

void *__tsan_create_fiber(unsigned flags) {
    (void)flags;
    return NULL;
}

void __tsan_destroy_fiber(void *fiber) {
    (void)fiber;
}

void __tsan_switch_to_fiber(void *fiber, unsigned flags) {
    (void)fiber, (void)flags;
}
