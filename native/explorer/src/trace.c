/* SPDX-License-Identifier: MIT
 *
 * trace.c -- a ring of steps, and the marks on them. */
#include "trace.h"

#include "callers.h"
#include "cells.h"
#include "progress.h"
#include "thread.h"
#include "whole_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_MARKS = 16, MAX_TURN = 8 /* steps of a loop */ };

bool tracing;

static struct step steps[TRACE_STEPS];
static int step_count;

static struct {
    int thread;
    uint32_t clock, pc;
} marks[MAX_MARKS];
static int mark_count;

static struct way ways[MAX_MARKS]; /* of the marked steps, in order */
static int way_count;

void trace_reset(void) {
    step_count = way_count = 0;
    callers_reset();
}

void trace_forget_marks(void) {
    mark_count = 0;
}

static bool is_marked(int thread, uint32_t clock, uint32_t pc) {
    for (int i = 0; i < mark_count; i++)
        if (marks[i].thread == thread && marks[i].clock == clock && marks[i].pc == pc) return true;
    return false;
}

void trace_mark(int thread, uint32_t clock, uint32_t pc) {
    if (mark_count == MAX_MARKS || is_marked(thread, clock, pc)) return;
    marks[mark_count].thread = thread;
    marks[mark_count].clock = clock;
    marks[mark_count++].pc = pc;
}

const struct way *trace_way(const struct step *step) {
    static const struct way unknown;
    return step->way < 0 ? &unknown : &ways[step->way];
}

static struct step *back(int distance) {
    return &steps[(step_count - distance) % TRACE_STEPS];
}

static bool same(const struct step *a, const struct step *b) {
    return a->thread == b->thread && a->pc == b->pc && a->what == b->what && !a->marked && !b->marked &&
           !strcmp(a->note, b->note);
}

/* Are the last `length` steps one thread's, and the same as the `length` before them? */
static bool repeats(int length) {
    if (step_count < 2 * length) return false;
    for (int i = 1; i <= length; i++)
        if (!same(back(i), back(i + length)) || back(i)->thread != back(1)->thread) return false;
    return true;
}

/* A turn of a loop that is equal to the turn before it is counted there. */
static void fold(void) {
    for (int length = 1; length <= MAX_TURN; length++) {
        if (!repeats(length)) continue;
        for (int i = 1; i <= length; i++) {
            back(i + length)->times += back(i)->times;
            back(i + length)->knows = back(i)->knows;
        }
        step_count -= length;
        return;
    }
}

static struct step *add(const struct thread *thread, const char *what, uint32_t pc) {
    fold();
    struct step *step = &steps[step_count++ % TRACE_STEPS];
    step->thread = thread->id;
    step->pc = pc;
    step->knows = thread->view.happened;
    step->what = what;
    step->times = 1;
    step->marked = is_marked(step->thread, step->knows.at[step->thread], pc);
    step->way = -1;
    if (step->marked && way_count < MAX_MARKS) {
        step->way = way_count;
        callers_way(thread->id, &ways[way_count++]);
    }
    step->note[0] = 0;
    return step;
}

void trace_step(const char *what, uint32_t pc, const char *format, ...) {
    if (!tracing) return;
    struct step *step = add(running, what, pc);
    va_list arguments;
    va_start(arguments, format);
    whole_words(step->note, sizeof step->note, format, arguments);
    va_end(arguments);
}

void trace_reword(const char *note) {
    struct step *last = back(1);
    if (tracing && step_count && last->thread == running->id) snprintf(last->note, TRACE_NOTE_SIZE, "%s", note);
}

void trace_step_of(const struct thread *thread, const char *what, uint32_t pc, const char *note) {
    if (tracing) snprintf(add(thread, what, pc)->note, TRACE_NOTE_SIZE, "%s", note);
}

void trace_last(const char *what, uint32_t pc) {
    const struct step *last = &steps[(step_count + TRACE_STEPS - 1) % TRACE_STEPS];
    bool there = step_count && last->thread == running->id && last->pc == pc && last->marked;
    if (tracing && !there) add(running, what, pc);
}

void trace_watch(const struct access *access) {
    bool plain = access->kind == PLAIN_READ || access->kind == PLAIN_WRITE;
    bool wanted = plain_steps || is_marked(access->thread, access->clock, access->pc);
    bool steps_itself = !strcmp(access->what, "frees") || !strcmp(access->what, "allocates");
    if (plain && !steps_itself && wanted) add(running, access->what, access->pc);
}

int trace_length(void) {
    return step_count < TRACE_STEPS ? step_count : TRACE_STEPS;
}

const struct step *trace_at(int index) {
    int first = step_count < TRACE_STEPS ? 0 : step_count;
    return &steps[(first + index) % TRACE_STEPS];
}
