/* SPDX-License-Identifier: MIT
 *
 * deadlock.c -- which thread waits for what. */
#include "deadlock.h"

#include "blocks.h"
#include "describe.h"
#include "sync.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <stdio.h>
#include <string.h>

static const char *const waits[] = {
    [WAIT_MUTEX] = "waits for the mutex",
    [WAIT_CONDITION] = "sleeps on the condition variable",
    [WAIT_RWLOCK] = "waits for the readers-writer lock",
    [WAIT_SEMAPHORE] = "waits for the semaphore",
    [WAIT_FUTEX] = "sleeps in futex_wait",
    [WAIT_BARRIER] = "waits at the barrier",
    [WAIT_ONCE] = "waits for the once routine",
    [WAIT_JOIN] = "waits for the end of",
    [WAIT_DESCRIPTOR] = "waits for a descriptor",
    [WAIT_EVENTS] = "sleeps in epoll_wait",
    [WAIT_SLEEP] = "sleeps",
    [WAIT_IDLE] = "waits until all others wait",
};

/* ", held for reading by T1, T2" */
static int describe_readers(const struct sync *lock, char *text, size_t size) {
    int n = 0;
    for (int i = 0; i < thread_count; i++)
        if (lock->read_depth[i])
            n += snprintf(text + n, size - (size_t)n, "%sT%d", n ? ", " : ", held for reading by ", i);
    return n;
}

/* " on block 0->word, allocated in {1}, which held 1 then and holds 0 now": where a wakeup was lost, the word has often
 * changed. The origin's place follows the thread's own. */
static int describe_futex(const struct thread *thread, int place, char *text, size_t size) {
    uint32_t now;
    memcpy(&now, (const void *)thread->futex.word, sizeof now);
    int n = snprintf(text, size, " on %s", describe_place(thread->futex.word, sizeof now));
    if (verdict.place_count > place + 1) n += snprintf(text + n, size - (size_t)n, ", allocated in {%d},", place + 1);
    const char *since = now == thread->futex.expected ? " and still does" : " then and holds %u now";
    n += snprintf(text + n, size - (size_t)n, " which held %u", thread->futex.expected);
    return n + snprintf(text + n, size - (size_t)n, since, now);
}

static void place_of_origin(uintptr_t address) {
    size_t offset;
    int block = block_number(address, &offset);
    if (block >= 0) block_place_of_allocation(&blocks[block]);
}

static int describe(const struct thread *thread, int place, char *text, size_t size) {
    const struct wait *wait = &thread->wait;
    const struct sync *object = wait->object;
    int n = snprintf(text, size, "%sT%d %s", place ? "; " : "", thread->id, waits[wait->kind]);
    if (object) n += snprintf(text + n, size - (size_t)n, " %s", describe_object(object->address));
    if (wait->peer) n += snprintf(text + n, size - (size_t)n, " T%d", wait->peer->id);
    n += snprintf(text + n, size - (size_t)n, " in {%d}", place);
    if (wait->kind == WAIT_FUTEX) n += describe_futex(thread, place, text + n, size - (size_t)n);
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
    bool lock = false, sleeper = false;
    for (int i = 0; i < thread_count; i++) {
        const struct thread *thread = &threads[i];
        if (thread->state != THREAD_WAITING) continue;
        lock |= thread->wait.kind == WAIT_MUTEX || thread->wait.kind == WAIT_RWLOCK;
        sleeper |= thread->wait.kind == WAIT_CONDITION || thread->wait.kind == WAIT_SEMAPHORE ||
                   thread->wait.kind == WAIT_FUTEX || thread->wait.kind == WAIT_EVENTS ||
                   thread->wait.kind == WAIT_DESCRIPTOR;
        int place = verdict.place_count;
        if (place == VERDICT_PLACES || length + 320 > sizeof text) continue;
        verdict_place(i, thread->pc, 0, thread->doing);
        if (thread->wait.kind == WAIT_FUTEX) place_of_origin(thread->futex.word);
        length += (size_t)describe(thread, place, text + length, sizeof text - length);
        trace_mark(i, thread->view.happened.at[i], thread->pc);
    }
    describe_ended(text + length, sizeof text - length);
    if (failure) violate(VERDICT_PROPERTY, "%s; no thread can run: %s", failure, text);
    violate(sleeper && !lock ? VERDICT_ALL_ASLEEP : VERDICT_DEADLOCK, "no thread can run: %s", text);
}
