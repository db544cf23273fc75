/* SPDX-License-Identifier: MIT */
/* again.c -- many green threads, one after another.
 *
 *   again  threads
 *
 * On one worker each is started when the one before has ended: first so many that nobody joins, then as many that are
 * joined. Evidence: `ended`; `unjoined_bytes` and `joined_bytes`, what the process has mapped more behind
 * each half. */
#include "driver.h"

#include <malloc.h>

#include "evidence.h"
#include "scenario.h"

enum { WARM_UP = 100 };

static uint64_t ended;

static void end_at_once(void *arg) {
    (void)arg;
    ended++;
    if (ended % 512 == 0) evidence_progress();
}

/* A yield lets the other one run, and so it ends. */
static void run_one(bool joined) {
    uint64_t before = ended;
    struct green *thread = go(end_at_once, NULL);
    if (joined)
        green_join(thread);
    else
        while (ended == before) green_yield();
}

static uint64_t bytes_more(uint64_t count, bool joined) {
    uint64_t before = mapped_bytes();
    for (uint64_t i = 0; i < count; i++) run_one(joined);
    uint64_t now = mapped_bytes();
    return now > before ? now - before : 0;
}

static void first(void *arg) {
    (void)arg;
    uint64_t count = scenario_param("threads");
    (void)bytes_more(WARM_UP, false);
    evidence_count("unjoined_bytes", bytes_more(count, false));
    evidence_count("joined_bytes", bytes_more(count, true));
}

void again(uint64_t seed) {
    (void)seed;
    mallopt(M_ARENA_MAX, 1); /* another arena would be 64 MiB of addresses */
    run_green(1, first);
    evidence_count("ended", ended - WARM_UP);
}
