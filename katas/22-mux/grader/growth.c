/* SPDX-License-Identifier: MIT */
/* growth.c -- what calls cost as the watches grow in number, counted.
 *
 *   growth  kind
 *
 * Evidence: the rows of costs.h, and for each phase and size of waits a row of `asked`. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "costs.h"
#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "heap.h"
#include "pace.h"
#include "scenario.h"

enum phase { ONE_READY, ALL_READY, AFTER_DELETIONS, ADD_AND_DELETE, MODIFY, DELETE_ALL, FAR_ABOVE, ADD_ALL };

#define FEW 50
#define MANY 800 /* below FD_SETSIZE, with all that a process has open beside */
#define CALLS 100
#define STEP_LIMIT 200000 /* a call */
#define BYTES_A_STEP 8    /* of what realloc may move */

/* `watches` and `highest`: when the waits were made. */
EVIDENCE_ROW(asking, phase, size, calls, watches, highest, waits, entries_most, changes, others);

static GRADERS_OWN struct asking askings[16];
static GRADERS_OWN uint64_t asking_count;

static struct mux *mux;
static int fds[MANY], count, ready_fd;
static GRADERS_OWN uint64_t told;

static void on_ready(struct mux *m, int fd, unsigned events, void *context) {
    (void)m, (void)fd, (void)events, (void)context;
    own(told)++;
}

static void open_mux(int watches, uint64_t each_count) {
    mux = new_mux(scenario_param("kind"));
    ready_fd = event_fd(1);
    add_watch(mux, ready_fd, MUX_IN, on_ready, NULL);
    for (count = 0; count < watches; count++) {
        fds[count] = event_fd(each_count);
        add_watch(mux, fds[count], MUX_IN, on_ready, NULL);
    }
}

static void close_mux(void) {
    mux_free(mux);
    for (int i = 0; i < MANY && i < count; i++) close(fds[i]);
    close(ready_fd);
}

/* `watches` beside the one that is ready; each wait tells of `ready`. */
static void count_waits(enum phase phase, uint64_t size, int watches, uint64_t ready) {
    int highest = watches > 0 && fds[watches - 1] > ready_fd ? fds[watches - 1] : ready_fd;
    own(told) = 0;
    asked_begin((enum mux_kind)scenario_param("kind"));
    cost_begin(phase, size, CALLS, (uint64_t)CALLS * STEP_LIMIT);
    for (int i = 0; i < CALLS; i++) {
        cost_call();
        (void)mux_wait(mux, 1000); /* callbacks are counted */
    }
    cost_end();
    cost_wrong(told == CALLS * ready ? 0 : 1);
    struct asked a = asked_end();
    struct asking row = {phase,          size,      CALLS,   (uint64_t)watches + 1, (uint64_t)highest, a.waits,
                         a.entries_most, a.changes, a.others};
    own_write(&askings[own(asking_count)++], &row, sizeof row);
}

static void waits(int watches) {
    open_mux(watches, 0);
    count_waits(ONE_READY, (uint64_t)watches, watches, 1);
    close_mux();
    open_mux(watches, 1);
    count_waits(ALL_READY, (uint64_t)watches, watches, (uint64_t)watches + 1);
    close_mux();
}

/* The watches that are left are the first, and have low numbers. */
static void after_deletions(int deleted) {
    open_mux(deleted + 2, 0);
    for (int i = count - 1; i >= 2; i--) (void)mux_del(mux, fds[i]);
    (void)mux_wait(mux, 0); /* may put things in order, once */
    count_waits(AFTER_DELETIONS, (uint64_t)deleted, 2, 1);
    close_mux();
}

static void changes(int watches) {
    open_mux(watches, 0);
    int other = silent_fd();
    cost_begin(ADD_AND_DELETE, (uint64_t)watches, CALLS, (uint64_t)CALLS * STEP_LIMIT);
    for (int i = 0; i < CALLS; i++) {
        cost_call();
        cost_wrong(mux_add(mux, other, MUX_IN, on_ready, NULL) != 0 || mux_del(mux, other) != 0);
    }
    cost_end();
    cost_begin(MODIFY, (uint64_t)watches, CALLS, (uint64_t)CALLS * STEP_LIMIT);
    for (int i = 0; i < CALLS; i++) {
        cost_call();
        cost_wrong(mux_mod(mux, fds[i % watches], i % 2 ? MUX_IN : 0) != 0);
    }
    cost_end();
    close(other);
    close_mux();
}

/* In the order in which they came: the first one is the last in whatever grows at its end. */
static void delete_all(int watches) {
    open_mux(watches, 0);
    cost_begin(DELETE_ALL, (uint64_t)watches, (uint64_t)watches, (uint64_t)watches * STEP_LIMIT);
    for (int i = 0; i < watches; i++) {
        cost_call();
        cost_wrong(mux_del(mux, fds[i]) != 0);
    }
    cost_end();
    close_mux();
}

/* From the highest number on down: only the first one is higher than all before, and is not counted. */
static void add_all(int watches) {
    open_mux(watches, 0);
    for (int i = 0; i < watches; i++) (void)mux_del(mux, fds[i]);
    mux_free(mux);
    mux = new_mux(scenario_param("kind"));
    add_watch(mux, fds[watches - 1], MUX_IN, on_ready, NULL);
    cost_begin(ADD_ALL, (uint64_t)watches, (uint64_t)watches - 1, (uint64_t)watches * STEP_LIMIT);
    for (int i = watches - 2; i >= 0; i--) {
        uint64_t moved = heap_moved_bytes();
        cost_call();
        cost_wrong(mux_add(mux, fds[i], MUX_IN, on_ready, NULL) != 0);
        pace_add_steps((heap_moved_bytes() - moved) / BYTES_A_STEP);
    }
    cost_end();
    close_mux();
}

/* Its number comes again, so it is higher than all before but once. */
static void far_above(int number) {
    open_mux(0, 0);
    int high = fcntl(ready_fd, F_DUPFD_CLOEXEC, number);
    if (mux_add(mux, high, MUX_IN, on_ready, NULL) == 0) (void)mux_del(mux, high); /* a failure is counted below */
    cost_begin(FAR_ABOVE, (uint64_t)number, CALLS, (uint64_t)CALLS * STEP_LIMIT);
    for (int i = 0; i < CALLS; i++) {
        cost_call();
        cost_wrong(mux_add(mux, high, MUX_IN, on_ready, NULL) != 0 || mux_del(mux, high) != 0);
    }
    cost_end();
    close(high);
    close_mux();
}

void growth(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    raise_limit();
    waits(FEW);
    waits(MANY);
    after_deletions(FEW);
    after_deletions(MANY - 2);
    changes(FEW);
    changes(MANY);
    delete_all(FEW);
    delete_all(MANY);
    add_all(FEW);
    add_all(MANY);
    far_above(FEW + 10);
    far_above(MANY + 100);
    evidence_rows("asked", asking, askings, asking_count);
    costs_report();
}
