/* SPDX-License-Identifier: MIT */
/* calls_threads.c -- pthreads: a thread's beginning and end, and mutexes.
 *
 * A lock's state lies in the object itself, where zeros are a new one, as in the
 * initializers of pthread.h. */
#include "calls_threads.h"

#include "clock.h"
#include "threads.h"

#include <errno.h>
#include <string.h>

enum { POINTS_IN_VAIN = 20000 };

static const struct world_rule misuse = {"thread_misuse", "calls of threads and locks as POSIX allows them",
                                         "which thread holds it, and where is it made and destroyed?"};
static const struct world_rule spins = {"spins", "a thread that has nothing to do sleeps",
                                        "which call could it sleep in, and who would wake it?"};

void lock_misuse(const char *call, const char *what) {
    world_fail(&misuse, "%s %s", call, what);
}

void lock_point(const char *call) {
    static uint64_t points, since;
    if (since != last_progress || clock_now < since) points = 0, since = last_progress;
    if (++points > POINTS_IN_VAIN)
        world_fail(&spins, "%lu calls of locks in which nothing was achieved; the last: %s", (unsigned long)points,
                   call);
    thread_point();
}

struct thread *known_thread(pthread_t thread, const char *call) {
    struct thread *t = thread > 0 && thread < MAX_THREADS ? &threads[thread] : NULL;
    if (!t || t->state == THREAD_FREE || t->detached || t->joined) lock_misuse(call, "of a thread that is not there");
    return t;
}

int sim_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int sim_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *), void *argument) {
    call_begin("pthread_create", CALLER());
    int detached = PTHREAD_CREATE_JOINABLE;
    if (attributes) pthread_attr_getdetachstate(attributes, &detached);
    int number = made_to_fail("pthread_create") ? -1 : thread_new(routine, argument);
    if (number > 0) {
        *thread = (pthread_t)number, threads[number].detached = detached == PTHREAD_CREATE_DETACHED;
        call_end(0, "pthread_create(): worker %d", number);
        return 0;
    }
    errno = EAGAIN;
    call_end(-1, "pthread_create()");
    return EAGAIN;
}

static bool ended(const void *thread) {
    return ((const struct thread *)thread)->state == THREAD_ENDED;
}

int sim_pthread_join(pthread_t, void **);
int sim_pthread_join(pthread_t thread, void **result) {
    call_begin("pthread_join", CALLER());
    struct thread *t = known_thread(thread, "pthread_join()");
    if (t == &threads[thread_now]) return EDEADLK;
    t->joined = true;
    if (!ended(t)) thread_wait("pthread_join", ended, t, NEVER);
    if (result) *result = t->result;
    t->state = THREAD_FREE;
    world_progress();
    call_end(0, "pthread_join(worker %d)", (int)thread);
    return 0;
}

int sim_pthread_detach(pthread_t);
int sim_pthread_detach(pthread_t thread) {
    struct thread *t = known_thread(thread, "pthread_detach()");
    t->detached = true;
    if (t->state == THREAD_ENDED) t->state = THREAD_FREE;
    return 0;
}

_Noreturn void sim_pthread_exit(void *);
void sim_pthread_exit(void *result) {
    if (thread_now == 0) lock_misuse("pthread_exit()", "ends the caller's thread");
    thread_end(result);
}

pthread_t sim_pthread_self(void);
pthread_t sim_pthread_self(void) {
    return (pthread_t)thread_now;
}

int sim_pthread_setname_np(pthread_t, const char *);
int sim_pthread_setname_np(pthread_t thread, const char *name) {
    (void)thread, (void)name;
    return 0;
}

int sim_sched_yield(void);
int sim_sched_yield(void) {
    call_begin("sched_yield", CALLER());
    return 0;
}

static struct mutex *known_mutex(pthread_mutex_t *mutex, const char *call) {
    struct mutex *m = (struct mutex *)mutex;
    if (m->owner > MAX_THREADS || m->zero != 0) lock_misuse(call, "of memory that is no mutex, or is one no more");
    return m;
}

int sim_pthread_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *);
int sim_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
    int type = PTHREAD_MUTEX_NORMAL;
    if (attributes) pthread_mutexattr_gettype(attributes, &type);
    if (type == PTHREAD_MUTEX_RECURSIVE) not_modelled("pthread_mutex_init", "PTHREAD_MUTEX_RECURSIVE");
    memset(mutex, 0, sizeof *mutex);
    return 0;
}

int sim_pthread_mutex_destroy(pthread_mutex_t *);
int sim_pthread_mutex_destroy(pthread_mutex_t *mutex) {
    if (known_mutex(mutex, "pthread_mutex_destroy()")->owner)
        lock_misuse("pthread_mutex_destroy()", "of a mutex that is locked");
    memset(mutex, 0xff, sizeof *mutex);
    return 0;
}

static bool is_free(const void *mutex) {
    return ((const struct mutex *)mutex)->owner == 0;
}

void mutex_take(struct mutex *m) {
    while (m->owner) thread_wait("pthread_mutex_lock", is_free, m, NEVER);
    m->owner = (uint32_t)thread_now + 1;
}

int sim_pthread_mutex_lock(pthread_mutex_t *);
int sim_pthread_mutex_lock(pthread_mutex_t *mutex) {
    lock_point("pthread_mutex_lock");
    struct mutex *m = known_mutex(mutex, "pthread_mutex_lock()");
    if (m->owner == (uint32_t)thread_now + 1)
        lock_misuse("pthread_mutex_lock()", "of a mutex that this thread holds: it waits for itself");
    mutex_take(m);
    return 0;
}

int sim_pthread_mutex_trylock(pthread_mutex_t *);
int sim_pthread_mutex_trylock(pthread_mutex_t *mutex) {
    lock_point("pthread_mutex_trylock");
    struct mutex *m = known_mutex(mutex, "pthread_mutex_trylock()");
    if (m->owner) return EBUSY;
    m->owner = (uint32_t)thread_now + 1;
    return 0;
}

struct mutex *own_mutex(pthread_mutex_t *mutex, const char *call) {
    struct mutex *m = known_mutex(mutex, call);
    if (m->owner != (uint32_t)thread_now + 1) lock_misuse(call, "with a mutex that this thread does not hold");
    return m;
}

int sim_pthread_mutex_unlock(pthread_mutex_t *);
int sim_pthread_mutex_unlock(pthread_mutex_t *mutex) {
    own_mutex(mutex, "pthread_mutex_unlock()")->owner = 0;
    lock_point("pthread_mutex_unlock");
    return 0;
}
