/* SPDX-License-Identifier: MIT */
/* wakeups.c -- does a pool with nothing to do sleep, and sleep on?
 *
 *   asleep  workers, blocked (0, 1 or 2), rounds
 *
 * blocked=0: an idle pool. blocked=1: every worker runs a job that waits, the
 * queue is full, and a thread is blocked in each of pool_submit,
 * pool_submit_within and pool_wait_idle. blocked=2: every worker runs a job that
 * waits, and two threads are in pool_shutdown, to drain.
 *
 * First all threads must fall asleep; then they are left alone for WINDOW_MS.
 * Last, in `rounds` rounds of an idle pool, one job is run and the CPU time
 * counted that the workers use until they sleep again.
 *
 * Evidence: `settled` (1: all fell asleep), `restless_ns` (CPU time used and
 * `restless_wakeups` until then, or until patience ended), `wakeups` in the
 * window, `window_ms`, `threads` watched, `round_cpu_ns`, an entry per round. */
#include "driver.h"

#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "evidence.h"
#include "gate.h"
#include "scenario.h"

#define WINDOW_MS 300
#define CPU_PATIENCE_NS 300000000u /* of CPU time, which waiting for a CPU does not use up */
#define WAKEUP_PATIENCE 2000
#define STEADY_LOOKS 3
#define AN_HOUR_NS 3600000000000u

static struct {
    struct thread_pool *pool;
    sem_t release, started;
} w;

static void sleep_ms(long ms) {
    nanosleep(&(struct timespec){0, ms * 1000000}, NULL);
}

/* What was used between two looks. A thread that ends takes its part out of the sum. */
static struct task_use used_between(struct task_use before, struct task_use after) {
    return (struct task_use){
        .cpu_ns = after.cpu_ns > before.cpu_ns ? after.cpu_ns - before.cpu_ns : 0,
        .switches = after.switches > before.switches ? after.switches - before.switches : 0,
    };
}

/* Waits until all threads sleep and none has woken for some looks in a row;
 * in *used what they did meanwhile. False: they do not come to rest. */
static bool settle(const struct tasks *tasks, struct task_use *used) {
    struct task_use begin = tasks_use(tasks), last = begin;
    int steady = 0;
    do {
        sleep_ms(2);
        struct task_use now = tasks_use(tasks);
        steady = now.awake == 0 && now.switches == last.switches && now.cpu_ns == last.cpu_ns ? steady + 1 : 0;
        last = now;
        *used = used_between(begin, now);
        if (used->cpu_ns > CPU_PATIENCE_NS || used->switches > WAKEUP_PATIENCE) return false;
    } while (steady < STEADY_LOOKS);
    return true;
}

static void wait_for_release(void *argument) {
    (void)argument;
    sem_post(&w.started);
    sem_wait(&w.release);
}

static void *block_in_submit(void *argument) {
    pool_submit(w.pool, wait_for_release, NULL);
    return argument;
}

static void *block_in_submit_within(void *argument) {
    pool_submit_within(w.pool, wait_for_release, NULL, AN_HOUR_NS);
    return argument;
}

static void *block_in_wait_idle(void *argument) {
    pool_wait_idle(w.pool);
    return argument;
}

static void *block_in_shutdown(void *argument) {
    pool_shutdown(w.pool, POOL_DRAIN);
    return argument;
}

enum { CALLERS = 3 };
static void *(*const blocked_calls[][CALLERS])(void *) = {
    {NULL},
    {block_in_submit, block_in_submit_within, block_in_wait_idle},
    {block_in_shutdown, block_in_shutdown},
};

static void block_all(uint64_t workers, uint64_t how, pthread_t callers[CALLERS]) {
    for (uint64_t i = 0; i < workers; i++) pool_submit(w.pool, wait_for_release, NULL);
    for (uint64_t i = 0; i < workers; i++) sem_wait(&w.started);
    pool_submit(w.pool, wait_for_release, NULL); /* room for one */
    for (int i = 0; i < CALLERS && blocked_calls[how][i]; i++) callers[i] = gate_thread(blocked_calls[how][i], NULL);
}

static void release_all(uint64_t workers, uint64_t how, pthread_t callers[CALLERS]) {
    for (uint64_t i = 0; i < workers + 1 + CALLERS; i++) sem_post(&w.release);
    for (int i = 0; i < CALLERS && blocked_calls[how][i]; i++) pthread_join(callers[i], NULL);
}

static void report_window(const struct tasks *tasks) {
    struct task_use used, before = {0}, after = {0};
    bool settled = settle(tasks, &used);
    if (settled) {
        before = tasks_use(tasks);
        sleep_ms(WINDOW_MS);
        after = tasks_use(tasks);
    }
    evidence_count("settled", settled);
    evidence_count("restless_ns", used.cpu_ns);
    evidence_count("restless_wakeups", used.switches);
    evidence_count("wakeups", used_between(before, after).switches);
    evidence_count("window_ms", WINDOW_MS);
    evidence_count("threads", (uint64_t)tasks->count);
    if (settled) return;
    evidence_series("round_cpu_ns", NULL, 0);
    evidence_end(); /* without waiting for a pool that does not rest */
}

static void do_nothing(void *argument) {
    (void)argument;
}

/* The CPU time from one job to the next sleep, of all workers. */
static void report_rounds(const struct tasks *tasks, uint64_t rounds) {
    uint64_t *cpu_ns = calloc(rounds, sizeof *cpu_ns);
    for (uint64_t i = 0; i < rounds; i++) {
        struct task_use before = tasks_use(tasks), used;
        pool_submit(w.pool, do_nothing, NULL);
        pool_wait_idle(w.pool);
        settle(tasks, &used);
        cpu_ns[i] = used_between(before, tasks_use(tasks)).cpu_ns;
    }
    evidence_series("round_cpu_ns", cpu_ns, rounds);
    free(cpu_ns);
}

void asleep(uint64_t seed) {
    (void)seed;
    uint64_t workers = scenario_param("workers"), blocked = scenario_param("blocked");
    pthread_t callers[CALLERS];
    struct tasks before = tasks_all();
    sem_init(&w.release, 0, 0);
    sem_init(&w.started, 0, 0);
    w.pool = new_pool(workers, 1);
    if (blocked) block_all(workers, blocked, callers);
    struct tasks tasks = tasks_besides(&before);
    report_window(&tasks);
    if (blocked) release_all(workers, blocked, callers);
    report_rounds(&tasks, blocked ? 0 : scenario_param("rounds"));
    pool_free(w.pool);
}
