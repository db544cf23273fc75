/* SPDX-License-Identifier: MIT
 *
 * semaphore_calls.c -- unnamed semaphores. */
#include "clock_time.h"
#include "models.h"
#include "schedule.h"
#include "subject.h"
#include "sync.h"
#include "trace.h"

#include <errno.h>
#include <semaphore.h>

static const char waits[] = "waits for a semaphore", posts[] = "posts a semaphore";

static bool is_positive(const struct thread *thread) {
    return thread->wait.object->value > 0;
}

static int fail(int error) {
    errno = error;
    return -1;
}

static int take(void *at, struct timeout timeout, bool only_try, uint32_t pc) {
    schedule_point(waits, pc);
    struct sync *semaphore = sync_use(at, SYNC_SEMAPHORE, pc, waits);
    if (only_try && semaphore->value <= 0) return fail(EAGAIN);
    if (semaphore->value <= 0 && !timeout_is_valid(timeout)) return fail(EINVAL);
    struct wait wait = {WAIT_SEMAPHORE, is_positive, semaphore, NULL, timeout_deadline(timeout), 0};
    if (!schedule_wait(&wait)) return fail(ETIMEDOUT);
    semaphore->value--;
    sync_acquire(semaphore);
    trace_step("takes a semaphore", pc, "leaves %d", semaphore->value);
    thread_tick();
    return 0;
}

int model_sem_init(sem_t *at, int shared, unsigned value) {
    (void)shared;
    sync_init(at, SYNC_SEMAPHORE, CALLER)->value = (int)value;
    return 0;
}

int model_sem_destroy(sem_t *at) {
    sync_destroy(at, SYNC_SEMAPHORE, CALLER, "destroys a semaphore");
    return 0;
}

int model_sem_wait(sem_t *at) {
    return take(at, FOREVER, false, CALLER);
}

int model_sem_trywait(sem_t *at) {
    return take(at, FOREVER, true, CALLER);
}

int model_sem_timedwait(sem_t *at, const struct timespec *when) {
    return take(at, (struct timeout){CLOCK_REALTIME, when}, false, CALLER);
}

int model_sem_clockwait(sem_t *at, clockid_t clock, const struct timespec *when) {
    return take(at, (struct timeout){clock, when}, false, CALLER);
}

int model_sem_post(sem_t *at) {
    uint32_t pc = CALLER;
    schedule_point(posts, pc);
    struct sync *semaphore = sync_use(at, SYNC_SEMAPHORE, pc, posts);
    semaphore->value++;
    trace_step(posts, pc, "makes it %d", semaphore->value);
    sync_release(semaphore);
    return 0;
}

int model_sem_getvalue(sem_t *at, int *value) {
    uint32_t pc = CALLER;
    schedule_point("reads a semaphore's value", pc);
    *value = sync_use(at, SYNC_SEMAPHORE, pc, "reads a semaphore's value")->value;
    return 0;
}
