/* SPDX-License-Identifier: MIT */
/* gate.h -- threads that start together.
 *
 * Threads started one by one run one after the other when their work is
 * short, and a race needs company. Everyone waits at the gate until the
 * expected number has arrived. */
#ifndef C10KATA_GATE_H
#define C10KATA_GATE_H

#include <pthread.h>
#include <stddef.h>

struct gate {
    pthread_barrier_t barrier;
};

static inline void gate_init(struct gate *g, size_t threads) {
    pthread_barrier_init(&g->barrier, NULL, (unsigned)threads);
}

static inline void gate_pass(struct gate *g) {
    pthread_barrier_wait(&g->barrier);
}

static inline void gate_destroy(struct gate *g) {
    pthread_barrier_destroy(&g->barrier);
}

/* Starts a thread; a driver cannot go on without its threads, so a failure
 * here ends the process with the reason. */
pthread_t gate_thread(void *(*run)(void *), void *argument);

#endif
