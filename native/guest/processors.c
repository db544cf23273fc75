/* SPDX-License-Identifier: MIT */
/* processors.c -- what the learner's code asks its machine arrives here as kernel_sched_getcpu(), and so on. */
#include "processors.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "rng.h"

static _Atomic uint64_t working; /* 0: the real machine's */

static _Thread_local struct {
    enum { REAL, STAYS, MOVES } how;
    uint64_t number, count;
    struct rng rng;
} self;

void processors_work(uint64_t count) {
    atomic_store_explicit(&working, count, memory_order_relaxed);
}

void processor_is(uint64_t number) {
    self.how = STAYS, self.number = number;
}

void processor_moves(uint64_t seed, uint64_t stream, uint64_t count) {
    self.how = MOVES, self.count = count, self.rng = rng_new(seed, stream);
}

/* Only the thread itself can tell that it was moved, and only by asking: so it is moved when it asks. */
int kernel_sched_getcpu(void);
int kernel_sched_getcpu(void) {
    if (self.how == REAL) return sched_getcpu();
    if (self.how == MOVES) self.number = rng_below(&self.rng, self.count);
    return (int)self.number;
}

int kernel_getcpu(unsigned *processor, unsigned *node);
int kernel_getcpu(unsigned *processor, unsigned *node) {
    if (processor) *processor = (unsigned)kernel_sched_getcpu();
    if (node) *node = 0;
    return 0;
}

int kernel_get_nprocs(void);
int kernel_get_nprocs(void) {
    uint64_t count = atomic_load_explicit(&working, memory_order_relaxed);
    return count ? (int)count : get_nprocs();
}

int kernel_get_nprocs_conf(void);
int kernel_get_nprocs_conf(void) {
    uint64_t count = atomic_load_explicit(&working, memory_order_relaxed);
    return count ? (int)count : get_nprocs_conf();
}

long kernel_sysconf(int name);
long kernel_sysconf(int name) {
    if (name == _SC_NPROCESSORS_ONLN) return kernel_get_nprocs();
    return name == _SC_NPROCESSORS_CONF ? kernel_get_nprocs_conf() : sysconf(name);
}
