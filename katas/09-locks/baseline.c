/* SPDX-License-Identifier: MIT */
/* baseline.c -- the C library's own locks, through a thin layer. All of them are all zero in their first state, except
 * its spin lock on x86, for which its mutex stands here. */
#include "locks.h"

#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#define OWN(type, object) ((type *)(void *)(object)->word)
static_assert(sizeof(pthread_mutex_t) <= sizeof(struct mutex), "a mutex");
static_assert(sizeof(pthread_cond_t) <= sizeof(struct cond), "a condition variable");
static_assert(sizeof(pthread_rwlock_t) <= sizeof(struct rw), "a readers-writer lock");
static_assert(sizeof(sem_t) <= sizeof(struct sem), "a semaphore");

static struct timespec time_of(uint64_t ns) {
    return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

void spin_lock(struct spin *s) {
    pthread_mutex_lock(OWN(pthread_mutex_t, s));
}

bool spin_try(struct spin *s) {
    return pthread_mutex_trylock(OWN(pthread_mutex_t, s)) == 0;
}

void spin_unlock(struct spin *s) {
    pthread_mutex_unlock(OWN(pthread_mutex_t, s));
}

void mutex_lock(struct mutex *m) {
    pthread_mutex_lock(OWN(pthread_mutex_t, m));
}

bool mutex_try(struct mutex *m) {
    return pthread_mutex_trylock(OWN(pthread_mutex_t, m)) == 0;
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    struct timespec deadline = time_of(deadline_ns);
    return pthread_mutex_clocklock(OWN(pthread_mutex_t, m), CLOCK_MONOTONIC, &deadline) == 0;
}

void mutex_unlock(struct mutex *m) {
    pthread_mutex_unlock(OWN(pthread_mutex_t, m));
}

/* The least address above the last one, again and again. */
void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    for (struct mutex *last = NULL, *next = NULL;; last = next, next = NULL) {
        for (size_t i = 0; i < n; i++)
            if (mutexes[i] > last && (!next || mutexes[i] < next)) next = mutexes[i];
        if (!next) return;
        mutex_lock(next);
    }
}

void cond_wait(struct cond *c, struct mutex *m) {
    pthread_cond_wait(OWN(pthread_cond_t, c), OWN(pthread_mutex_t, m));
}

bool cond_wait_until(struct cond *c, struct mutex *m, uint64_t deadline_ns) {
    struct timespec deadline = time_of(deadline_ns);
    return pthread_cond_clockwait(OWN(pthread_cond_t, c), OWN(pthread_mutex_t, m), CLOCK_MONOTONIC, &deadline) == 0;
}

void cond_signal(struct cond *c) {
    pthread_cond_signal(OWN(pthread_cond_t, c));
}

void cond_broadcast(struct cond *c) {
    pthread_cond_broadcast(OWN(pthread_cond_t, c));
}

void rw_read_lock(struct rw *l) {
    pthread_rwlock_rdlock(OWN(pthread_rwlock_t, l));
}

void rw_read_unlock(struct rw *l) {
    pthread_rwlock_unlock(OWN(pthread_rwlock_t, l));
}

void rw_write_lock(struct rw *l) {
    pthread_rwlock_wrlock(OWN(pthread_rwlock_t, l));
}

void rw_write_unlock(struct rw *l) {
    pthread_rwlock_unlock(OWN(pthread_rwlock_t, l));
}

void sem_up(struct sem *s) {
    sem_post(OWN(sem_t, s));
}

void sem_down(struct sem *s) {
    while (sem_wait(OWN(sem_t, s)) != 0) {
        /* A signal handler ran. */
    }
}

bool sem_try_down(struct sem *s) {
    return sem_trywait(OWN(sem_t, s)) == 0;
}

bool sem_down_until(struct sem *s, uint64_t deadline_ns) {
    struct timespec deadline = time_of(deadline_ns);
    return sem_clockwait(OWN(sem_t, s), CLOCK_MONOTONIC, &deadline) == 0;
}
