/* SPDX-License-Identifier: MIT */
/* stacks.c -- where each thread is: at a crash, and when the grader asks.
 *
 * Addresses leave as offsets into this module (executable or library), which
 * the grader turns into file:line; frames of other modules leave as 0. The
 * unwinder and dladdr are not async-signal-safe on paper; a process that is
 * crashing or stuck has nothing left to lose by calling them. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

#include "evidence.h"
#include "frames.h"
#include "heap.h"
#include "overflow.h"
#include "own.h"

int __sigaction(int signal, const struct sigaction *action, struct sigaction *old);

#define MAX_FRAMES 60
#define ASK_SIGNAL SIGUSR2

struct stack {
    uint32_t signal, thread;
    uint64_t offsets[MAX_FRAMES];
    size_t depth; /* not sent */
};

static _Atomic int stacks_sent; /* lock-free, so a handler may use it */

uint64_t module_offset(uintptr_t address) {
    Dl_info here, there;
    if (!dladdr((void *)(uintptr_t)module_offset, &here) || !dladdr((void *)address, &there)) return 0;
    return here.dli_fbase == there.dli_fbase ? address - (uintptr_t)there.dli_fbase : 0;
}

static _Unwind_Reason_Code add_frame(struct _Unwind_Context *context, void *argument) {
    struct stack *s = argument;
    int exact = 0; /* else a return address, one past the call */
    uintptr_t ip = _Unwind_GetIPInfo(context, &exact);
    if (s->depth == MAX_FRAMES) return _URC_END_OF_STACK;
    s->offsets[s->depth++] = module_offset(exact ? ip : ip - 1);
    return _URC_NO_REASON;
}

static void send_own_stack(enum frame_kind kind, int signal) {
    struct stack s = {.signal = (uint32_t)signal, .thread = (uint32_t)syscall(SYS_gettid)};
    _Unwind_Backtrace(add_frame, &s);
    frame_send(kind, &s, 8 + s.depth * 8);
}

static _Noreturn void die_of(int signal_number) {
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    abort();
}

/* The first thread's end is told: of two that crash together the other one waits for the process to be over. */
static void on_fatal(int signal, siginfo_t *info, void *context) {
    static _Atomic int first;
    int self = (int)syscall(SYS_gettid), none = 0;
    if (!atomic_compare_exchange_strong(&first, &none, self)) {
        while (none != self) pause();
        die_of(signal); /* crashes while it tells */
    }
    if (signal == SIGSEGV && info->si_code > 0 && own_lies_in(info->si_addr, 1)) graders_own_forbid(info->si_addr, 1);
    printed_tell();
    if (stack_overflowed(info, context)) evidence_count("stack_overflowed", 1);
    uint64_t refused_at = heap_refused_at();
    if (refused_at != 0) evidence_count("refused_at", refused_at);
    send_own_stack(FRAME_CRASH, signal);
    die_of(signal);
}

/* Asks one thread and gives it 100 ms: a thread that blocks the signal is
 * skipped, not waited for. */
static void ask_thread(int thread) {
    int before = stacks_sent;
    if (syscall(SYS_tgkill, getpid(), thread, ASK_SIGNAL) != 0) return;
    for (int i = 0; i < 100 && stacks_sent == before; i++) nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static void ask_all_threads(void) {
    struct entry {
        uint64_t ino;
        int64_t off;
        unsigned short size;
        unsigned char type;
        char name[];
    };
    char buffer[4096];
    int self = (int)syscall(SYS_gettid), tasks = open("/proc/self/task", O_RDONLY | O_DIRECTORY);
    for (long n; tasks >= 0 && (n = syscall(SYS_getdents64, tasks, buffer, sizeof buffer)) > 0;) {
        for (long at = 0; at < n; at += ((struct entry *)(void *)(buffer + at))->size) {
            int thread = atoi(((struct entry *)(void *)(buffer + at))->name);
            if (thread > 0 && thread != self) ask_thread(thread);
        }
    }
}

static void on_ask(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    if (info->si_code == SI_USER) printed_tell(); /* the grader's kill, not our tgkill */
    send_own_stack(FRAME_STACK, 0);
    stacks_sent++;
    if (info->si_code == SI_USER) ask_all_threads();
}

void stacks_install(int fatal) {
    static char alternate[STACKS_ALTERNATE];
    if (fatal) sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = sizeof alternate}, NULL);
    struct sigaction on_crash = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    const int fatal_signals[] = {SIGABRT, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    size_t ours = fatal ? sizeof fatal_signals / sizeof *fatal_signals : 2;
    for (size_t i = 0; i < ours; i++) sigaction(fatal_signals[i], &on_crash, NULL);

    /* By this name ThreadSanitizer does not put the handler off until a blocked
     * thread goes on, which one in a deadlock never does. */
    struct sigaction ask = {.sa_sigaction = on_ask, .sa_flags = SA_SIGINFO | SA_RESTART};
    __sigaction(ASK_SIGNAL, &ask, NULL);
}
