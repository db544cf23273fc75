/* SPDX-License-Identifier: MIT */
/* actors.c -- see actors.h. One lock orders everything here, and no more than a futex would. */
#include "actors.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "evidence.h"
#include "futex.h"
#include "gate.h"
#include "pace.h"

#define SPIN_STEPS 400000
#define YIELD_STEPS 4000 /* what a yield counts for, where a waiter should sleep */
#define YIELDS_SETTLED 3
#define NOTHING 0

struct actor {
    pthread_t thread;
    enum { IDLE, AT_WORK, ASLEEP, PARKED, TO_STOP } state;
    enum op op;
    uint64_t deadline_ns, park_at, yields, slept_at;
    _Atomic uint32_t *word;
    const uint64_t *until; /* of the sleep */
    int result;            /* of the sleep */
    struct standing known;
    struct pace_place place;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum kind kind;
    struct objects *objects;
    void (*spun)(enum op);
    struct actor all[ACTORS];
    uint64_t now_ns, sleeps, own_timers, changes;
} a = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static _Thread_local struct actor *self;

static void enter(void) {
    pthread_mutex_lock(&a.lock);
}

static void leave(void) {
    a.changes++;
    pthread_cond_broadcast(&a.changed);
    pthread_mutex_unlock(&a.lock);
}

static void spun(void) {
    a.spun(self->op);
    evidence_end();
}

static bool is_of_mutex(const _Atomic uint32_t *word) {
    const char *at = (const char *)word, *mutex = (const char *)&a.objects->mutex;
    return at >= mutex && at < mutex + sizeof a.objects->mutex;
}

static bool counts(const _Atomic uint32_t *word) {
    return a.kind != CONDVAR || !is_of_mutex(word);
}

static int fall_asleep(_Atomic uint32_t *word, uint32_t expected, const uint64_t *deadline_ns) {
    self->known.waits_made += counts(word);
    if (deadline_ns && (!is_timed(self->op) || *deadline_ns != self->deadline_ns)) a.own_timers++;
    if (atomic_load(word) != expected) return -EAGAIN;
    if (deadline_ns && *deadline_ns <= a.now_ns) return -ETIMEDOUT;
    pace_park_over(); /* a call that sleeps first does not get as far as its place */
    self->word = word, self->until = deadline_ns, self->slept_at = a.sleeps++, self->state = ASLEEP;
    pthread_cond_broadcast(&a.changed);
    while (self->state == ASLEEP) pthread_cond_wait(&a.changed, &a.lock);
    return self->result;
}

static void wake(struct actor *one, int result) {
    one->result = result, one->state = AT_WORK;
}

/* The learner's. */
int kernel_futex_wait(_Atomic uint32_t *word, uint32_t expected, const uint64_t *deadline_ns);
int kernel_futex_wait(_Atomic uint32_t *word, uint32_t expected, const uint64_t *deadline_ns) {
    if (!self) return futex_wait(word, expected, deadline_ns);
    pace_atomic_step();
    uint64_t steps = pace_steps();
    enter();
    uint64_t sleeps = a.sleeps;
    int result = fall_asleep(word, expected, deadline_ns);
    bool slept = a.sleeps != sleeps && self->slept_at >= sleeps;
    leave();
    pace_count_steps(SPIN_STEPS, spun);
    if (!slept) pace_add_steps(steps + YIELD_STEPS);
    return result;
}

static struct actor *last_asleep(const _Atomic uint32_t *word) {
    struct actor *last = NULL;
    for (struct actor *one = a.all; one < a.all + ACTORS; one++)
        if (one->state == ASLEEP && one->word == word && (!last || one->slept_at > last->slept_at)) last = one;
    return last;
}

int kernel_futex_wake(_Atomic uint32_t *word, int threads);
int kernel_futex_wake(_Atomic uint32_t *word, int threads) {
    if (!self) return futex_wake(word, threads);
    pace_atomic_step();
    enter();
    int woken = 0;
    for (struct actor *one; woken < threads && (one = last_asleep(word)); woken++) wake(one, 0);
    if (counts(word)) self->known.wakes_made++, self->known.woken += (uint64_t)woken;
    leave();
    return woken;
}

int kernel_sched_yield(void);
int kernel_sched_yield(void) {
    if (self && a.kind == SPIN) {
        enter();
        if (++self->yields == YIELDS_SETTLED) pthread_cond_broadcast(&a.changed);
        pthread_mutex_unlock(&a.lock);
        pace_count_steps(SPIN_STEPS, spun);
    } else if (self) {
        pace_add_steps(YIELD_STEPS);
    }
    return sched_yield();
}

