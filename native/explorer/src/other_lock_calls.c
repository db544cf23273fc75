/* SPDX-License-Identifier: MIT
 *
 * other_lock_calls.c -- the mutexes of threads.h, and spin locks: mutexes by other names. */
#include "clock_time.h"
#include "models.h"
#include "mutex.h"
#include "subject.h"
#include "sync.h"
#include "thread.h"

#include <errno.h>
#include <threads.h>

int thrd_status(int error) {
    return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : thrd_error;
}

int model_mtx_init(mtx_t *at, int type) {
    struct sync *mutex = sync_init(at, SYNC_MUTEX, CALLER);
    mutex->type = type & mtx_recursive ? MUTEX_RECURSIVE : MUTEX_NORMAL;
    return thrd_success;
}

void model_mtx_destroy(mtx_t *at) {
    sync_destroy(at, SYNC_MUTEX, CALLER, "destroys a mutex");
}

int model_mtx_lock(mtx_t *at) {
    return mutex_lock(at, SYNC_MUTEX, FOREVER, "locks a mutex", CALLER) ? thrd_error : thrd_success;
}

int model_mtx_trylock(mtx_t *at) {
    return mutex_try_lock(at, SYNC_MUTEX, "tries to lock a mutex", CALLER) ? thrd_busy : thrd_success;
}

int model_mtx_timedlock(mtx_t *at, const struct timespec *when) {
    return thrd_status(mutex_lock(at, SYNC_MUTEX, (struct timeout){CLOCK_REALTIME, when}, "locks a mutex", CALLER));
}

int model_mtx_unlock(mtx_t *at) {
    return mutex_unlock(at, SYNC_MUTEX, "unlocks a mutex", CALLER) ? thrd_error : thrd_success;
}

int model_pthread_spin_init(pthread_spinlock_t *at, int shared) {
    (void)shared;
    sync_init((void *)at, SYNC_SPIN, CALLER);
    return 0;
}

int model_pthread_spin_destroy(pthread_spinlock_t *at) {
    sync_destroy((void *)at, SYNC_SPIN, CALLER, "destroys a spin lock");
    return 0;
}

int model_pthread_spin_lock(pthread_spinlock_t *at) {
    return mutex_lock((void *)at, SYNC_SPIN, FOREVER, "takes a spin lock", CALLER);
}

int model_pthread_spin_trylock(pthread_spinlock_t *at) {
    return mutex_try_lock((void *)at, SYNC_SPIN, "tries a spin lock", CALLER);
}

int model_pthread_spin_unlock(pthread_spinlock_t *at) {
    return mutex_unlock((void *)at, SYNC_SPIN, "releases a spin lock", CALLER);
}
