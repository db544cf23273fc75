/* SPDX-License-Identifier: MIT */
/* calls_waits.c -- condition variables and semaphores. A signal wakes any of
 * those who wait, by choice; a wait may end without one. */
#include "calls_threads.h"
#include "clock.h"
#include "threads.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#define DESTROYED 0xffffffffu
#define NS_PER_S 1000000000ull

static void known_condition(const pthread_cond_t *condition, const char *call) {
    uint32_t first;
    memcpy(&first, condition, sizeof first);
    if (first != 0) lock_misuse(call, "of memory that is no condition variable, or is one no more");
}

static unsigned waiters(const pthread_cond_t *condition, int *numbers) {
    unsigned count = 0;
    for (int i = 0; i < MAX_THREADS; i++)
        if (threads[i].state == THREAD_ALIVE && threads[i].condition == condition && !threads[i].signalled)
            numbers[count++] = i;
    return count;
}

int sim_pthread_cond_init(pthread_cond_t *, const pthread_condattr_t *);
int sim_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes) {
    (void)attributes; /* all clocks tell the same time here */
    memset(condition, 0, sizeof *condition);
    return 0;
}

int sim_pthread_cond_destroy(pthread_cond_t *);
int sim_pthread_cond_destroy(pthread_cond_t *condition) {
    int numbers[MAX_THREADS];
    known_condition(condition, "pthread_cond_destroy()");
    if (waiters(condition, numbers) > 0)
        lock_misuse("pthread_cond_destroy()", "of a condition variable at which a thread waits");
    memset(condition, 0xff, sizeof *condition);
    return 0;
}

static bool signalled(const void *thread) {
    return ((const struct thread *)thread)->signalled;
}

static int wait_at(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t deadline, const char *call) {
    struct thread *t = &threads[thread_now];
    known_condition(condition, call);
    struct mutex *m = own_mutex(mutex, call);
    bool spurious = world_faults.spurious_wakeups && world_one_in(world_faults.spurious_wakeups);
    t->condition = condition, t->signalled = false;
    m->owner = 0;
    if (spurious)
        thread_point();
    else
        thread_wait("pthread_cond_wait", signalled, t, deadline);
    bool late = !spurious && !t->signalled;
    t->condition = NULL;
    mutex_take(m);
    return late ? ETIMEDOUT : 0;
}

int sim_pthread_cond_wait(pthread_cond_t *, pthread_mutex_t *);
int sim_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    lock_point("pthread_cond_wait");
    return wait_at(condition, mutex, NEVER, "pthread_cond_wait()");
}

static uint64_t moment(const struct timespec *t) {
    return (uint64_t)t->tv_sec * NS_PER_S + (uint64_t)t->tv_nsec;
}

int sim_pthread_cond_timedwait(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
int sim_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
    lock_point("pthread_cond_timedwait");
    return wait_at(condition, mutex, moment(until), "pthread_cond_timedwait()");
}

int sim_pthread_cond_clockwait(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
int sim_pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                               const struct timespec *until) {
    (void)clock;
    lock_point("pthread_cond_clockwait");
    return wait_at(condition, mutex, moment(until), "pthread_cond_clockwait()");
}

int sim_pthread_cond_signal(pthread_cond_t *);
int sim_pthread_cond_signal(pthread_cond_t *condition) {
    int numbers[MAX_THREADS];
    lock_point("pthread_cond_signal");
    known_condition(condition, "pthread_cond_signal()");
    unsigned count = waiters(condition, numbers);
    if (count > 0) threads[numbers[world_choose(count)]].signalled = true;
    return 0;
}

int sim_pthread_cond_broadcast(pthread_cond_t *);
int sim_pthread_cond_broadcast(pthread_cond_t *condition) {
    int numbers[MAX_THREADS];
    lock_point("pthread_cond_broadcast");
    known_condition(condition, "pthread_cond_broadcast()");
    for (unsigned n = waiters(condition, numbers); n > 0; n--) threads[numbers[n - 1]].signalled = true;
    return 0;
}

struct semaphore {
    uint32_t value, zero;
};

static struct semaphore *known_semaphore(sem_t *semaphore, const char *call) {
    struct semaphore *s = (struct semaphore *)semaphore;
    if (s->zero != 0) lock_misuse(call, "of memory that is no semaphore, or is one no more");
    return s;
}

int sim_sem_init(sem_t *, int, unsigned);
int sim_sem_init(sem_t *semaphore, int shared, unsigned value) {
    (void)shared;
    memset(semaphore, 0, sizeof *semaphore);
    ((struct semaphore *)semaphore)->value = value;
    return 0;
}

int sim_sem_destroy(sem_t *);
int sim_sem_destroy(sem_t *semaphore) {
    known_semaphore(semaphore, "sem_destroy()");
    memset(semaphore, 0xff, sizeof *semaphore);
    return 0;
}

static bool is_positive(const void *semaphore) {
    return ((const struct semaphore *)semaphore)->value > 0;
}

int sim_sem_wait(sem_t *);
int sim_sem_wait(sem_t *semaphore) {
    lock_point("sem_wait");
    struct semaphore *s = known_semaphore(semaphore, "sem_wait()");
    if (s->value == 0 && interrupted()) {
        world_tell(0, "(worker %d: sem_wait() = EINTR)", thread_now);
        return errno = EINTR, -1;
    }
    while (s->value == 0) thread_wait("sem_wait", is_positive, s, NEVER);
    s->value--;
    return 0;
}

int sim_sem_trywait(sem_t *);
int sim_sem_trywait(sem_t *semaphore) {
    lock_point("sem_trywait");
    struct semaphore *s = known_semaphore(semaphore, "sem_trywait()");
    if (s->value > 0) return s->value--, 0;
    errno = EAGAIN;
    return -1;
}

int sim_sem_post(sem_t *);
int sim_sem_post(sem_t *semaphore) {
    struct semaphore *s = known_semaphore(semaphore, "sem_post()");
    if (s->value == INT_MAX) return errno = EOVERFLOW, -1;
    s->value++;
    lock_point("sem_post");
    return 0;
}

int sim_sem_getvalue(sem_t *, int *);
int sim_sem_getvalue(sem_t *semaphore, int *value) {
    *value = (int)known_semaphore(semaphore, "sem_getvalue()")->value;
    return 0;
}
