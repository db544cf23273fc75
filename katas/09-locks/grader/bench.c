/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of work, timed from outside.
 *
 *   bench  kind (see kinds.h), threads, rounds (of all)
 *   cost   the same, for the lab
 *
 * Of CONDVAR half of the threads put and half of them take, through a place for one. Of RWLOCK all read, and one in
 * 1,000 writes. Evidence: `rounds`, as the guarded data knows them; of cost `cpu_us` beside, the CPU time of the whole
 * process, which others on the machine hardly change. */
#include <time.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "scenario.h"

static struct {
    enum kind kind;
    uint64_t each;
    struct objects o;
    struct cond room;
    uint64_t rounds, inside;
    _Atomic uint64_t reads;
} b;

static void guarded(void) {
    if (b.kind == SPIN) {
        spin_lock(&b.o.spin);
        b.rounds++;
        spin_unlock(&b.o.spin);
    } else {
        mutex_lock(&b.o.mutex);
        b.rounds++;
        mutex_unlock(&b.o.mutex);
    }
}

static void through_the_place(bool puts) {
    mutex_lock(&b.o.mutex);
    while (b.inside == puts) cond_wait(puts ? &b.room : &b.o.cond, &b.o.mutex);
    b.inside = puts;
    b.rounds++;
    mutex_unlock(&b.o.mutex);
    cond_signal(puts ? &b.o.cond : &b.room);
}

static void read_or_write(uint64_t round, uint64_t *reads) {
    if (round % 1000 != 0) {
        rw_read_lock(&b.o.rw);
        (*reads)++;
        rw_read_unlock(&b.o.rw);
    } else {
        rw_write_lock(&b.o.rw);
        b.rounds++;
        rw_write_unlock(&b.o.rw);
    }
}

static void with_unit(void) {
    sem_down(&b.o.sem);
    b.rounds++;
    sem_up(&b.o.sem);
}

static void work(uint64_t number) {
    uint64_t reads = 0;
    for (uint64_t round = 0; round < b.each; round++) {
        if (b.kind <= MUTEX) guarded();
        if (b.kind == CONDVAR) through_the_place(number % 2 == 0);
        if (b.kind == RWLOCK) read_or_write(round, &reads);
        if (b.kind == SEMAPHORE) with_unit();
    }
    b.reads += reads;
}

static void work_all(void) {
    uint64_t threads = scenario_param("threads");
    b.kind = (enum kind)scenario_param("kind");
    b.each = scenario_param("rounds") / threads;
    if (b.kind == SEMAPHORE) sem_up(&b.o.sem);
    crew_join(crew_start(threads, work));
    evidence_count("rounds", b.rounds + b.reads);
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    work_all();
}

void cost(uint64_t seed) {
    (void)seed;
    struct timespec used;
    work_all();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    evidence_count("cpu_us", (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000);
}
