/* SPDX-License-Identifier: MIT */
/* futex.c -- futex_wait and futex_wake over the system call, and what is counted of them.
 *
 * Everything here is per thread, and nothing but the system call orders the learner's memory accesses: what one thread
 * learns through a futex alone is a data race in every build that looks for them. */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "own.h"

#define NS_PER_S 1000000000

static struct futex_self OWN *futex_self(void) {
    return &own_thread()->futex;
}

int futex_wait(_Atomic uint32_t *word, uint32_t expected, const uint64_t *deadline_ns);
int futex_wake(_Atomic uint32_t *word, int threads);

static int call(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *until) {
    int before = errno;
    long result = syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, until, NULL, FUTEX_BITSET_MATCH_ANY);
    int answer = result < 0 ? -errno : (int)result;
    errno = before;
    return answer;
}

/* One wait in 16 that would sleep does not; one in 8 is late. 1: it goes on. */
static int unsteady(void) {
    uint64_t draw = pace_draw();
    if (draw % 8 == 1) sched_yield();
    return draw % 32 == 2 ? 0 : draw % 32 == 3 ? -EINTR : 1;
}

int futex_wait(_Atomic uint32_t *word, uint32_t expected, const uint64_t *deadline_ns) {
    struct futex_self OWN *self = futex_self();
    self->calls.waits++;
    self->calls.timed += deadline_ns != NULL;
    if (atomic_load_explicit(word, memory_order_relaxed) != expected) return -EAGAIN;
    int answer = own_thread()->pace.unsteady ? unsteady() : 1;
    if (answer <= 0) return answer;
    if (self->told) {
        self->told_at = pace_steps();
        pace_place_set(self->told, PACE_PARKED);
        self->told = NULL;
    }
    if (!deadline_ns) return call(word, FUTEX_WAIT_BITSET, expected, NULL);
    struct timespec until = {(time_t)(*deadline_ns / NS_PER_S), (long)(*deadline_ns % NS_PER_S)};
    return call(word, FUTEX_WAIT_BITSET, expected, &until);
}

int futex_wake(_Atomic uint32_t *word, int threads) {
    struct futex_self OWN *self = futex_self();
    self->calls.wakes++;
    if (threads < 1) return 0;
    self->calls.asked += (uint64_t)threads;
    int woken = call(word, FUTEX_WAKE_BITSET, (uint32_t)threads, NULL);
    return woken < 0 ? 0 : woken; /* the memory has gone: nobody sleeps there */
}

struct futex_calls futex_calls(void) {
    return futex_self()->calls;
}

void futex_tell(struct pace_place *place) {
    futex_self()->told = place;
}

void futex_tell_over(void) {
    struct futex_self OWN *self = futex_self();
    if (self->told) pace_place_set(self->told, PACE_OVER);
    self->told = NULL;
}

uint64_t futex_told_at(void) {
    return futex_self()->told_at;
}
