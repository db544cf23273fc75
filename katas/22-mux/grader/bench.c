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
#include "graders_own.h"
#include "scenario.h"

/* Where the code under test cannot look, who is to ask the kernel which of them are readable. */
struct bell {
    int fd;
    uint64_t rung; /* the next wait has to tell of it */
};
static GRADERS_OWN struct bell OWN *bells;
static GRADERS_OWN uint64_t watched, ready, told;

/* A watch's context is its place among the bells, from 1 on: no address. */
static void on_ready(struct mux *mux, int fd, unsigned events, void *context) {
    uint64_t place = (uintptr_t)context;
    (void)mux;
    if (place == 0 || place > watched) return;
    own(told) += bells[place - 1].fd == fd && events == MUX_IN && bells[place - 1].rung;
}

static void ring(struct bell OWN *bell) {
    if (write(bell->fd, &(uint64_t){1}, sizeof(uint64_t)) != sizeof(uint64_t)) abort();
    bell->rung = 1;
}

static void hush(struct bell OWN *bell) {
    uint64_t count;
    if (read(bell->fd, &count, sizeof count) != sizeof count) abort();
    bell->rung = 0;
}

/* A stride that meets all of them, in an order that is not that of their numbers. */
static struct bell OWN *bell_at(uint64_t turn) {
    return &bells[turn * 7919 % watched];
}

static void wait_often(struct mux *mux, uint64_t waits) {
    for (uint64_t turn = 0; turn < ready; turn++) ring(bell_at(turn));
    for (uint64_t now = 0; now < waits; now++) {
        (void)mux_wait(mux, -1); /* callbacks are counted */
        hush(bell_at(now));
        ring(bell_at(now + ready));
    }
}

static struct mux *prepare(void) {
    raise_limit();
    own(watched) = scenario_param("watched"), own(ready) = scenario_param("ready");
    own(bells) = own_memory(watched * sizeof *bells);
    if (!bells) abort();
    struct mux *mux = new_mux(scenario_param("kind"));
    for (uint64_t i = 0; i < watched; i++) {
        bells[i].fd = event_fd(0);
        add_watch(mux, bells[i].fd, MUX_IN, on_ready, (void *)(uintptr_t)(i + 1));
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
