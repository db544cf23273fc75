/* SPDX-License-Identifier: MIT
 *
 * progress.h -- how far an execution has come: its steps, and the virtual time that passes with them. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    uint32_t steps, preemptions, thread_choices;
    bool fair;    /* after very many steps: fair turns, no surprises, to tell a livelock from bad
                     luck */
    bool repeats; /* cut: up to the order of independent steps it is one that came before */
};

extern struct progress progress;

void progress_reset(void);

/* Is a plain access a step, too? Then a race does not end an execution, so that what comes of it is seen. */
extern bool plain_steps;

/* Virtual time: it passes with steps, and jumps when all wait or when the seed says so. */
uint64_t progress_now_ns(void);
void progress_jump_to(uint64_t deadline_ns);

/* Grows whenever the program does anything the explorer sees. */
extern uint64_t activity;

#endif
