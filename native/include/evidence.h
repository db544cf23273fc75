/* SPDX-License-Identifier: MIT */
/* evidence.h -- what a guest tells the grader: raw facts, never a verdict.
 *
 * Everything travels as length-prefixed frames on a descriptor of its own
 * (harness/src/guest/evidence.ts reads them). The driver reports from one thread at
 * a time. Names are C identifiers and must be known to the kata's evidence
 * schema: the grader refuses what it does not know.
 *
 * A write that fails ends the process: evidence that cannot be delivered
 * must not look like evidence that was never meant. */
#ifndef C10KATA_EVIDENCE_H
#define C10KATA_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

/* One named number, in the unit that its name carries. */
void evidence_count(const char *name, uint64_t value);

/* One named list of numbers, copied before the call returns. */
void evidence_series(const char *name, const uint64_t *values, size_t length);

/* A row of evidence, as a struct: its columns are named here once, and travel
 * with the rows, so that the kata's schema cannot read one as another.
 *
 *   EVIDENCE_ROW(attempt, nth, answered, kept); // struct attempt
 *   evidence_rows("attempts", attempt, attempts, count); */
#define EVIDENCE_ROW(row, ...)                                                                                         \
    struct row {                                                                                                       \
        uint64_t __VA_ARGS__;                                                                                          \
    };                                                                                                                 \
    static const char row##_columns[] = #__VA_ARGS__
#define evidence_rows(name, row, rows, count)                                                                          \
    evidence_table(name, row##_columns, (const uint64_t *)(1 ? (rows) : (const struct row *)NULL),                     \
                   (count) * (sizeof(struct row) / sizeof(uint64_t)))
void evidence_table(const char *name, const char *columns, const uint64_t *cells, size_t length);

/* The traffic cannot go on, since `call` did what the contract rules out with
 * memory and all else to be had: "answered NULL", and not "a queue". The process
 * ends; every check of the scenario reads so. From any thread; the first counts. */
_Noreturn void evidence_broken_off(const char *call, const char *did, const char *expected, const char *look_at);

/* "Still getting somewhere": separates a slow guest from a stuck one when the
 * deadline comes. Call it every few milliseconds of useful work at most. */
void evidence_progress(void);

/* The mandatory last frame; then the process ends, at once and without
 * destructors. For a driver that must stop while other threads are stuck. */
_Noreturn void evidence_end(void);

#endif
