/* SPDX-License-Identifier: MIT */
/* sim_quiet.c -- ten seconds in which nobody asks for anything: what the workers do meanwhile. */
#include "sim.h"

enum { QUIET_S = 10, WAKES_MAX = 10 /* of a worker: more than once a second is no sleep any more */ };

static const struct world_rule workers_sleep = {"workers_sleep", "a worker without work sleeps until there is some",
                                                "which call does a worker wait in, and what ends that wait?"};

static int seconds;

static void a_second_later(void *nothing) {
    world_progress();
    if (++seconds < QUIET_S) {
        world_in_ms(1000, a_second_later, nothing);
        return;
    }
    uint64_t wakes = world_threads_slept() - story.slept_before;
    if (wakes > WAKES_MAX * story.limits.workers)
        world_fail(&workers_sleep, "%zu worker%s woke up and slept again %lu times in %d s in which there was no work",
                   story.limits.workers, story.limits.workers == 1 ? "" : "s", (unsigned long)wakes, QUIET_S);
    story.quiet = NO_QUIET;
}

/* All threads sleep now. */
void quiet_begins(void) {
    story.quiet = QUIET, story.slept_before = world_threads_slept();
    seconds = 0;
    world_tell(0, "(for %d s nobody asks for anything)", QUIET_S);
    world_in_ms(1000, a_second_later, NULL);
}
