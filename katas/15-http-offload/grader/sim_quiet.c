/* SPDX-License-Identifier: MIT */
/* sim_quiet.c -- a second in which nobody asks for anything: what the workers do meanwhile. */
#include "sim.h"

enum { QUIET_MS = 1000, WAKES_MAX = 20 /* of a worker: once in 50 ms is no sleep any more */ };

static const struct world_rule workers_sleep = {"workers_sleep", "a worker without work sleeps until there is some",
                                                "which call does a worker wait in, and what ends that wait?"};

static void quiet_ends(void *nothing) {
    (void)nothing;
    uint64_t wakes = world_threads_slept() - story.slept_before;
    if (wakes > WAKES_MAX * story.limits.workers)
        world_fail(&workers_sleep, "%zu worker%s woke up and slept again %lu times in %d ms in which there was no work",
                   story.limits.workers, story.limits.workers == 1 ? "" : "s", (unsigned long)wakes, QUIET_MS);
    story.quiet = NO_QUIET;
    world_progress();
}

/* All threads sleep now. */
void quiet_begins(void) {
    story.quiet = QUIET, story.slept_before = world_threads_slept();
    world_tell(0, "(for %d ms nobody asks for anything)", QUIET_MS);
    world_in_ms(QUIET_MS, quiet_ends, NULL);
}
