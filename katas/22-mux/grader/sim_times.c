/* SPDX-License-Identifier: MIT */
/* sim_times.c -- how long a wait sleeps, when something becomes ready, and when signals come and the time of day is
 * set. */
#include "sim.h"

#include <limits.h>

static const struct world_rule late = {"late", "a wait ends when something becomes ready",
                                       "which time does the second call get, after the first was interrupted?"};

static struct {
    struct thing *thing;
    bool rung;
} bell;

static void ring(void *unused) {
    (void)unused;
    bell.rung = true;
    thing_make_ready(bell.thing, MUX_IN);
}

/* An hour on, or back; to the monotonic clock it is nothing. */
static void set_time_of_day(void) {
    uint64_t before = world_faults.time_of_day_ns;
    world_faults.time_of_day_ns = world_choose(3) * UINT64_C(3600000000000);
    if (world_faults.time_of_day_ns != before)
        world_tell(0, "(the time of day is set %s)", world_faults.time_of_day_ns > before ? "forward" : "back");
}

static void signal_comes(void *unused) {
    (void)unused;
    if (!story.wait.under_way) return;
    world_tell(0, "(a signal is handled)");
    world_faults.signals = 1;
    set_time_of_day();
    story.wait.signals++;
    world_progress();
}

/* One that rests and has hung up, one that is never ready: they end no wait. */
static void add_silent(void) {
    struct thing *t = thing_new(READER);
    watch_add(t, MUX_IN);
    if (world_choose(2)) {
        watch_mod(t, 0);
        thing_hang_up(t);
    }
    if (world_choose(2)) watch_add(thing_new(EVENT), MUX_IN);
}

/* Signals at 2, 7 and 12 ms, or at some of these. */
static void set_signals(void) {
    for (unsigned at_ms = 2, *number = (unsigned[]){1, 2, 3}, *end = number + 3; number < end; number++, at_ms += 5)
        if (world_choose(3)) world_in_ms(at_ms, signal_comes, number);
}

static void expect_bell(uint64_t at_ms, uint64_t passed_ms, int answer) {
    if (answer == 1 && passed_ms >= at_ms && passed_ms <= at_ms + 1) return;
    world_fail(&late, "mux_wait(%d ms) -> %d after %lu ms; a descriptor became ready after %lu ms",
               story.wait.timeout_ms, answer, (unsigned long)passed_ms, (unsigned long)at_ms);
}

static void one_wait(void) {
    static const int times_ms[] = {0, 1, 20, 35, 100, 1500, INT_MAX, -1};
    int timeout_ms = times_ms[world_choose(8)];
    bool rings = timeout_ms < 0 || timeout_ms > 2000 || (timeout_ms >= 35 && world_choose(2));
    bell.rung = false;
    if (rings) world_in_ms(25, ring, NULL);
    set_signals();
    uint64_t before = world_now_ms();
    int answer = wait_for(timeout_ms);
    if (rings) expect_bell(25, world_now_ms() - before, answer);
    world_faults.signals = 0;
    world_in_ms(0, signal_comes, NULL);
}

void times(void) {
    story.quiet = true;
    if (world_choose(3)) add_silent();
    bell.thing = thing_new(EVENT);
    watch_add(bell.thing, MUX_IN);
    for (unsigned n = 1 + world_choose(3); n > 0; n--) {
        one_wait();
        world_lower(bell.thing->fd);
    }
    story_end();
}
