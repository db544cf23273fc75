/* SPDX-License-Identifier: MIT
 *
 * mutex_calls.c -- mutexes of pthread.h. */
#include "clock_time.h"
#include "describe.h"
#include "models.h"
#include "mutex.h"
#include "schedule.h"
#include "subject.h"
#include "sync.h"
#include "trace.h"
#include "verdict.h"

#include <errno.h>
#include <pthread.h>

static bool is_free(const struct thread *thread) {
    return thread->wait.object->owner < 0;
}

bool mutex_take(struct sync *mutex, uint64_t deadline_ns) {
    struct wait wait = {WAIT_MUTEX, is_free, mutex, NULL, deadline_ns, 0};
    if (!schedule_wait(&wait)) return false;
    mutex->owner = running->id;
    mutex->depth = 1;
    sync_acquire(mutex);
    thread_tick();
    return true;
}

void mutex_give(struct sync *mutex) {
    mutex->owner = -1;
    sync_release(mutex);
}

/* Locking what one holds oneself: 0, an error, or -1 to wait for ever. */
static int lock_again(struct sync *mutex, int error_if_checking) {
    if (mutex->type == MUTEX_RECURSIVE) return mutex->depth++, 0;
    return mutex->type == MUTEX_CHECKING ? error_if_checking : -1;
}

int mutex_lock(void *at, enum sync_kind kind, struct timeout timeout, const char *doing, uint32_t pc) {
    schedule_point(doing, pc);
    struct sync *mutex = sync_use(at, kind, pc, doing);
    int again = mutex->owner == running->id ? lock_again(mutex, EDEADLK) : -1;
    if (again >= 0) return again;
    if (mutex->owner >= 0 && !timeout_is_valid(timeout)) return EINVAL;
    bool taken = mutex_take(mutex, timeout_deadline(timeout));
    trace_step(taken ? doing : "gives up waiting", pc, "%s", taken ? "" : "timed out");
    return taken ? 0 : ETIMEDOUT;
}

int mutex_try_lock(void *at, enum sync_kind kind, const char *doing, uint32_t pc) {
    schedule_point(doing, pc);
    struct sync *mutex = sync_use(at, kind, pc, doing);
    int again = mutex->owner == running->id ? lock_again(mutex, EBUSY) : -1;
    if (again >= 0) return again;
    bool taken = mutex->owner < 0 && mutex_take(mutex, NO_DEADLINE);
    trace_step(doing, pc, "%s", taken ? "" : "busy");
    return taken ? 0 : EBUSY;
}

int mutex_unlock(void *at, enum sync_kind kind, const char *doing, uint32_t pc) {
    schedule_point(doing, pc);
    struct sync *mutex = sync_use(at, kind, pc, doing);
    if (mutex->owner != running->id) {
        if (mutex->type == MUTEX_CHECKING) return EPERM;
        verdict_place(running->id, pc, 0, doing);
        const char *name = describe_object(mutex->address);
        if (mutex->owner < 0)
            violate(VERDICT_MISUSE, "T%d %s in {0}: %s, which no thread holds", running->id, doing, name);
        violate(VERDICT_MISUSE, "T%d %s in {0}: %s, which T%d holds", running->id, doing, name, mutex->owner);
    }
    trace_step(doing, pc, "");
    if (--mutex->depth == 0) mutex_give(mutex);
    return 0;
}

static const char locks[] = "locks a mutex", tries[] = "tries to lock a mutex", unlocks[] = "unlocks a mutex",
                  destroys[] = "destroys a mutex";

int model_pthread_mutexattr_init(pthread_mutexattr_t *attributes) {
    *(int *)attributes = PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int model_pthread_mutexattr_settype(pthread_mutexattr_t *attributes, int type) {
    if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ADAPTIVE_NP) return EINVAL;
    *(int *)attributes = type;
    return 0;
}

int model_pthread_mutexattr_gettype(const pthread_mutexattr_t *attributes, int *type) {
    *type = *(const int *)attributes;
    return 0;
}

int model_pthread_mutex_init(pthread_mutex_t *at, const pthread_mutexattr_t *attributes) {
    int type = attributes ? *(const int *)attributes : PTHREAD_MUTEX_DEFAULT;
    struct sync *mutex = sync_init(at, SYNC_MUTEX, CALLER);
    mutex->type = type == PTHREAD_MUTEX_RECURSIVE    ? MUTEX_RECURSIVE
                  : type == PTHREAD_MUTEX_ERRORCHECK ? MUTEX_CHECKING
                                                     : MUTEX_NORMAL;
    return 0;
}

int model_pthread_mutex_destroy(pthread_mutex_t *at) {
    sync_destroy(at, SYNC_MUTEX, CALLER, destroys);
    return 0;
}

int model_pthread_mutex_lock(pthread_mutex_t *at) {
    return mutex_lock(at, SYNC_MUTEX, FOREVER, locks, CALLER);
}

int model_pthread_mutex_trylock(pthread_mutex_t *at) {
    return mutex_try_lock(at, SYNC_MUTEX, tries, CALLER);
}

int model_pthread_mutex_timedlock(pthread_mutex_t *at, const struct timespec *when) {
    return mutex_lock(at, SYNC_MUTEX, (struct timeout){CLOCK_REALTIME, when}, locks, CALLER);
}

int model_pthread_mutex_clocklock(pthread_mutex_t *at, clockid_t clock, const struct timespec *when) {
    return mutex_lock(at, SYNC_MUTEX, (struct timeout){clock, when}, locks, CALLER);
}

int model_pthread_mutex_unlock(pthread_mutex_t *at) {
    return mutex_unlock(at, SYNC_MUTEX, unlocks, CALLER);
}
