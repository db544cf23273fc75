/* SPDX-License-Identifier: MIT */
/* many.c -- very many green threads at once.
 *
 *   many  threads, workers
 *
 * All are started, and wait in a channel that is closed then. Evidence: `started`, `at_once`,
 * `ended`; `taken_bytes`, what the process has more in memory while all wait; `kernel_threads`, how many it
 * has more. */
#include "driver.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "evidence.h"
#include "scenario.h"

static struct chan *gate;
static _Atomic uint64_t at_once, ended;
static uint64_t started, before_bytes, taken_bytes, before_threads, threads_more;

static void wait_at_gate(void *arg) {
    uint64_t number;
    (void)arg;
    at_once++;
    chan_receive(gate, &number);
    ended++;
}

static void first(void *arg) {
    (void)arg;
    uint64_t wanted = scenario_param("threads");
    struct green **threads = calloc(wanted, sizeof *threads);
    gate = new_channel(1);
    for (; started < wanted; started++) {
        threads[started] = green_go(wait_at_gate, NULL);
        if (!threads[started]) break;
        if (started % 512 == 0) evidence_progress();
    }
    while (at_once < started) green_yield();
    for (int i = 0; i < 4; i++) green_yield();
    uint64_t now = resident_bytes();
    taken_bytes = now > before_bytes ? now - before_bytes : 0;
    threads_more = kernel_threads() - before_threads;
    chan_close(gate);
    for (uint64_t i = 0; i < started; i++) green_join(threads[i]);
    free(threads);
    chan_free(gate);
}

void many(uint64_t seed) {
    (void)seed;
    before_bytes = resident_bytes();
    before_threads = kernel_threads();
    run_green(scenario_param("workers"), first);
    evidence_count("started", started);
    evidence_count("at_once", at_once);
    evidence_count("ended", ended);
    evidence_count("taken_bytes", taken_bytes);
    evidence_count("kernel_threads", threads_more);
}
