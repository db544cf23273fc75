/* SPDX-License-Identifier: MIT */
/* frames.h -- the wire between guest and grader; harness/src/guest/evidence.ts has
 * the other end. Private to native/guest. */
#ifndef C10KATA_FRAMES_H
#define C10KATA_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_kind {
    FRAME_HELLO = 1,       /* empty: the process is up, the library loaded       */
    FRAME_COUNT = 2,       /* name, NUL, u64                                     */
    FRAME_SERIES = 3,      /* name, NUL, u64...                                  */
    FRAME_PROGRESS = 4,    /* empty                                              */
    FRAME_CRASH = 5,       /* u32 signal, u32 thread, u64 module offsets...      */
    FRAME_STACK = 6,       /* u32 0, u32 thread, u64 module offsets...           */
    FRAME_ANSWER = 7,      /* JSON text: the answer to one scripted call (child.ts) */
    FRAME_END = 8,         /* u64 bytes before it, nonce: nothing follows        */
    FRAME_ROWS = 9,        /* name, NUL, "column, column", NUL, u64...           */
    FRAME_PRINTED = 11,    /* u64 lines, bytes: what the learner's code printed last */
    FRAME_BROKEN_OFF = 10, /* call, NUL, what it did, NUL, expected, NUL, where to look */
};

/* Exit codes that tell our own trouble from the learner's; run.ts knows them. */
enum { EXIT_EVIDENCE_LOST = 97, EXIT_BAD_REQUEST = 98 };

/* Async-signal-safe. */
void frame_send(enum frame_kind kind, const void *payload, size_t size);

/* Takes the descriptor over, reads the run's nonce from it, and sends the first
 * frame. A file holds the nonce alone before, and the evidence alone after. */
void evidence_open(int fd);

/* Is the run's nonce in one of these pages? */
bool nonce_lies_in(const void *at, size_t size);

/* The last frame, after what was printed. */
void frame_end(void);

/* Tells what was printed since the last time, if anything was. Async-signal-
 * safe. For the end of a run, or of one script. */
void printed_tell(void);

/* From here on a fatal signal reports its stack before it kills, and SIGUSR2
 * from the grader reports the stack of every thread. `fatal` is 0 where a
 * sanitizer reports crashes better. */
void stacks_install(int fatal);

/* Of an address in this module; 0 for those of other modules. */
uint64_t module_offset(uintptr_t address);

/* Bytes of the stack on which a thread whose own is full says where it is. */
enum { STACKS_ALTERNATE = 64 * 1024 };

#endif
