/* SPDX-License-Identifier: MIT
 *
 * rwlock_calls.c -- readers-writer locks.
 *
 * Readers learn what writers did, not what other readers did: two threads that both write under a
 * read lock race. `view` is what writers published, `next_view` what readers did. */
#include "clock_time.h"
#include "describe.h"
#include "models.h"
#include "schedule.h"
#include "subject.h"
#include "sync.h"
#include "trace.h"
#include "verdict.h"

#include <errno.h>
#include <pthread.h>

static const char reads[] = "takes a read lock", writes[] = "takes a write lock",
                  releases[] = "releases a readers-writer lock", destroys[] = "destroys a readers-writer lock";

static bool may_read(const struct thread *thread) {
    return thread->wait.object->owner < 0;
}

static bool may_write(const struct thread *thread) {
    return thread->wait.object->owner < 0 && !thread->wait.object->value;
}

static int take(void *at, bool write, struct timeout timeout, bool only_try, uint32_t pc) {
    const char *doing = write ? writes : reads;
    schedule_point(doing, pc);
    struct sync *lock = sync_use(at, SYNC_RWLOCK, pc, doing);
    if (lock->owner == running->id) return only_try ? EBUSY : EDEADLK;
    struct wait wait = {WAIT_RWLOCK, write ? may_write : may_read, lock, NULL, timeout_deadline(timeout), 0};
    running->wait = wait;
    if (only_try && !wait.ready(running)) return EBUSY;
    if (!wait.ready(running) && !timeout_is_valid(timeout)) return EINVAL;
    if (!schedule_wait(&wait)) return ETIMEDOUT;
    sync_acquire(lock);
    if (write) {
        lock->owner = running->id;
        view_join(&running->view, &lock->next_view);
    } else {
        lock->value++;
        lock->read_depth[running->id]++;
    }
    trace_step(doing, pc, "");
    thread_tick();
    return 0;
}

static int release(void *at, uint32_t pc) {
    schedule_point(releases, pc);
    struct sync *lock = sync_use(at, SYNC_RWLOCK, pc, releases);
    trace_step(releases, pc, "");
    if (lock->owner == running->id) {
        lock->owner = -1;
        sync_release(lock);
    } else if (lock->read_depth[running->id]) {
        lock->read_depth[running->id]--;
        lock->value--;
        view_join(&lock->next_view, &running->view);
        thread_tick();
    } else {
        verdict_place(running->id, pc, 0, releases);
        violate(VERDICT_MISUSE, "T%d %s in {0}: %s, which it does not hold", running->id, releases,
                describe_object(lock->address));
    }
    return 0;
}

int model_pthread_rwlock_init(pthread_rwlock_t *at, const pthread_rwlockattr_t *attributes) {
    (void)attributes; /* they choose whom to prefer; here the schedule does */
    sync_init(at, SYNC_RWLOCK, CALLER);
    return 0;
}

int model_pthread_rwlock_destroy(pthread_rwlock_t *at) {
    sync_destroy(at, SYNC_RWLOCK, CALLER, destroys);
    return 0;
}

int model_pthread_rwlock_rdlock(pthread_rwlock_t *at) {
    return take(at, false, FOREVER, false, CALLER);
}

int model_pthread_rwlock_wrlock(pthread_rwlock_t *at) {
    return take(at, true, FOREVER, false, CALLER);
}

int model_pthread_rwlock_tryrdlock(pthread_rwlock_t *at) {
    return take(at, false, FOREVER, true, CALLER);
}

int model_pthread_rwlock_trywrlock(pthread_rwlock_t *at) {
    return take(at, true, FOREVER, true, CALLER);
}

int model_pthread_rwlock_timedrdlock(pthread_rwlock_t *at, const struct timespec *when) {
    return take(at, false, (struct timeout){CLOCK_REALTIME, when}, false, CALLER);
}

int model_pthread_rwlock_timedwrlock(pthread_rwlock_t *at, const struct timespec *when) {
    return take(at, true, (struct timeout){CLOCK_REALTIME, when}, false, CALLER);
}

int model_pthread_rwlock_clockrdlock(pthread_rwlock_t *at, clockid_t clock, const struct timespec *when) {
    return take(at, false, (struct timeout){clock, when}, false, CALLER);
}

int model_pthread_rwlock_clockwrlock(pthread_rwlock_t *at, clockid_t clock, const struct timespec *when) {
    return take(at, true, (struct timeout){clock, when}, false, CALLER);
}

int model_pthread_rwlock_unlock(pthread_rwlock_t *at) {
    return release(at, CALLER);
}
