/* SPDX-License-Identifier: MIT */
/* switch.c -- what it costs to let another go on, in five ways: a call, a
 * coroutine, a thread on the same CPU, a thread on another, a process on the
 * same CPU. A switch is one way: there and back are two. */
#include "rows.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static void tell(int way, uint64_t start, long switches) {
    row("one switch", way, (double)(now_ns() - start) / (double)switches);
}

__attribute__((noinline)) static long call(long i) {
    __asm__ volatile("" ::: "memory"); /* so that the call stays one */
    return i + 1;
}

static void calls(void) {
    long switches = 100000000;
    uint64_t start = now_ns();
    for (long i = 0; i < switches;) i = call(i);
    tell(0, start, 2 * switches);
}

static ucontext_t here, there;

static void coroutine(void) {
    for (;;) swapcontext(&there, &here);
}

static void coroutines(void) {
    static char stack[64 * 1024];
    getcontext(&there);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof stack;
    makecontext(&there, coroutine, 0);
    long rounds = 500000;
    uint64_t start = now_ns();
    for (long i = 0; i < rounds; i++) swapcontext(&here, &there);
    tell(1, start, 2 * rounds);
}

static void pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) give_up("sched_setaffinity");
}

static atomic_uint turn; /* whose: 0 or 1 */
static long rounds;
static int partners_cpu;

/* Sleeps until it is `mine`, then hands it on; so often. */
static void take_turns(unsigned mine) {
    for (long i = 0; i < rounds; i++) {
        while (atomic_load(&turn) != mine) syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, 1 - mine, NULL, NULL, 0);
        atomic_store(&turn, 1 - mine);
        syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

static void *partner(void *unused) {
    pin(partners_cpu);
    take_turns(1);
    return unused;
}

static void threads(int way, int own_cpu, int other_cpu) {
    pthread_t other;
    rounds = 20000;
    atomic_store(&turn, 0);
    partners_cpu = other_cpu;
    pin(own_cpu);
    if (pthread_create(&other, NULL, partner, NULL) != 0) give_up("pthread_create");
    uint64_t start = now_ns();
    take_turns(0);
    pthread_join(other, NULL);
    tell(way, start, 2 * rounds);
}

static void processes(int way) {
    int to[2], back[2];
    char byte = 0;
    long times = 50000;
    if (pipe(to) != 0 || pipe(back) != 0) give_up("pipe");
    pid_t child = fork();
    if (child < 0) give_up("fork");
    if (child == 0) {
        close(to[1]);
        while (read(to[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1) {
        }
        _exit(0);
    }
    uint64_t start = now_ns();
    for (long i = 0; i < times; i++) {
        if (write(to[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) give_up("pipe");
    }
    tell(way, start, 2 * times);
    close(to[1]);
    waitpid(child, NULL, 0);
}

int main(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) give_up("sched_getaffinity");
    int cpus[2];
    int found = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
        if (CPU_ISSET(cpu, &allowed)) cpus[found++] = cpu;
    }
    calls();
    coroutines();
    threads(2, cpus[0], cpus[0]);
    processes(3); /* the process is pinned by now, and its child with it */
    if (found == 2) threads(4, cpus[0], cpus[1]);
    return 0;
}
