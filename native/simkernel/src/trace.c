/* SPDX-License-Identifier: MIT */
/* trace.c -- the last steps of a life, equal ones in a row counted. */
#include "trace.h"

#include "whole_words.h"

#include <string.h>

bool tracing;

static struct step steps[TRACE_STEPS];
static uint32_t taken;

void trace_reset(void) {
    taken = 0;
}

static struct step *last(void) {
    return taken ? &steps[(taken - 1) % TRACE_STEPS] : NULL;
}

void trace_step_v(int column, uint32_t pc, const char *format, va_list arguments) {
    if (!tracing) return;
    struct step new = {.column = column, .pc = pc, .times = 1};
    whole_words(new.text, sizeof new.text, format, arguments);
    struct step *before = last();
    if (before && before->column == column && before->pc == pc && !strcmp(before->text, new.text))
        before->times++;
    else
        steps[taken++ % TRACE_STEPS] = new;
}

void trace_step(int column, uint32_t pc, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    trace_step_v(column, pc, format, arguments);
    va_end(arguments);
}

void trace_mark(int column) {
    for (int i = trace_length() - 1; i >= 0; i--) {
        struct step *step = &steps[(trace_omitted() + (uint32_t)i) % TRACE_STEPS];
        if (step->column != column) continue;
        step->marked = true;
        return;
    }
}

int trace_length(void) {
    return taken < TRACE_STEPS ? (int)taken : TRACE_STEPS;
}

uint32_t trace_omitted(void) {
    return taken < TRACE_STEPS ? 0 : taken - TRACE_STEPS;
}

const struct step *trace_at(int index) {
    return &steps[(trace_omitted() + (uint32_t)index) % TRACE_STEPS];
}
