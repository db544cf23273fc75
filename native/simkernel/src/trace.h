/* SPDX-License-Identifier: MIT */
/* trace.h -- what happened in one life, step by step: recorded only while
 * `tracing`, that is in the replay of a failure. Column 0 is the server. */
#ifndef TRACE_H
#define TRACE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum { STEP_TEXT = 120, TRACE_STEPS = 60, MAX_COLUMNS = 25 };

struct step {
    int column;
    uint32_t pc; /* the server's: an offset into this program; else 0 */
    uint32_t times;
    bool marked;
    char text[STEP_TEXT];
};

extern bool tracing;

void trace_reset(void);
void trace_step(int column, uint32_t pc, const char *format, ...) __attribute__((format(printf, 3, 4)));
void trace_step_v(int column, uint32_t pc, const char *format, va_list);
/* The last step of a column is what the verdict is about. */
void trace_mark(int column);
/* The last TRACE_STEPS steps; how many came before them. */
int trace_length(void);
const struct step *trace_at(int index);
uint32_t trace_omitted(void);

#endif
