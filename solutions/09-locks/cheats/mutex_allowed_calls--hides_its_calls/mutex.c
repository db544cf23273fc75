/* SPDX-License-Identifier: MIT */
/* Asks the kernel at every unlock, by the C library's door for system calls, which no count of futex calls sees.
 *
 * Research B 14. Refused with: uses syscall */
#include "locks.h"

#include "futex.h"

#include <sys/syscall.h>
#include <unistd.h>

bool mutex_try(struct mutex *m) {
    uint32_t state = 0;
    return atomic_compare_exchange_strong(&m->word[0], &state, 1);
}

void mutex_lock(struct mutex *m) {
    while (!mutex_try(m)) (void)futex_wait(&m->word[0], 1, NULL);
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    while (!mutex_try(m))
        if (futex_wait(&m->word[0], 1, &deadline_ns) < 0) return false;
    return true;
}

void mutex_unlock(struct mutex *m) {
    atomic_store(&m->word[0], 0);
    syscall(SYS_futex, &m->word[0], 129, 1, NULL, NULL, 0);
}

void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    for (size_t i = 0; i < n; i++) mutex_lock(mutexes[i]);
}
