/* SPDX-License-Identifier: MIT */
/* many.c -- very many green threads at once.
 *
 *   many  threads, workers
 *
 *   most  threads: as many as there can be, up to that number
 *
 * All are started, and wait in a channel that is closed then. Evidence of many: `started`, `at_once`,
 * `ended`; `taken_bytes`, what the process has more in memory while all wait; `kernel_threads`, how many it
 * has more. Of most: `started`, `ended`; of the last ones that were started, `probed` so many, `guarded` those that
 * have a page that nobody can touch between them and the next one below. */
#include "driver.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "evidence.h"
#include "scenario.h"

enum { PROBED = 64, PAGE = 4096, PAGES_MAX = 1024 };

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

static uintptr_t places[PROBED]; /* on the stacks of the last ones */

static void wait_at_a_place(void *arg) {
    places[(uintptr_t)arg % PROBED] = (uintptr_t)__builtin_frame_address(0);
    wait_at_gate(arg);
}

static bool is_another(uintptr_t page, uint64_t me, uint64_t probed) {
    for (uint64_t i = 0; i < probed; i++)
        if (i != me && places[i] / PAGE == page / PAGE) return true;
    return false;
}

static uint64_t guarded_places(uint64_t probed) {
    uint64_t guarded = 0;
    for (uint64_t i = 0; i < probed; i++) {
        uintptr_t page = places[i], lowest = page - (uintptr_t)PAGES_MAX * PAGE;
        while (page > lowest && is_readable(page) && !is_another(page, i, probed)) page -= PAGE;
        guarded += !is_readable(page);
    }
    return guarded;
}

/* A mapping of its own: munmap of this page gives one back. */
static char *spare_mapping(void) {
    char *pages = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_READ | PROT_WRITE) != 0) abort();
    return pages + PAGE;
}

static void first_of_most(void *arg) {
    (void)arg;
    uint64_t wanted = scenario_param("threads");
    struct green **threads = calloc(wanted, sizeof *threads);
    gate = new_channel(1);
    char *spare = spare_mapping();
    while (started < wanted) {
        threads[started] = green_go(wait_at_a_place, (void *)(uintptr_t)started);
        if (threads[started]) {
            if (started++ % 512 == 0) evidence_progress();
        } else if (spare) {
            /* Either the stack was refused or its guard. With one mapping more it is the other. */
            munmap(spare, PAGE);
            spare = NULL;
        } else {
            break;
        }
    }
    while (at_once < started) green_yield();
    uint64_t probed = started < PROBED ? started : PROBED;
    evidence_count("probed", probed);
    evidence_count("guarded", guarded_places(probed));
    chan_close(gate);
    for (uint64_t i = 0; i < started; i++) green_join(threads[i]);
    free(threads);
    chan_free(gate);
}

void most(uint64_t seed) {
    (void)seed;
    run_green(1, first_of_most);
    evidence_count("started", started);
    evidence_count("ended", ended);
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
