/* SPDX-License-Identifier: MIT */
/* printed.c -- a ring of the last bytes, behind a stream of the C library's. */
#include "printed.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

static char kept[PRINTED_BYTES];
/* Counted since the reset. */
static _Atomic uint64_t bytes, ends;
static _Atomic char last;

/* The stream has a lock of its own, of which ThreadSanitizer does not know; a
 * memcpy it would see. Bytes that nobody will be shown are counted only. */
__attribute__((no_sanitize("thread"))) void printed_add(const char *from, size_t size) {
    uint64_t at = atomic_load_explicit(&bytes, memory_order_relaxed), line_ends = 0;
    for (size_t i = 0; i < size; i++) {
        line_ends += from[i] == '\n';
        if (size - i <= PRINTED_BYTES) kept[(at + i) % PRINTED_BYTES] = from[i];
    }
    if (size > 0) atomic_store_explicit(&last, from[size - 1], memory_order_relaxed);
    atomic_store_explicit(&bytes, at + size, memory_order_relaxed);
    atomic_fetch_add_explicit(&ends, line_ends, memory_order_relaxed);
}

static ssize_t write_printed(void *nothing, const char *from, size_t size) {
    (void)nothing;
    printed_add(from, size);
    return (ssize_t)size;
}

/* Unbuffered, so that a crash loses nothing. Where there is no memory for it,
 * all goes where it went. */
void printed_open(void) {
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_printed});
    if (!stream) return;
    setvbuf(stream, NULL, _IONBF, 0);
    stdout = stderr = stream;
}

void printed_reset(void) {
    atomic_store_explicit(&bytes, 0, memory_order_relaxed);
    atomic_store_explicit(&ends, 0, memory_order_relaxed);
}

uint64_t printed_bytes(void) {
    return atomic_load_explicit(&bytes, memory_order_relaxed);
}

uint64_t printed_lines(void) {
    uint64_t size = printed_bytes();
    return ends + (size > 0 && last != '\n');
}

__attribute__((no_sanitize("thread"))) size_t printed_text(char text[PRINTED_BYTES]) {
    uint64_t end = printed_bytes();
    size_t size = end < PRINTED_BYTES ? (size_t)end : PRINTED_BYTES;
    for (size_t i = 0; i < size; i++) text[i] = kept[(end - size + i) % PRINTED_BYTES];
    return size;
}
