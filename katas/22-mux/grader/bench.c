/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed number of waits, timed from outside.
 *
 *   bench  kind, watched, ready, waits
 *   cost   the same, for the lab
 *
 * `ready` of the watched are readable at each wait, and before each wait another one
 * is instead of one of them: nobody can know the answer without asking. Evidence: `told`, callbacks with the right
 * arguments; of cost `cpu_us`, the CPU time of the waits and of what happens in between. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "scenario.h"

static struct bell {
    int fd;
    uint64_t rung; /* the wait that may tell of it */
} *bells;
static uint64_t watched, ready, now, told;

static void on_ready(struct mux *mux, int fd, unsigned events, void *context) {
    struct bell *bell = context;
    (void)mux;
    told += bell->fd == fd && events == MUX_IN && bell->rung;
}

static void ring(struct bell *bell) {
    if (write(bell->fd, &(uint64_t){1}, sizeof(uint64_t)) != sizeof(uint64_t)) abort();
    bell->rung = 1;
}

static void hush(struct bell *bell) {
    uint64_t count;
    if (read(bell->fd, &count, sizeof count) != sizeof count) abort();
    bell->rung = 0;
}

/* A stride that meets all of them, in an order that is not that of their numbers. */
static struct bell *bell_at(uint64_t turn) {
    return &bells[turn * 7919 % watched];
}

static void wait_often(struct mux *mux, uint64_t waits) {
    for (uint64_t turn = 0; turn < ready; turn++) ring(bell_at(turn));
    for (now = 0; now < waits; now++) {
        (void)mux_wait(mux, -1); /* callbacks are counted */
        hush(bell_at(now));
        ring(bell_at(now + ready));
    }
}

static struct mux *prepare(void) {
    raise_limit();
    watched = scenario_param("watched"), ready = scenario_param("ready");
    bells = calloc(watched, sizeof *bells);
    struct mux *mux = new_mux(scenario_param("kind"));
    for (uint64_t i = 0; i < watched; i++) {
        bells[i].fd = event_fd(0);
        add_watch(mux, bells[i].fd, MUX_IN, on_ready, &bells[i]);
    }
    return mux;
}

static uint64_t cpu_us(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    struct mux *mux = prepare();
    wait_often(mux, scenario_param("waits"));
    mux_free(mux);
    evidence_count("told", told);
}

void cost(uint64_t seed) {
    (void)seed;
    struct mux *mux = prepare();
    uint64_t before = cpu_us();
    wait_often(mux, scenario_param("waits"));
    evidence_count("cpu_us", cpu_us() - before);
    mux_free(mux);
}
