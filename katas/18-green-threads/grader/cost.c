/* SPDX-License-Identifier: MIT */
/* cost.c -- what the lab measures: green threads, and the kernel's beside them.
 *
 *   held   threads, kernels: so many wait at once, or as many as there can be. With kernels = 1 they are the kernel's,
 * with stacks of 64 KiB hands  way, rounds: two threads let each other go on, so many times each. Way 0: green_yield;
 * 1: numbers over channels; and of the kernel's threads, 2: sched_yield; 3: a futex; 4: an eventfd
 *
 * Evidence of held: `started`; what there is more of while they wait: `resident_bytes` and `mapped_bytes` of the
 * process, `kernel_bytes` for its stacks and page tables. Of hands: `switches`, `cpu_ns` of the process. */
#include "driver.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "scenario.h"

enum { STACK = 64 << 10 };

/* --- held --- */

struct memory {
    uint64_t resident, mapped, kernel;
};

static struct memory before;
static _Atomic uint64_t there;

static struct memory memory_now(void) {
    return (struct memory){resident_bytes(), mapped_bytes(), kernel_bytes()};
}

static uint64_t more(uint64_t now, uint64_t then) {
    return now > then ? now - then : 0;
}

static void tell(uint64_t started) {
    struct memory now = memory_now();
    evidence_count("started", started);
    evidence_count("resident_bytes", more(now.resident, before.resident));
    evidence_count("mapped_bytes", more(now.mapped, before.mapped));
    evidence_count("kernel_bytes", more(now.kernel, before.kernel));
}

static void wait_for_close(void *gate) {
    uint64_t number;
    there++;
    chan_receive(gate, &number);
}

static void hold_green(void *arg) {
    (void)arg;
    uint64_t wanted = scenario_param("threads"), started = 0;
    struct green **threads = calloc(wanted, sizeof *threads);
    struct chan *gate = new_channel(1);
    before = memory_now();
    while (started < wanted && (threads[started] = green_go(wait_for_close, gate))) started++;
    while (there < started) green_yield();
    green_yield();
    tell(started);
    chan_close(gate);
    for (uint64_t i = 0; i < started; i++) green_join(threads[i]);
    chan_free(gate);
    free(threads);
}

static void *wait_for_lock(void *lock) {
    there++;
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
    return NULL;
}

static void hold_kernels(void) {
    uint64_t wanted = scenario_param("threads"), started = 0;
    pthread_t *threads = calloc(wanted, sizeof *threads);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK);
    pthread_mutex_lock(&lock);
    before = memory_now();
    while (started < wanted && !pthread_create(&threads[started], &small, wait_for_lock, &lock)) started++;
    while (there < started) nanosleep(&(struct timespec){0, 1000000}, NULL);
    tell(started);
    pthread_mutex_unlock(&lock);
    for (uint64_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    pthread_attr_destroy(&small);
    free(threads);
}

void held(uint64_t seed) {
    (void)seed;
    if (scenario_param("kernels"))
        hold_kernels();
    else
        run_green(1, hold_green);
}

/* --- hands --- */

static uint64_t rounds;
static struct chan *to[2];
static _Atomic unsigned turn;
static int counters[2];

static void yield_rounds(uint64_t me) {
    (void)me;
    for (uint64_t i = 0; i < rounds; i++) green_yield();
}

static void send_rounds(uint64_t me) {
    uint64_t number = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        if (me) chan_receive(to[1], &number);
        chan_send(to[!me], number);
        if (!me) chan_receive(to[0], &number);
    }
}

static void sched_rounds(uint64_t me) {
    (void)me;
    for (uint64_t i = 0; i < rounds; i++) sched_yield();
}

static void futex_rounds(uint64_t me) {
    for (uint64_t i = 0; i < rounds; i++) {
        while (turn != me) syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !me, NULL, NULL, 0);
        turn = !me;
        syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

static void eventfd_rounds(uint64_t me) {
    uint64_t count = 1;
    for (uint64_t i = 0; i < rounds; i++) {
        if (me) (void)!read(counters[1], &count, sizeof count);
        (void)!write(counters[!me], &count, sizeof count);
        if (!me) (void)!read(counters[0], &count, sizeof count);
    }
}

static void (*const ways[])(uint64_t me) = {yield_rounds, send_rounds, sched_rounds, futex_rounds, eventfd_rounds};
enum { GREEN_WAYS = 2 };

static void run_way(void *me) {
    ways[scenario_param("way")]((uint64_t)(uintptr_t)me);
}

static void *run_way_of_kernels(void *me) {
    run_way(me);
    return NULL;
}

static void hand_green(void *arg) {
    (void)arg;
    to[0] = new_channel(1), to[1] = new_channel(1);
    go_all(2, run_way);
    chan_free(to[0]), chan_free(to[1]);
}

static void hand_kernels(void) {
    pthread_t other;
    counters[0] = eventfd(0, 0), counters[1] = eventfd(0, 0);
    if (pthread_create(&other, NULL, run_way_of_kernels, (void *)1))
        evidence_broken_off("pthread_create", "failed", "a thread", "nothing of yours");
    run_way(NULL);
    pthread_join(other, NULL);
    close(counters[0]), close(counters[1]);
}

static uint64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void hands(uint64_t seed) {
    (void)seed;
    rounds = scenario_param("rounds");
    uint64_t begun = cpu_ns();
    if (scenario_param("way") < GREEN_WAYS)
        run_green(1, hand_green);
    else
        hand_kernels();
    evidence_count("switches", 2 * rounds);
    evidence_count("cpu_ns", cpu_ns() - begun);
}
