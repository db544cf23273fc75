/* SPDX-License-Identifier: MIT */
/* threads_driver.c -- jobs that take a while, and what must hold of a pool that does them. */
#include <simkernel.h>

#include "threads.h"

enum { JOBS = 3 };

static const struct world_rule result = {"result", "as many jobs done as were asked for", ""};
static const struct world_rule waits = {"waits", "the loop waits for events alone", ""};
static const struct world_rule threads_left = {"threads_left", "no thread is left", ""};
static const struct world_rule lost = {"stuck", "all jobs are done", ""};

static int done;

static void step(void) {
}
static bool idle(void) {
    /* Once all jobs are done there is nothing to be late for. */
    if (done < JOBS && world_waits_in()) world_fail(&waits, "the loop waits in %s", world_waits_in());
    return false;
}
static void stuck(void) {
    world_fail(&lost, "%d jobs done, and everybody sleeps", done);
}
static void wrote(struct peer *p, const unsigned char *bytes, size_t size) {
    (void)p, (void)bytes, (void)size;
}
static void moved(struct peer *p, size_t size, bool in) {
    (void)p, (void)size, (void)in;
}
static void closing(int fd, struct peer *p) {
    (void)fd, (void)p;
}

static bool reached(const void *until) {
    return world_now_ms() >= *(const uint64_t *)until;
}

static void ring(void *nothing) {
    (void)nothing;
    world_progress();
}

static void job(void) {
    uint64_t ms = world_choose(3), until = world_now_ms() + ms;
    static int keys[8]; /* an alarm for each thread */
    if (world_thread() == 0) world_fail(&waits, "the loop does a job itself");
    world_in_ms(ms, ring, &keys[world_thread()]);
    world_thread_waits(reached, &until);
    done++;
}

static void pool(void) {
    world_hooks = (struct world_hooks){
        .step = step, .idle = idle, .stuck = stuck, .wrote = wrote, .moved = moved, .closing = closing};
    world_faults.spurious_wakeups = world_choose(2) ? 3 : 0;
    done = 0;
    int answer = pool_run(world_event(), JOBS, job);
    if (answer != JOBS || done != JOBS) world_fail(&result, "%d jobs counted, %d done", answer, done);
    if (world_threads_alive() > 0) world_fail(&threads_left, "%d threads are left", world_threads_alive());
}

const struct world_scenario world_scenarios[] = {{"pool", pool}, {0}};
