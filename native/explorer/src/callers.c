/* SPDX-License-Identifier: MIT
 *
 * callers.c -- a stack and a ring for each thread, from the compiler's calls at each function's begin and end. */
#include "callers.h"

#include "thread.h"

#include <string.h>

enum { MAX_DEPTH = 256, RING = 32 };

static struct {
    int depth, returns;
    struct {
        uint32_t called_at, inside;
    } frames[MAX_DEPTH];
    uint32_t returned[RING];
} threads_in[MAX_THREADS];

void callers_reset(void) {
    for (int i = 0; i < MAX_THREADS; i++) threads_in[i].depth = threads_in[i].returns = 0;
}

void callers_enter(uint32_t called_at, uint32_t inside) {
    int depth = threads_in[running->id].depth++;
    if (depth >= MAX_DEPTH) return;
    threads_in[running->id].frames[depth].called_at = called_at;
    threads_in[running->id].frames[depth].inside = inside;
}

void callers_leave(void) {
    int depth = --threads_in[running->id].depth;
    if (depth < 0 || depth >= MAX_DEPTH) return;
    uint32_t inside = threads_in[running->id].frames[depth].inside;
    threads_in[running->id].returned[threads_in[running->id].returns++ % RING] = inside;
}

/* A function that a loop calls again and again must not push out all others. */
static void add_return(struct callers *callers, uint32_t inside) {
    for (int i = 0; i < callers->returns; i++)
        if (callers->returned[i] == inside) return;
    callers->returned[callers->returns++] = inside;
}

struct callers callers_of(int thread) {
    struct callers callers = {0};
    int deepest = threads_in[thread].depth < MAX_DEPTH ? threads_in[thread].depth : MAX_DEPTH;
    for (int i = deepest - 1; i >= 0 && callers.depth < CALLERS_SHOWN; i--)
        if (threads_in[thread].frames[i].called_at)
            callers.called_at[callers.depth++] = threads_in[thread].frames[i].called_at;
    int last = threads_in[thread].returns;
    for (int i = last - 1; i >= 0 && i >= last - RING && callers.returns < RETURNS_SHOWN; i--)
        add_return(&callers, threads_in[thread].returned[i % RING]);
    return callers;
}
