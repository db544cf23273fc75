/* SPDX-License-Identifier: MIT */
/* Who waits lies in a queue, on its own stack, and sleeps on a word of its own. Who unlocks chooses who is next and
 * lets it in, so nobody who wakes has to try again. A small lock that sleeps guards the queue. */
#include "locks.h"

#include "futex.h"

#include <assert.h>

struct waiter {
    _Atomic uint32_t is_in;
    bool writes;
    struct waiter *next;
};

struct state {
    _Atomic uint32_t lock;
    uint32_t readers, writer, writers_waiting;
    struct waiter *first;
};
static_assert(sizeof(struct state) <= sizeof(struct rw), "it fits into the words");

static struct state *take(struct rw *l) {
    struct state *s = (struct state *)l;
    uint32_t free = 0;
    if (atomic_compare_exchange_strong(&s->lock, &free, 1)) return s;
    while (atomic_exchange(&s->lock, 2) != 0) (void)futex_wait(&s->lock, 2, NULL);
    return s;
}

static void give(struct state *s) {
    if (atomic_exchange(&s->lock, 0) == 2) futex_wake(&s->lock, 1);
}

/* With the lock, which it gives back. */
static void sleep_in(struct state *s, bool writes) {
    struct waiter self = {.writes = writes};
    struct waiter **end = &s->first;
    while (*end) end = &(*end)->next;
    *end = &self;
    s->writers_waiting += writes;
    give(s);
    while (!atomic_load(&self.is_in)) (void)futex_wait(&self.is_in, 0, NULL);
}

/* After the store it may have returned. */
static void let_in(struct state *s, struct waiter **at) {
    struct waiter *w = *at;
    *at = w->next;
    if (w->writes)
        s->writer = 1, s->writers_waiting--;
    else
        s->readers++;
    atomic_store(&w->is_in, 1);
    futex_wake(&w->is_in, 1);
}

static void let_readers_in(struct state *s) {
    for (struct waiter **at = &s->first; *at;) {
        if ((*at)->writes)
            at = &(*at)->next;
        else
            let_in(s, at);
    }
}

static void let_a_writer_in(struct state *s) {
    struct waiter **at = &s->first;
    while (*at && !(*at)->writes) at = &(*at)->next;
    if (*at) let_in(s, at);
}

void rw_read_lock(struct rw *l) {
    struct state *s = take(l);
    if (s->writer || s->writers_waiting > 0) {
        sleep_in(s, false);
    } else {
        s->readers++;
        give(s);
    }
}

void rw_read_unlock(struct rw *l) {
    struct state *s = take(l);
    if (--s->readers == 0) let_a_writer_in(s);
    give(s);
}

void rw_write_lock(struct rw *l) {
    struct state *s = take(l);
    if (s->writer || s->readers > 0) {
        sleep_in(s, true);
    } else {
        s->writer = 1;
        give(s);
    }
}

void rw_write_unlock(struct rw *l) {
    struct state *s = take(l);
    s->writer = 0;
    let_readers_in(s);
    if (s->readers == 0) let_a_writer_in(s);
    give(s);
}
