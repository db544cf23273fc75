/* SPDX-License-Identifier: MIT */
/* kinds.c -- an operation's number becomes a call. */
#include "kinds.h"

bool is_timed(enum op op) {
    return op == LOCK_UNTIL || op == WAIT_UNTIL || op == DOWN_UNTIL;
}

static bool of_spin(struct spin *s, enum op op) {
    if (op == LOCK) spin_lock(s);
    if (op == UNLOCK) spin_unlock(s);
    return op == TRY ? spin_try(s) : true;
}

const struct pattern patterns[PATTERNS] = {{3, {0, 1, 2}}, {3, {2, 1, 0}}, {5, {1, 0, 1, 2, 0}}, {2, {2, 0}}, {0, {0}}};

struct mutex *mutex_of(struct objects *o, unsigned number) {
    return number == 0 ? &o->mutex : &o->more[number - 1];
}

/* False: the array was changed. */
static bool of_all(struct objects *o, enum op op, const struct pattern *pattern) {
    struct mutex *all[5];
    bool same = true;
    unsigned has = 0;
    for (size_t i = 0; i < pattern->n; i++) {
        all[i] = mutex_of(o, pattern->mutexes[i]);
        has |= 1u << pattern->mutexes[i];
    }
    if (op == LOCK_ALL) mutex_lock_all(all, pattern->n);
    for (unsigned i = 0; op == UNLOCK_ALL && i < 3; i++)
        if (has >> i & 1) mutex_unlock(mutex_of(o, i));
    for (size_t i = 0; i < pattern->n; i++) same &= all[i] == mutex_of(o, pattern->mutexes[i]);
    return same;
}

static bool of_mutex(struct mutex *m, enum op op, uint64_t deadline_ns) {
    if (op == LOCK) mutex_lock(m);
    if (op == UNLOCK) mutex_unlock(m);
    return op == TRY ? mutex_try(m) : op == LOCK_UNTIL ? mutex_lock_until(m, deadline_ns) : true;
}

static bool of_cond(struct cond *c, struct mutex *m, enum op op, uint64_t deadline_ns) {
    if (op == WAIT) cond_wait(c, m);
    if (op == SIGNAL) cond_signal(c);
    if (op == BROADCAST) cond_broadcast(c);
    return op == WAIT_UNTIL ? cond_wait_until(c, m, deadline_ns) : true;
}

static bool of_rw(struct rw *l, enum op op) {
    if (op == READ_LOCK) rw_read_lock(l);
    if (op == READ_UNLOCK) rw_read_unlock(l);
    if (op == WRITE_LOCK) rw_write_lock(l);
    if (op == WRITE_UNLOCK) rw_write_unlock(l);
    return true;
}

static bool of_sem(struct sem *s, enum op op, uint64_t deadline_ns) {
    if (op == UP) sem_up(s);
    if (op == DOWN) sem_down(s);
    return op == TRY_DOWN ? sem_try_down(s) : op == DOWN_UNTIL ? sem_down_until(s, deadline_ns) : true;
}

bool do_op(struct objects *o, enum kind kind, enum op op, uint64_t deadline_ns) {
    if (op == LOCK_ALL || op == UNLOCK_ALL) return of_all(o, op, &patterns[deadline_ns]);
    if (kind == SPIN) return of_spin(&o->spin, op);
    if (kind == RWLOCK) return of_rw(&o->rw, op);
    if (kind == SEMAPHORE) return of_sem(&o->sem, op, deadline_ns);
    if (kind == MUTEX || op <= UNLOCK) return of_mutex(&o->mutex, op, deadline_ns);
    return of_cond(&o->cond, &o->mutex, op, deadline_ns);
}
