/* SPDX-License-Identifier: MIT
 *
 * subject.h -- the program under test: a shared object, its writable memory, its thread-local
 * image. */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seen by the subject under this name. Everything else in the explorer is hidden from it. */
#define EXPORTED __attribute__((visibility("default")))

struct region {
    uintptr_t start;
    size_t size_bytes;
};

static inline bool lies_in(struct region region, uintptr_t address) {
    return address - region.start < region.size_bytes;
}

struct subject {
    const char *path;
    uintptr_t base;
    uintptr_t writable_start, writable_end; /* its variables, restored before each execution */
    uintptr_t quiet_start;                  /* code that orders nothing, as an offset: see EXPLORE_QUIET */
    size_t quiet_size;
    struct region explorer; /* the explorer's own program, which no subject writes to */
    struct region calls[2]; /* where its code looks for the functions that it calls: nor there */
    const char *tls_image;
    size_t tls_image_size, tls_size;
    void *handle;
};

extern struct subject subject;

/* No memory of the running thread below this address is in use: the frame of the call that it is in, or was in last. */
extern uintptr_t caller_frame;

static inline uint32_t subject_caller(const void *pc, const void *frame) {
    caller_frame = (uintptr_t)frame;
    return (uint32_t)((uintptr_t)pc - subject.base);
}

/* Where the current modelled call returns to, as an offset in the subject; notes its frame. Only meaningful in a
 * function that the subject calls itself. */
#define CALLER subject_caller(__builtin_return_address(0), __builtin_frame_address(0))

/* Is this the code of a quiet function? */
static inline bool is_quiet(uint32_t pc) {
    return pc - subject.quiet_start < subject.quiet_size;
}

/* Keeps the values that all variables have now, and gives them back. */
void subject_keep(void);
void subject_restore(void);

/* Fills a new thread's block of thread-local variables. */
void subject_init_tls(char *block);

/* The address of an exported symbol, or NULL. */
void *subject_symbol(const char *name);

#endif
