/* SPDX-License-Identifier: MIT
 *
 * thread_calls.c -- pthread_create and its kin, and their twins of threads.h.
 *
 * A handle is the thread's number plus one. */
#include "clock_time.h"
#include "footprint.h"
#include "kinds.h"
#include "models.h"
#include "routine.h"
#include "schedule.h"
#include "subject.h"
#include "trace.h"
#include "verdict.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <threads.h>

/* Of thread attributes only the detach state means anything here; sizes are told back. */
struct attributes {
    int detached;
    size_t stack_size, guard_size;
};
_Static_assert(sizeof(struct attributes) <= sizeof(pthread_attr_t), "they are kept in the caller's object");

static unsigned failures_left;

void thread_calls_reset(void) {
    failures_left = 0;
}

void thread_calls_allow_failures(unsigned times) {
    touch(TOUCHED_FAILURES, 1, WRITES);
    failures_left = times;
}

static int create(unsigned long *handle, bool detached, void *(*start)(void *), void *argument, uint32_t pc) {
    schedule_point("creates a thread", pc);
    touch(TOUCHED_THREADS, 1, WRITES);
    touch(TOUCHED_FAILURES, 1, failures_left ? WRITES : READS);
    if (failures_left && choose(CHOOSE_THREAD_FAILURE, 2)) {
        failures_left--;
        trace_step("thread creation fails", pc, "injected");
        return EAGAIN;
    }
    trace_step("creates a thread", pc, "T%d", thread_count); /* what the new thread knows includes it */
    struct thread *thread = thread_new(start, argument, pc);
    if (!thread) violate(VERDICT_LIMIT, "more than %d threads in one execution", MAX_THREADS);
    thread->detached = detached;
    *handle = (unsigned long)thread->id + 1;
    return 0;
}

static struct thread *thread_of(unsigned long handle, const char *doing, uint32_t pc) {
    struct thread *thread = handle && handle <= (unsigned long)thread_count ? &threads[handle - 1] : NULL;
    const char *wrong = !thread            ? "a handle that is no thread's"
                        : thread->joined   ? "a thread that was joined before"
                        : thread->detached ? "a detached thread"
                                           : NULL;
    if (wrong) {
        verdict_place(running->id, pc, 0, doing);
        violate(VERDICT_MISUSE, "T%d %s %s in {0}", running->id, doing, wrong);
    }
    touch(TOUCHED_THREAD + (uintptr_t)thread->id, 1, WRITES);
    return thread;
}

static bool peer_ended(const struct thread *thread) {
    return thread->wait.peer->state == THREAD_FINISHED;
}

static int join(unsigned long handle, void **result, struct timeout timeout, uint32_t pc) {
    schedule_point("joins", pc);
    struct thread *thread = thread_of(handle, "joins", pc);
    if (thread->state != THREAD_FINISHED && !timeout_is_valid(timeout)) return EINVAL;
    struct wait wait = {WAIT_JOIN, peer_ended, NULL, thread, timeout_deadline(timeout), 0};
    if (!schedule_wait(&wait)) return ETIMEDOUT;
    thread->joined = true;
    view_join(&running->view, &thread->view);
    if (result) *result = thread->result;
    trace_step("joins", pc, "T%d", thread->id);
    return 0;
}

static int detach(unsigned long handle, uint32_t pc) {
    schedule_point("detaches", pc);
    thread_of(handle, "detaches", pc)->detached = true;
    return 0;
}

int model_pthread_create(pthread_t *handle, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
    return create(handle, attributes && ((const struct attributes *)attributes)->detached, start, argument, CALLER);
}

int model_pthread_join(pthread_t handle, void **result) {
    return join(handle, result, FOREVER, CALLER);
}

int model_pthread_tryjoin_np(pthread_t handle, void **result) {
    static const struct timespec over = {0, 0};
    return join(handle, result, (struct timeout){CLOCK_REALTIME, &over}, CALLER) ? EBUSY : 0;
}