/* With the lock. */
static void pass_time(uint64_t now_ns) {
    a.now_ns = now_ns;
    for (struct actor *one = a.all; one < a.all + ACTORS; one++)
        if (one->state == ASLEEP && one->until && *one->until <= now_ns) wake(one, -ETIMEDOUT);
}

int kernel_clock_gettime(clockid_t clock, struct timespec *now);
int kernel_clock_gettime(clockid_t clock, struct timespec *now) {
    if (!self || clock != CLOCK_MONOTONIC) return clock_gettime(clock, now);
    enter();
    pass_time(a.now_ns + 1000);
    *now = (struct timespec){(time_t)(a.now_ns / 1000000000), (long)(a.now_ns % 1000000000)};
    leave();
    return 0;
}

static void make_call(void) {
    pace_count_steps(SPIN_STEPS, spun);
    if (self->park_at) pace_park_at(&self->place, self->park_at);
    bool answer = do_op(a.objects, a.kind, self->op, self->deadline_ns);
    if (self->park_at) pace_park_over();
    pace_count_steps(0, NULL);
    enter();
    self->known.answer = answer, self->state = IDLE, self->op = NOTHING;
    leave();
}

static void *act(void *actor) {
    self = actor;
    for (;;) {
        enter();
        while (self->state == IDLE) pthread_cond_wait(&a.changed, &a.lock);
        bool stops = self->state == TO_STOP;
        leave();
        if (stops) return NULL;
        make_call();
    }
}

static bool is_settled(const struct actor *one) {
    return one->state != AT_WORK || (a.kind == SPIN && one->yields >= YIELDS_SETTLED);
}

static bool all_settled(void) {
    for (const struct actor *one = a.all; one < a.all + ACTORS; one++)
        if (!is_settled(one)) return false;
    return true;
}

/* Those that spin have looked several times since anybody else did anything. */
static void settle(void) {
    uint64_t changes;
    pthread_cond_broadcast(&a.changed);
    do {
        for (struct actor *one = a.all; one < a.all + ACTORS; one++) one->yields = 0;
        changes = a.changes;
        while (!all_settled()) pthread_cond_wait(&a.changed, &a.lock);
    } while (a.changes != changes);
    pthread_mutex_unlock(&a.lock);
    evidence_progress();
}

void actors_start(enum kind kind, struct objects *objects, void (*spun)(enum op)) {
    a.kind = kind, a.objects = objects, a.spun = spun, a.now_ns = 1000000000;
    for (struct actor *one = a.all; one < a.all + ACTORS; one++) {
        *one = (struct actor){.place = PACE_PLACE};
        one->thread = gate_thread(act, one);
    }
}

void actors_stop(void) {
    enter();
    for (struct actor *one = a.all; one < a.all + ACTORS; one++) one->state = TO_STOP;
    leave();
    for (struct actor *one = a.all; one < a.all + ACTORS; one++) pthread_join(one->thread, NULL);
}

static void begin(struct actor *one, enum op op, uint64_t deadline_ns, uint64_t park_at) {
    enter();
    assert(one->state == IDLE); /* else the call that it is in would be forgotten */
    one->op = op, one->deadline_ns = deadline_ns, one->park_at = park_at, one->state = AT_WORK;
}

void actor_does(unsigned actor, enum op op, uint64_t deadline_ns) {
    begin(&a.all[actor], op, deadline_ns, 0);
    settle();
}

void actor_parks(unsigned actor, enum op op, uint64_t deadline_ns, uint64_t step) {
    struct actor *one = &a.all[actor];
    begin(one, op, deadline_ns, step);
    leave();
    bool parked = pace_wait_parked(&one->place);
    enter();
    if (parked) one->state = PARKED;
    settle();
}

void actor_goes_on(unsigned actor) {
    enter();
    a.all[actor].state = AT_WORK;
    pace_release(&a.all[actor].place, 0);
    settle();
}

void time_passes(uint64_t now_ns) {
    enter();
    pass_time(now_ns);
    settle();
}

uint64_t time_now(void) {
    enter();
    uint64_t now_ns = a.now_ns;
    leave();
    return now_ns;
}

void interrupt_wait(unsigned actor, int answer) {
    enter();
    if (a.all[actor].state == ASLEEP) wake(&a.all[actor], answer);
    settle();
}

struct standing actor_standing(unsigned actor) {
    enter();
    const struct actor *one = &a.all[actor];
    struct standing known = one->known;
    known.waits = one->state == ASLEEP || one->state == AT_WORK;
    known.parked = one->state == PARKED;
    known.on_mutex = one->state == ASLEEP && is_of_mutex(one->word);
    leave();
    return known;
}

uint64_t own_timers(void) {
    return a.own_timers;
}
