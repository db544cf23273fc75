/* SPDX-License-Identifier: MIT
 *
 * verdict.h -- what was found wrong with one execution, as data.
 *
 * A message holds no addresses and no line numbers: "{0}" stands for the place of accesses[0], its function, file and
 * line, filled in when the result is written. So the same execution gives the same bytes wherever it is
 * loaded. */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stdint.h>

enum verdict_kind {
    VERDICT_PASS,
    VERDICT_RACE,
    VERDICT_USE_AFTER_FREE,
    VERDICT_USE_AFTER_RETURN,
    VERDICT_UNINITIALIZED_READ,
    VERDICT_DOUBLE_FREE,
    VERDICT_BAD_FREE,
    VERDICT_OUT_OF_BOUNDS,
    VERDICT_LEAK,
    VERDICT_THREAD_LEAK,
    VERDICT_DEADLOCK,
    VERDICT_ALL_ASLEEP,
    VERDICT_LIVELOCK,
    VERDICT_BLOCKED_BY_PARKED_THREAD,
    VERDICT_PROPERTY,
    VERDICT_NOT_LINEARIZABLE,
    VERDICT_MISUSE,
    VERDICT_CRASH,
    VERDICT_ASSERTION,
    VERDICT_UNKNOWN_SYMBOL,
    VERDICT_LIMIT,             /* the explorer's own bounds: not the subject's fault */
    VERDICT_NOT_DETERMINISTIC, /* the same choices led elsewhere: input from outside */
    VERDICT_KINDS
};

/* A place in the program where something happened, and when. */
struct place {
    uint32_t pc; /* offset in the subject, of the instruction after the call */
    uint32_t clock;
    int thread;
    const char *what; /* "writes", "frees" */
};

/* Whose doing it is that a limit was passed. */
enum excess { OF_THE_SCENARIO, OF_THE_STEPS, OF_THE_PROGRAM };

enum { VERDICT_PLACES = 8, VERDICT_MESSAGE_SIZE = 1200 };

struct verdict {
    enum verdict_kind kind;
    char message[VERDICT_MESSAGE_SIZE];
    struct place places[VERDICT_PLACES];
    int place_count;
    bool timed; /* found by a clock: slow to find again */
    enum excess excess;
};

extern struct verdict verdict; /* of the current execution */

const char *verdict_name(enum verdict_kind);

/* The rule that was broken, in one sentence. Empty where the message says it all. */
const char *verdict_rule(enum verdict_kind);

void verdict_reset(void);

/* Adds a place; the message may refer to it by its number, in order of adding. */
void verdict_place(int thread, uint32_t pc, uint32_t clock, const char *what);

/* Ends the execution as a failure. The first failure of an execution counts. */
_Noreturn void violate(enum verdict_kind, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same in two parts; the first alone is for what is found once all threads are done. */
void verdict_note(enum verdict_kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void verdict_end_execution(void);

/* Ends the execution at a limit, since the program asks for more than the explorer has. */
_Noreturn void exceed(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What has just been noted is told only if this execution does not fail otherwise. The first such note counts. */
void verdict_defer(void);
void verdict_take_deferred(void);

#endif
