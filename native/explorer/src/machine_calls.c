/* SPDX-License-Identifier: MIT
 *
 * machine_calls.c -- what a program may ask its machine: the same answers in every execution and on every machine. */
#include "footprint.h"
#include "kinds.h"
#include "models.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"

enum { PROCESSORS = 2 };

static unsigned random_state;
static unsigned processor[MAX_THREADS];

void machine_calls_reset(void) {
    random_state = 1;
    for (unsigned i = 0; i < MAX_THREADS; i++) processor[i] = i % PROCESSORS;
}

/* rand and random share hidden state, which the C library locks; a call orders nothing here. */
void model_srand(unsigned seed) {
    touch(TOUCHED_RANDOM, 1, WRITES);
    random_state = seed;
}

/* The generator of the C standard's example. */
int model_rand(void) {
    touch(TOUCHED_RANDOM, 1, WRITES);
    random_state = random_state * 1103515245u + 12345u;
    return (int)(random_state >> 1);
}

long model_random(void) {
    return model_rand();
}

int model_get_nprocs(void) {
    return PROCESSORS;
}

long model_sysconf(int name) {
    return name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF ? PROCESSORS : sysconf(name);
}

/* A thread may be moved between any two of its steps. Only the thread itself can tell, and only by asking: so it is
 * moved when it asks. */
static unsigned processor_now(uint32_t pc) {
    unsigned *mine = &processor[running->id], moved = choose(CHOOSE_MOVE, PROCESSORS);
    *mine = (*mine + moved) % PROCESSORS;
    trace_step("asks for its processor", pc, moved ? "has been moved to processor %u" : "processor %u", *mine);
    return *mine;
}

int model_sched_getcpu(void) {
    return (int)processor_now(CALLER);
}

int model_getcpu(unsigned *out, unsigned *node) {
    unsigned now = processor_now(CALLER);
    if (out) *out = now;
    if (node) *node = 0;
    return 0;
}
