/* SPDX-License-Identifier: MIT
 *
 * barrier_calls.c -- barriers, and routines that run once. */
#include "footprint.h"
#include "models.h"
#include "schedule.h"
#include "subject.h"
#include "sync.h"
#include "trace.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

static bool round_is_over(const struct thread *thread) {
    return thread->wait.object->round != thread->wait.round;
}

static void end_round(struct sync *barrier) {
    barrier->round++;
    barrier->value = 0;
    barrier->view = barrier->next_view;
    memset(&barrier->next_view, 0, sizeof barrier->next_view);
}

int model_pthread_barrier_init(pthread_barrier_t *at, const pthread_barrierattr_t *attributes, unsigned count) {
    (void)attributes;
    if (!count) return EINVAL;
    sync_init(at, SYNC_BARRIER, CALLER)->limit = (int)count;
    return 0;
}

int model_pthread_barrier_destroy(pthread_barrier_t *at) {
    sync_destroy(at, SYNC_BARRIER, CALLER, "destroys a barrier");
    return 0;
}

int model_pthread_barrier_wait(pthread_barrier_t *at) {
    uint32_t pc = CALLER;
    schedule_point("arrives at a barrier", pc);
    struct sync *barrier = sync_use(at, SYNC_BARRIER, pc, "arrives at a barrier");
    uint32_t round = barrier->round;
    view_join(&barrier->next_view, &running->view);
    trace_step("arrives at a barrier", pc, "");
    thread_tick();
    bool last = ++barrier->value == barrier->limit;
    if (last) end_round(barrier);
    struct wait wait = {WAIT_BARRIER, round_is_over, barrier, NULL, NO_DEADLINE, round};
    schedule_wait(&wait);
    sync_acquire(barrier);
    trace_step("leaves a barrier", pc, "");
    return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

enum { ONCE_NEW, ONCE_RUNNING, ONCE_DONE };

static bool is_done(const struct thread *thread) {
    return thread->wait.object->value == ONCE_DONE;
}

static void once(void *at, void (*routine)(void), uint32_t pc) {
    schedule_point("comes to a once routine", pc);
    struct sync *flag = sync_use(at, SYNC_ONCE, pc, "comes to a once routine");
    if (flag->value == ONCE_NEW) {
        flag->value = ONCE_RUNNING;
        flag->owner = running->id;
        routine();
        touch(flag->address, 1, WRITES);
        flag->value = ONCE_DONE;
        flag->owner = -1;
        sync_release(flag);
        return;
    }
    struct wait wait = {WAIT_ONCE, is_done, flag, NULL, NO_DEADLINE, 0};
    schedule_wait(&wait);
    sync_acquire(flag);
}

int model_pthread_once(pthread_once_t *at, void (*routine)(void)) {
    once(at, routine, CALLER);
    return 0;
}

void model_call_once(void *at, void (*routine)(void)) {
    once(at, routine, CALLER);
}
