/* SPDX-License-Identifier: MIT */
/* held.c -- how calls wait for a thread that is held up in the middle of its own.
 *
 *   held  kind
 *
 * One thread (the holder) puts, and is stopped at its first step, its second,
 * and so on. At each of these places another thread makes one call: a get, a put,
 * a remove or a size. The holder goes on as soon as that call is over, or waits in
 * one of the allowed ways: asleep, or after YIELDS yields. A call that waits
 * inside the C library, and so takes no steps, is accepted after CPU_NS of
 * processor time.
 *
 * Evidence: `parked`, how often the holder was; and `impatient_call` (1 get,
 * 2 put, 3 remove, 4 size), the call that took SPIN_STEPS steps without a yield,
 * after which the process ends; 0: none. */
#include "driver.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "scenario.h"

#define SPIN_STEPS 50000
#define YIELDS 3
#define CPU_NS 20000000
#define PLACES 64 /* more steps than a put of a known key should take */
#define CAPACITY 4
#define KEY 1

enum call { NONE, GET, PUT, REMOVE, SIZE };

static struct {
    const struct kind *kind;
    void *cache;
    struct pace_place place;
    uint64_t step, parked;
    enum call call;
    atomic_int task; /* the waiter's; 0: not yet in its call */
    atomic_int yields;
    atomic_bool over;
} h = {.place = PACE_PLACE};

_Thread_local void (*at_yield)(void);

/* The learner's sched_yield(). */
int kernel_sched_yield(void);
int kernel_sched_yield(void) {
    if (at_yield) at_yield();
    return sched_yield();
}

static void report(enum call impatient) {
    evidence_count("parked", h.parked);
    evidence_count("impatient_call", impatient);
}

static void spun(void) {
    report(h.call);
    evidence_end();
}

static void yielded(void) {
    h.yields++;
    pace_count_steps(SPIN_STEPS, spun);
}

static void *hold(void *nothing) {
    pace_park_at(&h.place, h.step);
    (void)h.kind->put(h.cache, KEY, value_of(KEY), NULL);
    pace_park_over();
    return nothing;
}

static void *wait_for_it(void *nothing) {
    at_yield = yielded;
    pace_count_steps(SPIN_STEPS, spun);
    h.task = (int)syscall(SYS_gettid);
    if (h.call == GET) (void)h.kind->get(h.cache, KEY, NULL);
    if (h.call == PUT) (void)h.kind->put(h.cache, KEY, value_of(KEY), NULL);
    if (h.call == REMOVE) (void)h.kind->remove(h.cache, KEY + 1);
    if (h.call == SIZE) (void)h.kind->size(h.cache);
    h.over = true;
    return nothing;
}

static bool asleep(int task) {
    char path[64], line[128] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", task);
    FILE *file = fopen(path, "r");
    if (!file) return true;
    const char *end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    return !end || end[2] == 'S';
}

static bool settled(pthread_t waiter) {
    struct timespec used = {0};
    clockid_t clock;
    if (h.over || h.yields >= YIELDS) return true;
    if (h.task == 0) return false;
    if (asleep(h.task)) return true;
    if (pthread_getcpuclockid(waiter, &clock) == 0) clock_gettime(clock, &used);
    return used.tv_sec > 0 || used.tv_nsec > CPU_NS;
}

/* False: the holder's call has no such step. */
static bool held_at(uint64_t step, enum call call) {
    h.step = step, h.call = call, h.task = 0, h.yields = 0, h.over = false;
    pthread_t holder = gate_thread(hold, NULL);
    bool parked = pace_wait_parked(&h.place);
    if (parked) {
        h.parked++;
        pthread_t waiter = gate_thread(wait_for_it, NULL);
        while (!settled(waiter)) nanosleep(&(struct timespec){0, 100000}, NULL);
        pace_release(&h.place, 0);
        pthread_join(waiter, NULL);
    }
    pthread_join(holder, NULL);
    evidence_progress();
    return parked;
}

void held(uint64_t seed) {
    (void)seed; /* every place is tried */
    h.kind = &kinds[scenario_param("kind")];
    h.cache = new_cache(scenario_param("kind"), CAPACITY);
    (void)h.kind->put(h.cache, KEY, value_of(KEY), NULL);
    for (enum call call = GET; call <= SIZE; call++)
        for (uint64_t step = 1; step <= PLACES && held_at(step, call); step++) {
        }
    report(NONE);
    h.kind->free(h.cache);
}
