/* SPDX-License-Identifier: MIT
 *
 * trace.h -- what happened in one execution, step by step.
 *
 * Only recorded while `tracing`, that is in the replay of a failure. */
#ifndef TRACE_H
#define TRACE_H

#include "clock.h"

#include <stdbool.h>
#include <stdint.h>

struct access;
struct way;
struct thread;

enum { TRACE_NOTE_SIZE = 104, TRACE_STEPS = 400 };

struct step {
    int thread;
    uint32_t pc;
    struct clock knows; /* of every thread, by happens-before; of folded turns, the last one's */
    const char *what;   /* a verb in the third person: "loads" */
    bool marked;        /* part of what the verdict is about */
    uint32_t times;     /* in a row */
    int way;            /* of a marked step: for trace_way; else -1 */
    char note[TRACE_NOTE_SIZE];
};

extern bool tracing;

void trace_reset(void);

/* A step of the running thread, or of another. */
void trace_step(const char *what, uint32_t pc, const char *format, ...) __attribute__((format(printf, 3, 4)));
void trace_step_of(const struct thread *, const char *what, uint32_t pc, const char *note);

/* Another note for the running thread's last step, if that is the last one recorded. */
void trace_reword(const char *note);

/* The running thread's last step, unless it is already the last one recorded. */
void trace_last(const char *what, uint32_t pc);

/* Marks the step of a thread at this clock and place; asks for it in the next traced execution,
 * since plain accesses are steps only when marked. */
void trace_mark(int thread, uint32_t clock, uint32_t pc);

/* A plain access, while tracing: a step if it was marked. */
void trace_watch(const struct access *);

/* The marks outlive trace_reset, until this. */
void trace_forget_marks(void);

/* How a marked step's thread had come there. */
const struct way *trace_way(const struct step *);

/* The last TRACE_STEPS steps. */
int trace_length(void);
const struct step *trace_at(int index);

#endif
