/* SPDX-License-Identifier: MIT
 *
 * crash.c -- turns signals into verdicts. */
#include "crash.h"

#include "fibers.h"
#include "overflow.h"
#include "progress.h"
#include "subject.h"
#include "thread.h"
#include "verdict.h"
#include "world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum { TICK_US = 250000, IDLE_TICKS = 4, SIGNAL_STACK = 64 << 10 };

/* Of CPU time. On any machine there are a hundred times as many steps in a tick, unless the program computes between
 * them; in a whole search it may do so for SLOW_TICKS. */
enum { FEW_STEPS = 1000, SLOW_TICKS = 6 };

static uint64_t last_activity;
static int idle_ticks, slow_ticks;

static uintptr_t program_counter(const void *context) {
    const ucontext_t *machine = context;
#if defined(__x86_64__)
    return (uintptr_t)machine->uc_mcontext.gregs[REG_RIP];
#else
    return (uintptr_t)machine->uc_mcontext.pc;
#endif
}

/* The interrupted instruction, or the latest step if that was not the subject's own code. */
static uint32_t place_of(const void *context) {
    uintptr_t pc = program_counter(context);
    bool inside = pc >= subject.base && pc < subject.writable_end;
    return inside ? (uint32_t)(pc - subject.base) + 1 : running->pc;
}

static const char *describe_fault(int number, const siginfo_t *info) {
    uintptr_t at = (uintptr_t)info->si_addr;
    if (number == SIGFPE) return "divides by zero or overflows a division";
    if (number == SIGILL || number == SIGTRAP) return "executes an illegal instruction";
    if (number == SIGSEGV && info->si_code == SI_KERNEL) return "follows a wild pointer"; /* the address is not said */
    return at < 65536 ? "follows a null pointer" : "follows a wild pointer";
}

/* Of the explorer's stack it is its own limit; a stack that the program has made is the program's matter. */
static _Noreturn void tell_overflow(uintptr_t at) {
    if (at - STACK_BASE(running->id) < STACK_GUARD)
        exceed("T%d needs more than the explorer's stack of %d KiB in {0}, by large variables or deep recursion",
               running->id, STACK_SIZE >> 10);
    char stack[48] = "a stack of the program's own"; /* which it does not tell of */
    int number = fiber_of(running->id);
    if (number != running->id) snprintf(stack, sizeof stack, "stack %d", number);
    violate(VERDICT_CRASH, "stack overflow in {0}: T%d runs on %s, and meets its end", running->id, stack);
}

static void on_crash(int number, siginfo_t *info, void *context) {
    if (!exploring) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    verdict_place(running->id, place_of(context), 0, "crashes");
    if (stack_overflowed(info, context)) tell_overflow((uintptr_t)info->si_addr);
    violate(VERDICT_CRASH, "T%d %s in {0} (%s)", running->id, describe_fault(number, info),
            number == SIGSEGV ? "SIGSEGV" : strsignal(number));
}

static void tell_slowness(const void *context) {
    verdict_place(running->id, place_of(context), 0, "computes");
    exceed("T%d computes in {0}, as threads have done before: in all %d ms of CPU time for fewer than %d steps in each "
           "%d ms",
           running->id, SLOW_TICKS * TICK_US / 1000, FEW_STEPS, TICK_US / 1000);
}

static void on_tick(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    idle_ticks = exploring && activity == last_activity ? idle_ticks + 1 : 0;
    slow_ticks += exploring && activity - last_activity < FEW_STEPS;
    last_activity = activity;
    if (slow_ticks > SLOW_TICKS) tell_slowness(context);
    if (idle_ticks < IDLE_TICKS) return;
    slow_ticks -= idle_ticks; /* each loop is told as what it is */
    idle_ticks = 0;
    verdict.timed = true;
    verdict_place(running->id, place_of(context), 0, "loops");
    violate(
        VERDICT_LIVELOCK,
        "T%d loops in {0}, and no access in the loop lets another thread end it; a plain flag may have been read once, "
        "before the loop",
        running->id);
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *)) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART};
    sigaction(number, &action, NULL);
}

void crash_open(void) {
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    stack_t stack = {.ss_sp = map_memory(0, SIGNAL_STACK), .ss_size = SIGNAL_STACK};
    sigaltstack(&stack, NULL);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) handle(crashes[i], on_crash);
    handle(SIGVTALRM, on_tick);
    struct itimerval interval = {{0, TICK_US}, {0, TICK_US}};
    setitimer(ITIMER_VIRTUAL, &interval, NULL);
}