int model_pthread_timedjoin_np(pthread_t handle, void **result, const struct timespec *when) {
    return join(handle, result, (struct timeout){CLOCK_REALTIME, when}, CALLER);
}

int model_pthread_clockjoin_np(pthread_t handle, void **result, clockid_t clock, const struct timespec *when) {
    return join(handle, result, (struct timeout){clock, when}, CALLER);
}

int model_pthread_detach(pthread_t handle) {
    return detach(handle, CALLER);
}

pthread_t model_pthread_self(void) {
    return (pthread_t)running->id + 1;
}

int model_pthread_equal(pthread_t one, pthread_t other) {
    return one == other;
}

void model_pthread_exit(void *result) {
    running->pc = CALLER;
    routine_end(result);
}

int model_learners_pthread_create(pthread_t *handle, const pthread_attr_t *attributes, void *(*start)(void *),
                                  void *argument) {
    bool detached = attributes && ((const struct attributes *)attributes)->detached;
    int error = create(handle, detached, start, argument, CALLER);
    if (!error) threads[*handle - 1].learners = true;
    return error;
}

/* The driver's thread would go no further: what it was about to do, and to look at, would be left out. */
void model_learners_pthread_exit(void *result) {
    uint32_t pc = CALLER;
    if (!running->learners) {
        verdict_place(running->id, pc, 0, "ends the thread");
        violate(VERDICT_PROPERTY,
                "T%d ends in {0}, in the middle of a call: the caller's thread is not the program's "
                "to end",
                running->id);
    }
    running->pc = pc;
    routine_end(result);
}

int model_pthread_attr_init(pthread_attr_t *attributes) {
    memset(attributes, 0, sizeof *attributes);
    *(struct attributes *)attributes = (struct attributes){0, 8 << 20, 4096};
    return 0;
}

int model_pthread_attr_setdetachstate(pthread_attr_t *attributes, int state) {
    ((struct attributes *)attributes)->detached = state == PTHREAD_CREATE_DETACHED;
    return 0;
}

int model_pthread_attr_getdetachstate(const pthread_attr_t *attributes, int *state) {
    bool detached = ((const struct attributes *)attributes)->detached;
    *state = detached ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE;
    return 0;
}

int model_pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size) {
    if (size < (size_t)PTHREAD_STACK_MIN) return EINVAL;
    ((struct attributes *)attributes)->stack_size = size;
    return 0;
}

int model_pthread_attr_getstacksize(const pthread_attr_t *attributes, size_t *size) {
    *size = ((const struct attributes *)attributes)->stack_size;
    return 0;
}

int model_pthread_attr_setguardsize(pthread_attr_t *attributes, size_t size) {
    ((struct attributes *)attributes)->guard_size = size;
    return 0;
}

int model_pthread_attr_getguardsize(const pthread_attr_t *attributes, size_t *size) {
    *size = ((const struct attributes *)attributes)->guard_size;
    return 0;
}

/* No execution has signals. */
int model_pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
    (void)how, (void)set;
    if (old) sigemptyset(old);
    return 0;
}

int model_succeed(void) {
    return 0;
}

/* thrd_start_t returns int, pthread's start routine a pointer. Both come back in the same register
 * on the processors of context.c, of which thrd_join takes the int. */
int model_thrd_create(thrd_t *handle, thrd_start_t start, void *argument) {
    void *(*as_pthread)(void *);
    memcpy(&as_pthread, &start, sizeof start);
    return create(handle, false, as_pthread, argument, CALLER) ? thrd_nomem : thrd_success;
}

int model_thrd_join(thrd_t handle, int *result) {
    void *wide;
    join(handle, &wide, FOREVER, CALLER);
    if (result) *result = (int)(intptr_t)wide;
    return thrd_success;
}

int model_thrd_detach(thrd_t handle) {
    detach(handle, CALLER);
    return thrd_success;
}

void model_thrd_exit(int result) {
    running->pc = CALLER;
    routine_end((void *)(intptr_t)result);
}
