/* SPDX-License-Identifier: MIT
 *
 * futex_calls.c -- futex_wait and futex_wake, as Linux does them: compare and sleep are one step, a wake that comes
 * before is lost, and which sleepers a wake takes is open.
 *
 * Both calls pass a full barrier in the kernel (kernel/futex/waitwake.c), so a wait after a wake sees what was stored
 * before that wake. Neither is an operation of C11's: that a thread was woken makes nothing happen before anything. */
#include "atomic.h"
#include "chance.h"
#include "clock_time.h"
#include "definedness.h"
#include "describe.h"
#include "footprint.h"
#include "kinds.h"
#include "models.h"
#include "ordering.h"
#include "schedule.h"
#include "shadow.h"
#include "subject.h"
#include "trace.h"

#include <errno.h>

enum { WORD_BYTES = sizeof(uint32_t), NS_PER_S = 1000000000 };

static const char waits[] = "waits on a futex", wakes[] = "wakes a futex";

static bool is_signalled(const struct thread *thread) {
    return thread->signalled;
}

static uint64_t read_deadline(const uint64_t *at, uint32_t pc) {
    if (!at) return NO_DEADLINE;
    shadow_access((uintptr_t)at, sizeof *at, PLAIN_READ, pc, "reads a futex's deadline");
    definedness_read((uintptr_t)at, sizeof *at, pc);
    struct timespec when = {(time_t)(*at / NS_PER_S), (long)(*at % NS_PER_S)};
    return deadline_on(CLOCK_MONOTONIC, &when);
}

static const char *name_of(int answer) {
    return answer == -EAGAIN ? "-EAGAIN" : answer == -EINTR ? "-EINTR" : answer == -ETIMEDOUT ? "-ETIMEDOUT" : "0";
}

static int answered(int answer, uint32_t pc) {
    trace_step("futex_wait returns", pc, "%s", name_of(answer));
    thread_tick();
    return answer;
}

static void trace_comparison(uintptr_t word, uint32_t found, uint32_t expected, uint32_t pc) {
    uint32_t newest = (uint32_t)memory_read(word, WORD_BYTES);
    if (!tracing) return;
    if (found != newest)
        trace_step("compares a futex", pc, "%s is %u, an older value: nothing orders this behind the store of %u",
                   describe_place(word, WORD_BYTES), found, newest);
    else
        trace_step("compares a futex", pc, "%s is %u%s", describe_place(word, WORD_BYTES), found,
                   found == expected ? ", as expected" : "");
}

static int sleep_on(uintptr_t word, uint32_t expected, uint64_t deadline_ns) {
    running->signalled = false;
    running->futex.word = word;
    running->futex.expected = expected;
    touch(word, WORD_BYTES, WRITES);
    bool woken = schedule_wait(&(struct wait){WAIT_FUTEX, is_signalled, NULL, NULL, deadline_ns, 0});
    touch(word, WORD_BYTES, WRITES);
    running->signalled = false;
    return woken ? running->futex.answer : -ETIMEDOUT;
}

int model_futex_wait(const volatile void *at, uint32_t expected, const uint64_t *deadline_at) {
    uint32_t pc = CALLER;
    schedule_point(waits, pc);
    running->futex.waits++;
    uint64_t deadline_ns = read_deadline(deadline_at, pc);
    ordering_barrier();
    uint32_t found = (uint32_t)atomic_look(at, WORD_BYTES, pc, waits);
    trace_comparison((uintptr_t)at, found, expected, pc);
    if (found != expected) return answered(-EAGAIN, pc);
    int refused = maybe_refuse_to_sleep();
    if (refused <= 0) return answered(refused, pc);
    return answered(sleep_on((uintptr_t)at, expected, deadline_ns), pc);
}

static unsigned find_sleepers(uintptr_t word, struct thread *sleepers[]) {
    unsigned count = 0;
    for (int i = 0; i < thread_count; i++) {
        struct thread *thread = &threads[i];
        if (thread->state == THREAD_WAITING && thread->wait.kind == WAIT_FUTEX && thread->futex.word == word &&
            !thread->signalled)
            sleepers[count++] = thread;
    }
    return count;
}

static void wake_one_of(struct thread *sleepers[], unsigned count) {
    unsigned taken = count > 1 ? choose(CHOOSE_WAITER, count) : 0;
    struct thread *woken = sleepers[taken];
    woken->signalled = true;
    woken->futex.answer = 0;
    trace_step_of(woken, "is woken", woken->pc, "");
    sleepers[taken] = sleepers[count - 1];
}

/* The memory may be freed by now: the address alone is looked at. */
int model_futex_wake(const volatile void *at, int threads_wanted) {
    uint32_t pc = CALLER;
    struct thread *sleepers[MAX_THREADS];
    schedule_point(wakes, pc);
    running->futex.wakes++;
    ordering_barrier();
    touch((uintptr_t)at, WORD_BYTES, WRITES);
    unsigned count = find_sleepers((uintptr_t)at, sleepers), woken = 0;
    trace_step(wakes, pc, count ? "%s: %u asleep" : "%s: no thread sleeps there",
               tracing ? describe_place((uintptr_t)at, WORD_BYTES) : "", count);
    while (woken < count && (int)woken < threads_wanted) wake_one_of(sleepers, count - woken), woken++;
    thread_tick();
    return (int)woken;
}
