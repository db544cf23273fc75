/* SPDX-License-Identifier: MIT */
/* life.c -- begins a life, and ends it wherever a rule is broken: the stack of
 * the learner's code is simply left. */
#include "life.h"

#include "calls.h"
#include "clock.h"
#include "overflow.h"
#include "printed.h"
#include "sanitized.h"
#include "stopped.h"
#include "threads.h"
#include "trace.h"
#include "whole_words.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define NOBODY (-1) /* the failure is not that of a system call */
#define PRINTED_FREE (16u << 20)
#define PRINTED_PER_LIFE (512u << 10) /* bytes; a line for each call is far less */
#define ENOUGH 1000000                /* descriptors, unless the scenario says less */

void streams_reset(void);
void pipes_reset(void);
void calls_reset(void);
void call_failed(void);

struct failure failure;
static const struct world_rule *only;
static sigjmp_buf life;
static volatile sig_atomic_t alive;

static void leave(void) {
    siglongjmp(life, 1);
}

static _Noreturn void end_life(const char *verdict, const struct world_rule *rule, int column) {
    if (only && only != rule) threads_leave(leave);
    failure.failed = true, failure.verdict = verdict, failure.rule = *rule, failure.column = column;
    if (column == 0) call_failed();
    trace_mark(column == NOBODY ? 0 : column);
    threads_leave(leave);
}

void world_fail(const struct world_rule *rule, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    whole_words(failure.message, sizeof failure.message, format, arguments);
    va_end(arguments);
    end_life("property", rule, 0);
}

void world_fail_at(int client, const struct world_rule *rule, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    whole_words(failure.message, sizeof failure.message, format, arguments);
    va_end(arguments);
    end_life("property", rule, client);
}

void world_judge_only(const struct world_rule *rule) {
    only = rule;
}

void world_leave(void) {
    threads_leave(leave);
}

static const struct world_rule crash = {"crash", "the call returns", ""};
static const struct world_rule overflow = {"overflow", "the call returns",
                                           "what ends the recursion, or how large is a variable?"};
static const struct world_rule no_calls = {"no_calls", "an end, or a system call", "which loop makes no system call?"};

/* The server's last step, and what the message names. */
static void tell_place(const char *what) {
    failure.place = stopped_at();
    trace_step(0, failure.place, "%s", what);
}

static void on_fatal(int signal, siginfo_t *info, void *context) {
    if (!alive) _Exit(3); /* our own fault */
    bool full = stack_overflowed(info, context);
    char what[32] = "the stack overflowed";
    if (!full) snprintf(what, sizeof what, "SIG%s", sigabbrev_np(signal));
    snprintf(failure.message, sizeof failure.message, "%s{0} after %lu system calls", what, (unsigned long)world_calls);
    tell_place(full ? "has no room on its stack" : "crashes here");
    end_life("crash", full ? &overflow : &crash, NOBODY);
}

static const struct world_rule floods = {"floods", "a few lines for each call at the most, for debugging",
                                         "which function prints so much?"};
static uint64_t lives, printed, printed_before;

static void tell_printed(const char *where) {
    snprintf(failure.message, sizeof failure.message, "the program printed %lu KiB, %lu lines, in %s",
             (unsigned long)printed_bytes() / 1024, (unsigned long)printed_lines(), where);
}

/* In one life CPU time goes by, and no system call: two seconds in a row. */
static void on_tick(int signal, siginfo_t *info, void *context) {
    static uint64_t calls_before, life_before;
    static int idle_ticks;
    (void)signal, (void)info, (void)context;
    bool idle = world_calls == calls_before && lives == life_before;
    idle_ticks = idle ? idle_ticks + 1 : 0;
    calls_before = world_calls, life_before = lives;
    if (idle_ticks < 2 || !alive) return;
    idle_ticks = 0;
    bool prints = printed_bytes() > PRINTED_PER_LIFE;
    if (prints)
        tell_printed("2 s of CPU time in which it made no system call");
    else
        snprintf(failure.message, sizeof failure.message, "no system call in 2 s of CPU time");
    tell_place("is here, and goes on");
    end_life(prints ? "floods" : "livelock", prints ? &floods : &no_calls, NOBODY);
}

/* What is printed in all lives together takes their time. Asked at each call: the C library's stream could not be left
 * amid a line. A life that is played again ends where it did. */
void life_judge_printed(void) {
    static uint64_t flooded_at;
    uint64_t now = printed_bytes();
    printed += now - printed_before, printed_before = now;
    bool much = printed > PRINTED_FREE + lives * PRINTED_PER_LIFE;
    if (flooded_at ? world_calls < flooded_at : !much) return;
    flooded_at = world_calls;
    char where[64];
    snprintf(where, sizeof where, "%lu system calls of one life", (unsigned long)world_calls);
    tell_printed(where);
    end_life("floods", &floods, 0);
}

static void (*scenario)(void);

void life_prepare(void (*run)(void)) {
    scenario = run;
    printed_open();
    static char stack[1 << 16];
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_ONSTACK | SA_NODEFER | SA_SIGINFO};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (!SANITIZED) sigaction(fatal[i], &action, NULL);
    sigaction(SIGPROF, &(struct sigaction){.sa_sigaction = on_tick, .sa_flags = SA_RESTART | SA_NODEFER | SA_SIGINFO},
              NULL);
    setitimer(ITIMER_PROF, &(struct itimerval){{1, 0}, {1, 0}}, NULL);
    statics_save();
}

bool life_play(void) {
    lives++;
    world_faults = (struct world_faults){.descriptors = ENOUGH}; /* files_reset() gives out descriptors */
    clock_reset();
    calls_reset();
    files_reset();
    streams_reset();
    pipes_reset();
    epolls_reset();
    kqueues_reset();
    signals_reset();
    urings_reset();
    ports_reset();
    threads_reset();
    trace_reset();
    printed_reset();
    printed_before = 0;
    heap_begin();
    statics_restore();
    failure = (struct failure){0};
    only = NULL;
    if (!sigsetjmp(life, 0)) {
        alive = 1;
        scenario();
    }
    alive = 0;
    heap_end();
    return failure.failed;
}
