/* SPDX-License-Identifier: MIT
 *
 * condition_calls.c -- condition variables: any sleeper may be woken by a signal, and by nothing at
 * all. */
#include "clock_time.h"
#include "kinds.h"
#include "models.h"
#include "mutex.h"
#include "schedule.h"
#include "subject.h"
#include "sync.h"
#include "trace.h"
#include "verdict.h"

#include <errno.h>
#include <pthread.h>
#include <threads.h>

static const char waits[] = "waits on a condition variable", signals[] = "signals", broadcasts[] = "broadcasts",
                  destroys[] = "destroys a condition variable";

static bool is_signalled(const struct thread *thread) {
    return thread->signalled;
}

static int wait_on(void *condition_at, void *mutex_at, uint64_t deadline_ns, uint32_t pc) {
    struct sync *condition = sync_use(condition_at, SYNC_CONDITION, pc, waits);
    struct sync *mutex = sync_use(mutex_at, SYNC_MUTEX, pc, waits);
    if (mutex->owner != running->id) {
        verdict_place(running->id, pc, 0, waits);
        violate(VERDICT_MISUSE, "T%d %s in {0} without holding the mutex", running->id, waits);
    }
    int depth = mutex->depth;
    mutex_give(mutex);
    running->signalled = false;
    struct wait wait = {WAIT_CONDITION, is_signalled, condition, NULL, deadline_ns, 0};
    bool woken = schedule_wait(&wait);
    running->signalled = false;
    mutex_take(mutex, NO_DEADLINE);
    mutex->depth = depth;
    trace_step("wakes up", pc, "%s", woken ? "and holds the mutex again" : "timed out");
    return woken ? 0 : ETIMEDOUT;
}

static int wait_at(void *condition, void *mutex, struct timeout timeout, uint32_t pc) {
    schedule_point(waits, pc);
    if (!timeout_is_valid(timeout)) return EINVAL;
    return wait_on(condition, mutex, timeout_deadline(timeout), pc);
}

static int timed_wait(void *condition_at, void *mutex, const struct timespec *when, uint32_t pc) {
    schedule_point(waits, pc);
    if (!nanoseconds_are_valid(when)) return EINVAL;
    const struct sync *condition = sync_use(condition_at, SYNC_CONDITION, pc, waits);
    clockid_t clock = condition->monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    return wait_on(condition_at, mutex, deadline_on(clock, when), pc);
}

static unsigned find_sleepers(const struct sync *condition, struct thread *sleepers[]) {
    unsigned count = 0;
    for (int i = 0; i < thread_count; i++) {
        struct thread *thread = &threads[i];
        if (thread->state == THREAD_WAITING && thread->wait.kind == WAIT_CONDITION &&
            thread->wait.object == condition && !thread->signalled)
            sleepers[count++] = thread;
    }
    return count;
}

static int wake_one(void *at, uint32_t pc) {
    struct thread *sleepers[MAX_THREADS];
    schedule_point(signals, pc);
    unsigned count = find_sleepers(sync_use(at, SYNC_CONDITION, pc, signals), sleepers);
    if (!count) {
        trace_step(signals, pc, "no thread sleeps there: no effect");
        return 0;
    }
    struct thread *woken = sleepers[count > 1 ? choose(CHOOSE_WAITER, count) : 0];
    woken->signalled = true;
    trace_step(signals, pc, "wakes T%d of %u asleep", woken->id, count);
    return 0;
}

static int wake_all(void *at, uint32_t pc) {
    struct thread *sleepers[MAX_THREADS];
    schedule_point(broadcasts, pc);
    unsigned count = find_sleepers(sync_use(at, SYNC_CONDITION, pc, broadcasts), sleepers);
    for (unsigned i = 0; i < count; i++) sleepers[i]->signalled = true;
    trace_step(broadcasts, pc, "wakes %u", count);
    return 0;
}

int model_pthread_condattr_init(pthread_condattr_t *attributes) {
    *(int *)attributes = CLOCK_REALTIME;
    return 0;
}

int model_pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return EINVAL;
    *(int *)attributes = clock;
    return 0;
}

int model_pthread_condattr_getclock(const pthread_condattr_t *attributes, clockid_t *clock) {
    *clock = *(const int *)attributes;
    return 0;
}

int model_pthread_cond_init(pthread_cond_t *at, const pthread_condattr_t *attributes) {
    struct sync *condition = sync_init(at, SYNC_CONDITION, CALLER);
    condition->monotonic = attributes && *(const int *)attributes == CLOCK_MONOTONIC;
    return 0;
}

int model_pthread_cond_destroy(pthread_cond_t *at) {
    sync_destroy(at, SYNC_CONDITION, CALLER, destroys);
    return 0;
}

int model_pthread_cond_wait(pthread_cond_t *at, pthread_mutex_t *mutex) {
    return wait_at(at, mutex, FOREVER, CALLER);
}

int model_pthread_cond_timedwait(pthread_cond_t *at, pthread_mutex_t *mutex, const struct timespec *when) {
    return timed_wait(at, mutex, when, CALLER);
}

int model_pthread_cond_clockwait(pthread_cond_t *at, pthread_mutex_t *mutex, clockid_t clock,
                                 const struct timespec *when) {
    return wait_at(at, mutex, (struct timeout){clock, when}, CALLER);
}

int model_pthread_cond_signal(pthread_cond_t *at) {
    return wake_one(at, CALLER);
}

int model_pthread_cond_broadcast(pthread_cond_t *at) {
    return wake_all(at, CALLER);
}

int model_cnd_init(cnd_t *at) {
    sync_init(at, SYNC_CONDITION, CALLER);
    return thrd_success;
}

void model_cnd_destroy(cnd_t *at) {
    sync_destroy(at, SYNC_CONDITION, CALLER, destroys);
}

int model_cnd_wait(cnd_t *at, mtx_t *mutex) {
    return wait_at(at, mutex, FOREVER, CALLER);
}

int model_cnd_timedwait(cnd_t *at, mtx_t *mutex, const struct timespec *when) {
    return thrd_status(timed_wait(at, mutex, when, CALLER));
}

int model_cnd_signal(cnd_t *at) {
    return wake_one(at, CALLER);
}

int model_cnd_broadcast(cnd_t *at) {
    return wake_all(at, CALLER);
}
