/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files on real descriptors share, and the scenarios. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdint.h>

#include "mux.h"

/* As many descriptors as this machine allows. */
void raise_limit(void);
/* Descriptors of an eventfd that is never readable. Each is closed by its owner. */
int silent_fd(void);
int event_fd(uint64_t count);
/* A mux of the scenario's `kind`. Without one there is nothing to try. */
struct mux *new_mux(uint64_t kind);
/* real.c: both ends of a connection over the loopback. */
void tcp_pair(int pair[2]);
/* turns.c: a part of `real`. */
void turns(void);
void add_watch(struct mux *, int fd, unsigned events, mux_callback *callback, void *context);

/* asked.c: what the learner's waits asked the kernel for, since asked_begin(). `others`: those of the waits that were
 * another kind's calls. */
struct asked {
    enum mux_kind kind;
    uint64_t waits, entries_most, changes, others;
};
void asked_begin(enum mux_kind kind);
struct asked asked_end(void);

void one_byte(uint64_t seed); /* one_byte.c */
void growth(uint64_t seed);   /* growth.c */
void real(uint64_t seed);     /* real.c */
void bench(uint64_t seed);    /* bench.c */
void cost(uint64_t seed);     /* bench.c */

#endif
