/* SPDX-License-Identifier: MIT
 *
 * chance.c -- what may happen between any two steps although no thread asked for it. */
#include "chance.h"

#include "kinds.h"
#include "progress.h"
#include "thread.h"
#include "trace.h"

#include <errno.h>

static bool forbidden;

void chance_reset(void) {
    forbidden = false;
}

void chance_forbid_interruptions(void) {
    forbidden = true;
}

static bool sleeps(const struct thread *thread) {
    bool may_wake =
        thread->wait.kind == WAIT_CONDITION || thread->wait.kind == WAIT_FUTEX || thread->wait.kind == WAIT_EVENTS;
    return thread->state == THREAD_WAITING && may_wake && !thread->signalled;
}

static void wake(struct thread *sleeper, bool interrupted) {
    sleeper->signalled = true;
    sleeper->futex.answer = interrupted ? -EINTR : 0;
    trace_step_of(sleeper, "wakes", sleeper->pc,
                  interrupted || sleeper->wait.kind == WAIT_EVENTS ? "interrupted by a signal handler"
                  : sleeper->wait.kind == WAIT_FUTEX               ? "spuriously, by nobody's futex_wake"
                                                                   : "spuriously, without a signal");
}

/* A sleeper on a condition variable or a futex may wake for no reason: nobody may rely on it. One on a futex or in
 * epoll_wait may be interrupted. */
void maybe_wake_spuriously(void) {
    struct thread *sleepers[2 * MAX_THREADS];
    bool interrupted[2 * MAX_THREADS];
    unsigned count = 0;
    if (forbidden) return;
    for (int i = 0; i < thread_count; i++) {
        for (int how = 0; sleeps(&threads[i]) && how <= (threads[i].wait.kind == WAIT_FUTEX); how++) {
            interrupted[count] = how;
            sleepers[count++] = &threads[i];
        }
    }
    unsigned taken = count ? choose(CHOOSE_SPURIOUS_WAKE, count + 1) : 0;
    if (taken) wake(sleepers[taken - 1], interrupted[taken - 1]);
}

int maybe_refuse_to_sleep(void) {
    static const int answers[] = {1, 0, -EINTR, -EAGAIN};
    bool may = !forbidden && thread_count > 1 && !progress.fair;
    return may ? answers[choose(CHOOSE_SPURIOUS_WAKE, sizeof answers / sizeof *answers)] : 1;
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
