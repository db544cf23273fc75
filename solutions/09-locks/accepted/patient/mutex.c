/* SPDX-License-Identifier: MIT */
/* A waiter spins for 20 us by the clock before it sleeps; many mutexes are locked by rising address. */
#include "locks.h"

#include "futex.h"

#include <errno.h>
#include <time.h>

enum { FREE, TAKEN, AWAITED };
#define SPIN_NS 20000

static uint64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

bool mutex_try(struct mutex *m) {
    uint32_t state = FREE;
    return atomic_compare_exchange_strong_explicit(&m->word[0], &state, TAKEN, memory_order_acquire,
                                                   memory_order_relaxed);
}

static bool spin(struct mutex *m) {
    uint64_t end_ns = clock_ns() + SPIN_NS;
    do {
        if (atomic_load_explicit(&m->word[0], memory_order_relaxed) == FREE && mutex_try(m)) return true;
    } while (clock_ns() < end_ns);
    return false;
}

static bool lock_until(struct mutex *m, const uint64_t *deadline_ns) {
    if (mutex_try(m) || spin(m)) return true;
    while (atomic_exchange_explicit(&m->word[0], AWAITED, memory_order_acquire) != FREE)
        if (futex_wait(&m->word[0], AWAITED, deadline_ns) == -ETIMEDOUT) return mutex_try(m);
    return true;
}

void mutex_lock(struct mutex *m) {
    (void)lock_until(m, NULL);
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    return lock_until(m, &deadline_ns);
}

void mutex_unlock(struct mutex *m) {
    if (atomic_exchange_explicit(&m->word[0], FREE, memory_order_release) == AWAITED) futex_wake(&m->word[0], 1);
}

void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    uintptr_t last = 0;
    for (size_t done = 0; done < n;) {
        uintptr_t next = UINTPTR_MAX;
        for (size_t i = 0; i < n; i++)
            if ((uintptr_t)mutexes[i] > last && (uintptr_t)mutexes[i] < next) next = (uintptr_t)mutexes[i];
        if (next == UINTPTR_MAX) return;
        mutex_lock((struct mutex *)next);
        for (size_t i = 0; i < n; i++) done += (uintptr_t)mutexes[i] == next;
        last = next;
    }
}
