/* SPDX-License-Identifier: MIT */
/* Makes its system calls in assembly, where nobody counts them, and sleeps for a while instead of until it is woken.
 *
 * Research C 24. Refused with: inline assembly */
#include "locks.h"

static void nap(void) {
    long time[2] = {0, 50000}, answer;
    __asm__ volatile("syscall" : "=a"(answer) : "a"(35), "D"(time), "S"(0) : "rcx", "r11", "memory");
}

bool mutex_try(struct mutex *m) {
    return atomic_exchange(&m->word[0], 1) == 0;
}

void mutex_lock(struct mutex *m) {
    while (!mutex_try(m)) nap();
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    (void)deadline_ns;
    return mutex_try(m);
}

void mutex_unlock(struct mutex *m) {
    atomic_store(&m->word[0], 0);
}

void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    for (size_t i = 0; i < n; i++) mutex_lock(mutexes[i]);
}
