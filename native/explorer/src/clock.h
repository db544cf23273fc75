/* SPDX-License-Identifier: MIT
 *
 * clock.h -- vector clocks: what one thread knows of all the others.
 *
 * Every thread counts its own steps; slot t of a clock says up to which step of thread t one is
 * informed. "A happened before B" is: the clock at B covers A's thread and step. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    MAX_THREADS = 15,      /* with 31 a small program takes 11 % more instructions */
    SC_SLOT = MAX_THREADS, /* the position in the order of seq_cst operations, see ordering.c */
    CLOCK_SLOTS = MAX_THREADS + 1
};

struct clock {
    uint32_t at[CLOCK_SLOTS];
};

/* Two clocks that travel together. */
struct view {
    struct clock happened; /* happens-before: what data races are judged by */
    struct clock visible;  /* that, and what seq_cst fences forbid to overlook: bounds atomic loads */
};

static inline void clock_join(struct clock *into, const struct clock *from) {
    for (int i = 0; i < CLOCK_SLOTS; i++) into->at[i] = from->at[i] > into->at[i] ? from->at[i] : into->at[i];
}

static inline void view_join(struct view *into, const struct view *from) {
    clock_join(&into->happened, &from->happened);
    clock_join(&into->visible, &from->visible);
}

static inline bool clock_covers(const struct clock *clock, int thread, uint32_t step) {
    return clock->at[thread] >= step;
}

#endif
