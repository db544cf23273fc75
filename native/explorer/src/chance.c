/* SPDX-License-Identifier: MIT
 *
 * chance.c -- what may happen between any two steps although no thread asked for it. */
#include "chance.h"

#include "kinds.h"
#include "progress.h"
#include "thread.h"
#include "trace.h"

/* A sleeper on a condition variable may wake for no reason: POSIX allows it, nobody may rely on it.
 */
void maybe_wake_spuriously(void) {
    struct thread *sleepers[MAX_THREADS];
    unsigned count = 0;
    for (int i = 0; i < thread_count; i++)
        if (threads[i].state == THREAD_WAITING && threads[i].wait.kind == WAIT_CONDITION && !threads[i].signalled)
            sleepers[count++] = &threads[i];
    unsigned taken = count ? choose(CHOOSE_SPURIOUS_WAKE, count + 1) : 0;
    if (!taken) return;
    sleepers[taken - 1]->signalled = true;
    trace_step_of(sleepers[taken - 1], "wakes", sleepers[taken - 1]->pc, "spuriously, without a signal");
}

void maybe_pass_time(void) {
    uint64_t deadlines[MAX_THREADS];
    unsigned count = 0;
    for (int i = 0; i < thread_count; i++)
        if (threads[i].state == THREAD_WAITING && threads[i].wait.deadline_ns != NO_DEADLINE &&
            threads[i].wait.deadline_ns > progress_now_ns())
            deadlines[count++] = threads[i].wait.deadline_ns;
    unsigned taken = count ? choose(CHOOSE_TIMEOUT, count + 1) : 0;
    if (taken) progress_jump_to(deadlines[taken - 1]);
}
