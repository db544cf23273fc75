/* SPDX-License-Identifier: MIT */
/* many.c -- more workers, and more jobs left behind, than anybody would expect.
 *
 *   many  workers, capacity
 *
 * As many jobs as there are workers wait until all of them run. Then one is let
 * go, and the worker that ran it runs ORDERED more. Last, it waits again, the
 * queue is filled by pool_try_submit, and the pool shut down: POOL_DISCARD.
 * Once submits are refused, or when that does not come, all jobs are let go.
 *
 * Evidence: `threads`, those there were more when pool_new had returned. If a job that should wait does not begin for
 * seconds, it never will, and the rest is `begun`, how many of those jobs did (one more than there are workers is the
 * last), and `done`, how many of the ORDERED. Else: `misordered`, jobs of the single worker that did not start next
 * after the one accepted before them; `allocations` between pool_new and pool_shutdown; `accepted`, jobs that the full
 * queue held; `while_closing`, what pool_try_submit answered at last while pool_shutdown waited; `discarded`, what
 * pool_shutdown answered; `ran`, jobs of the full queue that ran. */
#include "driver.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "evidence.h"
#include "gate.h"
#include "heap.h"
#include "scenario.h"

#define ORDERED 600
#define TOO_MANY 100

static struct {
    struct thread_pool *pool;
    sem_t release;
    enum pool_status while_closing; /* what pool_try_submit answered at last */
    _Atomic uint64_t begun, done, misordered, ran;
} m;

static void wait_for_release(void *unused) {
    (void)unused;
    atomic_fetch_add(&m.begun, 1);
    sem_wait(&m.release);
}

static const unsigned char slots[ORDERED];

static void note(void *slot) {
    uint64_t number = (uint64_t)((const unsigned char *)slot - slots);
    atomic_fetch_add(&m.misordered, number != atomic_load(&m.done));
    atomic_fetch_add(&m.done, 1);
}

static void run(void *unused) {
    (void)unused;
    atomic_fetch_add(&m.ran, 1);
}

/* Where jobs do not come to run, others hang, and there is no more to be seen. */
static void await_or_end(_Atomic uint64_t *count, uint64_t all) {
    if (await_count(count, all) >= all) return;
    evidence_count("begun", atomic_load(&m.begun));
    evidence_count("done", atomic_load(&m.done));
    evidence_end();
}

/* One more job that waits; all of `all` must run. Else that was all. */
static void plug(uint64_t first, uint64_t all) {
    for (uint64_t i = first; i < all; i++) (void)pool_submit(m.pool, wait_for_release, NULL);
    await_or_end(&m.begun, all);
}

/* Jobs for the only worker that is left. */
static void run_ordered(void) {
    for (size_t i = 0; i < ORDERED; i++) (void)pool_submit(m.pool, note, (void *)&slots[i]);
    await_or_end(&m.done, ORDERED);
}

static void *release_when_closed(void *workers) {
    m.while_closing = await_closed(m.pool, run);
    for (uint64_t i = 0; i < *(uint64_t *)workers; i++) sem_post(&m.release);
    return NULL;
}

static uint64_t fill(uint64_t capacity) {
    uint64_t accepted = 0;
    while (accepted < capacity + TOO_MANY && pool_try_submit(m.pool, run, NULL) == POOL_OK) accepted++;
    return accepted;
}

static void *pass(void *gate) {
    gate_pass(gate);
    return NULL;
}

/* Where a machine does not lend so many threads, it is not the pool's fault: then
 * gate_thread says so, and ends the process. */
static void prove_threads(uint64_t count) {
    struct gate gate;
    pthread_t *threads = calloc(count, sizeof *threads);
    gate_init(&gate, count + 1);
    for (uint64_t i = 0; i < count; i++) threads[i] = gate_thread(pass, &gate);
    gate_pass(&gate);
    for (uint64_t i = 0; i < count; i++) pthread_join(threads[i], NULL);
    gate_destroy(&gate);
    free(threads);
}

void many(uint64_t seed) {
    (void)seed;
    uint64_t workers = scenario_param("workers"), capacity = scenario_param("capacity");
    prove_threads(workers + 1);
    struct tasks before = tasks_all();
    m.pool = new_pool(workers, capacity);
    evidence_count("threads", (uint64_t)tasks_besides(&before).count);
    uint64_t taken = heap_allocations();
    sem_init(&m.release, 0, 0);
    plug(0, workers);
    sem_post(&m.release);
    run_ordered();
    plug(workers, workers + 1);
    uint64_t accepted = fill(capacity);
    evidence_count("allocations", heap_allocations() - taken);
    pthread_t helper = gate_thread(release_when_closed, &workers);
    uint64_t discarded = pool_shutdown(m.pool, POOL_DISCARD);
    pthread_join(helper, NULL);
    pool_free(m.pool);
    evidence_count("misordered", atomic_load(&m.misordered));
    evidence_count("accepted", accepted);
    evidence_count("while_closing", m.while_closing);
    evidence_count("discarded", discarded);
    evidence_count("ran", atomic_load(&m.ran));
}
