/* SPDX-License-Identifier: MIT
 *
 * deadlock.c -- which thread waits for what. */
#include "deadlock.h"

#include "describe.h"
#include "sync.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <stdio.h>

static const char *const waits[] = {
    [WAIT_MUTEX] = "waits for the mutex",
    [WAIT_CONDITION] = "sleeps on the condition variable",
    [WAIT_RWLOCK] = "waits for the readers-writer lock",
    [WAIT_SEMAPHORE] = "waits for the semaphore",
    [WAIT_BARRIER] = "waits at the barrier",
    [WAIT_ONCE] = "waits for the once routine",
    [WAIT_JOIN] = "waits for the end of",
    [WAIT_SLEEP] = "sleeps",
};

/* ", held for reading by T1, T2" */
static int describe_readers(const struct sync *lock, char *text, size_t size) {
    int n = 0;
    for (int i = 0; i < thread_count; i++)
        if (lock->read_depth[i])
            n += snprintf(text + n, size - (size_t)n, "%sT%d", n ? ", " : ", held for reading by ", i);
    return n;
}

static int describe(const struct thread *thread, int place, char *text, size_t size) {
    const struct wait *wait = &thread->wait;
    const struct sync *object = wait->object;
    int n = snprintf(text, size, "%sT%d %s", place ? "; " : "", thread->id, waits[wait->kind]);
    if (object) n += snprintf(text + n, size - (size_t)n, " %s", describe_object(object->address));
    if (wait->peer) n += snprintf(text + n, size - (size_t)n, " T%d", wait->peer->id);
    n += snprintf(text + n, size - (size_t)n, " in {%d}", place);
    if (object && object->kind == SYNC_RWLOCK) n += describe_readers(object, text + n, size - (size_t)n);
    if (object && object->owner >= 0)
        n += snprintf(text + n, size - (size_t)n, ", held by T%d%s", object->owner,
                      object->owner == thread->id                       ? " itself"
                      : threads[object->owner].state == THREAD_FINISHED ? ", which has ended"
                                                                        : "");
    return n;
}

/* "; T1 and T3 have ended" */
static void describe_ended(char *text, size_t size) {
    int ended = 0, count = 0;
    size_t length = 0;
    for (int i = 0; i < thread_count; i++) ended += threads[i].state == THREAD_FINISHED;
    for (int i = 0; i < thread_count; i++) {
        if (threads[i].state != THREAD_FINISHED || length >= size) continue;
        const char *between = !count ? "; " : count + 1 == ended ? " and " : ", ";
        length += (size_t)snprintf(text + length, size - length, "%sT%d", between, i);
        count++;
    }
    if (ended && length < size) snprintf(text + length, size - length, ended == 1 ? " has ended" : " have ended");
}

void report_deadlock(void) {
    char text[1100] = "";
    size_t length = 0;
    const char *failure = threads_failure();
    int places = 0;
    bool lock = false, sleeper = false;
    for (int i = 0; i < thread_count; i++) {
        const struct thread *thread = &threads[i];
        if (thread->state != THREAD_WAITING) continue;
        lock |= thread->wait.kind == WAIT_MUTEX || thread->wait.kind == WAIT_RWLOCK;
        sleeper |= thread->wait.kind == WAIT_CONDITION || thread->wait.kind == WAIT_SEMAPHORE;
        if (places == VERDICT_PLACES || length + 320 > sizeof text) continue;
        length += (size_t)describe(thread, places++, text + length, sizeof text - length);
        verdict_place(i, thread->pc, 0, thread->doing);
        trace_mark(i, thread->view.happened.at[i], thread->pc);
    }
    describe_ended(text + length, sizeof text - length);
    if (failure) violate(VERDICT_PROPERTY, "%s; no thread can run: %s", failure, text);
    violate(sleeper && !lock ? VERDICT_ALL_ASLEEP : VERDICT_DEADLOCK, "no thread can run: %s", text);
}
