/* SPDX-License-Identifier: MIT */
/* basics.c -- one of each, on one worker.
 *
 *   basics
 *
 * Evidence: what calls answer that must refuse (`none`, `many`: green_run with 0 and 65 workers, negated;
 * `channel`: chan_new(0) is not NULL; `endless`: how many channels too large for any memory were had), and how often
 * what ran: `first`, `child`, `late` (joined behind its end), `received`. */
#include "driver.h"

#include "evidence.h"

static uint64_t first_ran, child_ran, late_ran, received;
static struct chan *c;

static void child(void *arg) {
    if (arg == &child_ran) child_ran++;
    chan_send(c, 42);
}

static void late(void *arg) {
    (void)arg;
    late_ran++;
}

static void first(void *arg) {
    (void)arg;
    first_ran++;
    c = new_channel(1);
    struct green *thread = go(child, &child_ran), *other = go(late, NULL);
    uint64_t number = 0;
    if (chan_receive(c, &number)) received = number;
    green_join(thread);
    green_sleep(1000);
    for (int i = 0; i < 3; i++) green_yield();
    green_join(other);
    chan_close(c);
    chan_free(c);
}

static void do_nothing(void *arg) {
    (void)arg;
}

/* Their sizes in bytes do not fit into 64 bits, or nearly not. */
static uint64_t endless_channels(void) {
    static const size_t capacities[] = {SIZE_MAX, SIZE_MAX / 8, SIZE_MAX / 8 + 1, SIZE_MAX / 8 + 2, SIZE_MAX / 16};
    uint64_t had = 0;
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) had += chan_new(capacities[i]) != NULL;
    return had;
}

void basics(uint64_t seed) {
    (void)seed;
    evidence_count("none", (uint64_t)-green_run(0, do_nothing, NULL));
    evidence_count("many", (uint64_t)-green_run(65, do_nothing, NULL));
    struct chan *none = chan_new(0);
    evidence_count("channel", none != NULL);
    chan_free(NULL);
    evidence_count("endless", endless_channels());
    run_green(1, first);
    evidence_count("first", first_ran);
    evidence_count("child", child_ran);
    evidence_count("late", late_ran);
    evidence_count("received", received);
}
