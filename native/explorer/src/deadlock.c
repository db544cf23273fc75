/* SPDX-License-Identifier: MIT
 *
 * deadlock.c -- who waits for what. */
#include "deadlock.h"

#include "sync.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <stdio.h>

static const char *const waits[] = {
    [WAIT_MUTEX] = "waits for a mutex",
    [WAIT_CONDITION] = "sleeps on a condition variable",
    [WAIT_RWLOCK] = "waits for a readers-writer lock",
    [WAIT_SEMAPHORE] = "waits for a semaphore",
    [WAIT_BARRIER] = "waits at a barrier",
    [WAIT_ONCE] = "waits for a once routine",
    [WAIT_JOIN] = "waits for the end of",
    [WAIT_SLEEP] = "sleeps",
};

static int describe(const struct thread *thread, int place, char *text, size_t size) {
    const struct wait *wait = &thread->wait;
    const struct sync *object = wait->object;
    int n = snprintf(text, size, "%sT%d %s", place ? "; " : "", thread->id, waits[wait->kind]);
    if (wait->peer) n += snprintf(text + n, size - (size_t)n, " T%d", wait->peer->id);
    n += snprintf(text + n, size - (size_t)n, " at {%d}", place);
    if (object && object->owner >= 0)
        n += snprintf(text + n, size - (size_t)n, ", held by T%d%s", object->owner,
                      object->owner == thread->id                       ? " itself"
                      : threads[object->owner].state == THREAD_FINISHED ? ", which has ended"
                                                                        : "");
    return n;
}

void report_deadlock(void) {
    char text[700] = "";
    size_t length = 0;
    const char *failure = NULL;
    int places = 0;
    bool lock = false, sleeper = false;
    for (int i = 0; i < thread_count; i++) {
        const struct thread *thread = &threads[i];
        if (thread->state != THREAD_WAITING) continue;
        if (thread->failure) failure = thread->failure;
        lock |= thread->wait.kind == WAIT_MUTEX || thread->wait.kind == WAIT_RWLOCK;
        sleeper |= thread->wait.kind == WAIT_CONDITION || thread->wait.kind == WAIT_SEMAPHORE;
        if (places == VERDICT_PLACES || length + 160 > sizeof text) continue;
        length += (size_t)describe(thread, places++, text + length, sizeof text - length);
        verdict_place(i, thread->pc, 0, thread->doing);
        trace_mark(i, thread->view.happened.at[i], thread->pc);
    }
    if (failure) violate(VERDICT_PROPERTY, "%s; no thread can run: %s", failure, text);
    violate(sleeper && !lock ? VERDICT_LOST_WAKEUP : VERDICT_DEADLOCK, "no thread can run: %s", text);
}
