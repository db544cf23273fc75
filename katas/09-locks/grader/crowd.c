/* SPDX-License-Identifier: MIT */
/* crowd.c -- threads that really wait for each other, on plain data that a lock has to guard.
 *
 *   crowd  kind (see kinds.h), threads, rounds (each)
 *
 * Evidence: `due` and `done`, changes that were to be made and that the guarded data knows of; `torn`, how often a
 * thread saw data that another was in the middle of changing. Of a spin lock `stuck_after`, if one thread alone could
 * not have it again after so many unlocks: that ends the scenario. */
#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "pace.h"
#include "scenario.h"

static struct {
    enum kind kind;
    uint64_t seed, threads, rounds;
    struct objects o;
    struct cond room;
    uint64_t first, second, inside, torn; /* plain: whoever has the lock */
    _Atomic uint64_t torn_reads;
} c;

/* More than there are numbers of 16 bits: a counter in half a word goes round. */
#define ALONE 70000
#define TURNS 64

static uint64_t unlocks_alone(void) {
    uint64_t unlocks = 0;
    for (; unlocks < ALONE && spin_try(&c.o.spin); unlocks++) spin_unlock(&c.o.spin);
    return unlocks;
}

static void change(void) {
    c.torn += c.first != c.second;
    c.first++;
    c.second = c.first;
}

static void guarded(uint64_t round) {
    bool tries = round % 4 == 0;
    if (c.kind == SPIN) {
        if (!tries || !spin_try(&c.o.spin)) spin_lock(&c.o.spin);
        change();
        spin_unlock(&c.o.spin);
    } else {
        if (!tries || !mutex_lock_until(&c.o.mutex, 1)) mutex_lock(&c.o.mutex);
        change();
        mutex_unlock(&c.o.mutex);
    }
}

/* A place that two threads at most are in. Half of them put, half take. */
static void through_the_place(uint64_t number) {
    bool puts = number % 2 == 0;
    mutex_lock(&c.o.mutex);
    while (c.inside == (puts ? 2 : 0)) cond_wait(puts ? &c.room : &c.o.cond, &c.o.mutex);
    c.inside += puts ? 1 : -1;
    change();
    mutex_unlock(&c.o.mutex);
    cond_signal(puts ? &c.o.cond : &c.room);
}

/* Half of the threads only read: nothing else of theirs orders what they have read before what is written then. */
static void read_or_write(uint64_t number) {
    if (number % 2 == 0) {
        rw_write_lock(&c.o.rw);
        change();
        rw_write_unlock(&c.o.rw);
        return;
    }
    rw_read_lock(&c.o.rw);
    bool torn = c.first != c.second;
    rw_read_unlock(&c.o.rw);
    if (torn) atomic_fetch_add_explicit(&c.torn_reads, 1, memory_order_relaxed);
}

/* The one unit is a lock. */
static void with_unit(uint64_t round) {
    if (round % 4 != 0 || !sem_down_until(&c.o.sem, 1)) sem_down(&c.o.sem);
    change();
    sem_up(&c.o.sem);
}

static void once(uint64_t number, uint64_t round) {
    if (c.kind <= MUTEX) guarded(round);
    if (c.kind == CONDVAR) through_the_place(number);
    if (c.kind == RWLOCK) read_or_write(number);
    if (c.kind == SEMAPHORE) with_unit(round);
}

static void work(uint64_t number) {
    pace_unsteady(c.seed, number);
    for (uint64_t round = 0; round < c.rounds; round++) {
        once(number, round);
        if (round % 64 == 0) evidence_progress();
    }
}

void crowd(uint64_t seed) {
    c.seed = seed;
    c.kind = (enum kind)scenario_param("kind");
    c.threads = scenario_param("threads");
    c.rounds = scenario_param("rounds");
    uint64_t unlocks = c.kind == SPIN ? unlocks_alone() : ALONE;
    if (unlocks < ALONE) {
        evidence_count("stuck_after", unlocks);
        return;
    }
    if (c.kind == SEMAPHORE) sem_up(&c.o.sem);
    crew_take_turns(2, TURNS, once);
    crew_join(crew_start(c.threads, work));
    evidence_count("due", (TURNS + c.threads * c.rounds) / (c.kind == RWLOCK ? 2 : 1));
    evidence_count("done", c.first);
    evidence_count("torn", c.torn + c.torn_reads);
}
