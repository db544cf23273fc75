/* SPDX-License-Identifier: MIT */
/* paused.c -- one call is stopped at its first step, its second, and so on; meanwhile others make theirs.
 *
 *   last_user   kind (SPIN, MUTEX, SEMAPHORE): an unlock or up is stopped. Another thread gets what it gave, is done,
 * and frees the memory: its page goes. With a waiter from before, and without. signallers  a signal is stopped, and a
 * second waiter comes; a wait is stopped, a signal comes, and another waiter
 *
 * Evidence of both: the rows `pauses`. Of last_user `touched_step` and `touched_waiting`, if the freed page was
 * touched: that ends the scenario, and so does `spun_op`, a call that neither slept nor came to its end. */
#include "actors.h"
#include "driver.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "evidence.h"
#include "scenario.h"

#define STEPS_MAX 300

/* `scene`: 1 a waiter from before, 0 none; or 2 a signal was stopped, 3 a wait was. `parked`: 1, or 0: the call has no
 * such step. `freed`: it was freed meanwhile. `asleep`: who waits still in the end, of those that must not. */
EVIDENCE_ROW(pause, scene, step, parked, freed, asleep);

static struct {
    enum kind kind;
    struct objects *objects;
    size_t page_bytes;
    struct pause pauses[4 * STEPS_MAX];
    size_t count;
    struct pause now;
    struct sigaction before;
} d;

static void report(enum op spun_op) {
    evidence_rows("pauses", pause, d.pauses, d.count);
    evidence_count("spun_op", spun_op);
}

/* The page that was freed: whoever touched it goes no further. */
static void touched(int signal, siginfo_t *info, void *context) {
    char *page = (char *)d.objects, *at = info->si_addr;
    (void)context;
    if (!d.now.freed || at < page || at >= page + d.page_bytes) {
        sigaction(signal, &d.before, NULL);
        return; /* the learner's own: it comes once more, and is told as always */
    }
    report((enum op)0);
    evidence_count("touched_step", d.now.step);
    evidence_count("touched_waiting", d.now.scene);
    evidence_end();
}

static void new_page(void) {
    d.objects = mmap(NULL, d.page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void free_page(void) {
    d.now.freed = mprotect(d.objects, d.page_bytes, PROT_NONE) == 0;
}

static enum op taking(void) {
    return d.kind == SEMAPHORE ? DOWN : LOCK;
}

static enum op giving(void) {
    return d.kind == SEMAPHORE ? UP : UNLOCK;
}

static bool is_done(unsigned actor) {
    struct standing known = actor_standing(actor);
    return !known.waits && !known.parked;
}

/* The one that got it is the last one: it gives a lock back first. */
static void leave(unsigned actor) {
    if (d.kind != SEMAPHORE) actor_does(actor, UNLOCK, 0);
}

/* Actor 0 is stopped; 1 has waited, perhaps; 2 comes now. */
static void stop_the_giver(bool waiter) {
    if (d.kind != SEMAPHORE) actor_does(0, LOCK, 0);
    if (waiter) actor_does(1, taking(), 0);
    actor_parks(0, giving(), 0, d.now.step);
    d.now.parked = actor_standing(0).parked;
    if (!d.now.parked) return;
    unsigned comer = waiter ? 1 : 2;
    if (!waiter) actor_does(comer, taking(), 0);
    if (is_done(comer)) {
        leave(comer);
        free_page();
    }
    actor_goes_on(0);
}

static void keep(void) {
    d.pauses[d.count++] = d.now;
}

/* Nobody may wait in the end: what was stopped has gone on. */
static void each_step(uint64_t scene, void (*stop)(void)) {
    for (uint64_t step = 1; step <= STEPS_MAX; step++) {
        new_page();
        d.now = (struct pause){.scene = scene, .step = step};
        actors_start(d.kind, d.objects, report);
        stop();
        for (unsigned i = 0; i < ACTORS; i++) d.now.asleep |= !is_done(i);
        keep();
        if (d.now.asleep) return; /* it is stuck, and the scenario ends */
        actors_stop();
        munmap(d.objects, d.page_bytes);
        if (!d.now.parked) return;
    }
}

static void with_waiter(void) {
    stop_the_giver(true);
}

static void without_waiter(void) {
    stop_the_giver(false);
}

void last_user(uint64_t seed) {
    (void)seed; /* every step is tried */
    d.kind = (enum kind)scenario_param("kind");
    d.page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    sigaction(SIGSEGV, &(struct sigaction){.sa_sigaction = touched, .sa_flags = SA_SIGINFO}, &d.before);
    each_step(0, without_waiter);
    if (!d.now.asleep) each_step(1, with_waiter);
    report((enum op)0);
    evidence_end();
}

static bool sleeps(unsigned actor) {
    return actor_standing(actor).waits && !actor_standing(actor).on_mutex;
}

/* One that waits still, and should not, makes no other call: the row tells of it. */
static void does_if_idle(unsigned actor, enum op op) {
    if (is_done(actor)) actor_does(actor, op, 0);
}

/* Whose wait has returned gives the mutex back. */
static void leave_once(unsigned actor, bool *left) {
    if (*left || !is_done(actor)) return;
    actor_does(actor, UNLOCK, 0);
    *left = true;
}

/* 1 waits; 0 is stopped in its signal, before or after it has woken 1; 2 begins to wait. One of these two must get the
 * signal. */
static void stop_the_signaller(void) {
    bool left[2] = {false, false};
    actor_does(1, LOCK, 0);
    actor_does(1, WAIT, 0);
    actor_parks(0, SIGNAL, 0, d.now.step);
    d.now.parked = actor_standing(0).parked;
    leave_once(1, &left[0]);
    actor_does(2, LOCK, 0);
    does_if_idle(2, WAIT);
    if (d.now.parked) actor_goes_on(0);
    d.now.asleep = sleeps(1) && sleeps(2);
    if (d.now.asleep) return;
    for (unsigned i = 0; i < 2; i++) {
        leave_once(1, &left[0]);
        leave_once(2, &left[1]);
        if (i == 0) actor_does(3, BROADCAST, 0);
    }
}

/* Whoever is stopped may have what 0 wants in its call, the mutex or a lock inside the condition variable: 0 sleeps,
 * and 1 goes on. */
static void does_beside_stopped(enum op op) {
    actor_does(0, op, 0);
    if (!is_done(0) && actor_standing(1).parked) actor_goes_on(1);
}

/* 1 is stopped in its wait; 0 signals once it has the mutex; then 2 begins to wait. 1 must get the signal. */
static void stop_the_waiter(void) {
    bool left = false;
    actor_does(1, LOCK, 0);
    actor_parks(1, WAIT, 0, d.now.step);
    d.now.parked = actor_standing(1).parked;
    does_beside_stopped(LOCK);
    if (!is_done(0)) return;
    does_beside_stopped(SIGNAL);
    if (!is_done(0)) return;
    does_beside_stopped(UNLOCK);
    leave_once(1, &left);
    actor_does(2, LOCK, 0);
    does_if_idle(2, WAIT);
    if (actor_standing(1).parked) actor_goes_on(1);
    d.now.asleep = sleeps(1);
    if (d.now.asleep) return;
    leave_once(1, &left);
    actor_does(3, BROADCAST, 0);
    does_if_idle(2, UNLOCK);
}

void signallers(uint64_t seed) {
    (void)seed;
    d.kind = CONDVAR;
    d.page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    each_step(2, stop_the_signaller);
    if (!d.now.asleep) each_step(3, stop_the_waiter);
    report((enum op)0);
    evidence_end();
}
