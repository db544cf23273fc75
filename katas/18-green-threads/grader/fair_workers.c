/* SPDX-License-Identifier: MIT */
/* fair_workers.c -- is anybody left out for ever while all workers are busy?
 *
 *   left_out  workers, busy: so many threads yield
 *
 * The kernel may stop a worker that has taken a thread, while others go on. So neither turns nor a clock can say which
 * turn is too late: the busy ones go on until all others have run, or until they have had very many turns and
 * seconds of the processors' time, as much more as the machine is crowded. Who is left out then is left out for ever.
 *
 * The others become ready when every worker has had a turn of a busy one: from then on no worker is ever without one.
 *
 * Evidence: `seen`, the workers that had a turn; `turns` of the busy ones from then on; `started`, `slept`, `read_it`:
 * the one that was started then, the one whose sleep was over, the one whose socket was ready have run. */
#include "driver.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "scenario.h"

enum { ENOUGH = 200000, ENOUGH_MS = 1500, LOOK_EVERY = 1024, SLEEP_NS = 200000 };

static struct {
    _Atomic uint64_t seen, turns, started, slept, read_it;
    _Atomic bool ready, over;
    int ends[2];
    struct timespec since;
    uint64_t had[3]; /* of the three others, when the busy ones were told to end */
} b;

static int64_t cpu_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)(t.tv_sec - b.since.tv_sec) * 1000 + (t.tv_nsec - b.since.tv_nsec) / 1000000;
}

static void just_start(void *arg) {
    (void)arg;
    b.started = 1;
}

static void sleep_a_while(void *arg) {
    (void)arg;
    green_sleep(SLEEP_NS);
    b.slept = 1;
}

static void read_a_byte(void *arg) {
    char byte;
    (void)arg;
    b.read_it = green_read(b.ends[0], &byte, 1) == 1;
}

/* Makes no call of the library's: the worker stays the same. */
static __attribute__((noinline)) void note_worker(void) {
    static _Thread_local bool noted;
    if (!noted) b.seen++;
    noted = true;
}

static void make_others_ready(void) {
    if (b.seen < scenario_param("workers") || atomic_exchange(&b.ready, true)) return;
    b.turns = 0;
    go(just_start, NULL);
    go(sleep_a_while, NULL);
    (void)!write(b.ends[1], "x", 1); /* there is room for one */
}

static void look_whether_over(uint64_t turn) {
    uint64_t had[] = {b.started, b.slept, b.read_it};
    bool all = had[0] && had[1] && had[2];
    evidence_progress();
    if (!all && (turn < ENOUGH || cpu_ms() < ENOUGH_MS)) return;
    if (atomic_exchange(&b.over, true)) return;
    for (int i = 0; i < 3; i++) b.had[i] = had[i];
}

static void keep_yielding(void *arg) {
    (void)arg;
    for (; !b.over; green_yield()) {
        uint64_t turn = ++b.turns;
        note_worker();
        make_others_ready();
        if (turn % LOOK_EVERY == 0) look_whether_over(turn);
    }
}

static void first(void *arg) {
    (void)arg;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b.since);
    go(read_a_byte, NULL);
    go_all(scenario_param("busy"), keep_yielding);
    /* What they were kept from, the others may do now. */
    evidence_count("seen", b.seen);
    evidence_count("turns", b.turns);
    evidence_count("started", b.had[0]);
    evidence_count("slept", b.had[1]);
    evidence_count("read_it", b.had[2]);
    evidence_end(); /* one may be left for which nobody has written */
}

void left_out(uint64_t seed) {
    (void)seed;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b.ends))
        evidence_broken_off("socketpair", "failed", "two sockets", "nothing of yours");
    run_green(scenario_param("workers"), first);
}
