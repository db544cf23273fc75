/* SPDX-License-Identifier: MIT */
/* threads.c -- threads on stacks of their own. Which of them goes on is a choice
 * before each system call, each call of a lock, and whenever one has to wait. */
#include "threads.h"

#include "at_hand.h"
#include "clock.h"
#include "context.h"
#include "sanitized.h"
#include "simkernel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#if SANITIZED
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

enum { GUARD_BYTES = 64 * 1024, STACK_BYTES = 512 * 1024 + GUARD_BYTES };

struct thread threads[MAX_THREADS];
int thread_now;
uint64_t file_wakes;

/* Kept from life to life. */
static struct stack {
    char *bottom;
    size_t size;
    void *context, *fake; /* the last is AddressSanitizer's */
    int error;            /* errno */
} stacks[MAX_THREADS];
static int alive;
static uint64_t slept; /* times, but not the scenario's own thread */
static void (*leaving)(void);

static const struct world_rule deadlock = {"deadlock", "somebody can go on, or the kernel can wake somebody",
                                           "who was to wake it, and what is that thread waiting for?"};

void threads_reset(void) {
    for (int i = 0; i < MAX_THREADS; i++) threads[i] = (struct thread){0};
    threads[0].state = THREAD_ALIVE;
    thread_now = 0, alive = 1, file_wakes = 0, slept = 0, leaving = NULL;
}

bool threads_many(void) {
    return alive > 1;
}

/* The other side of a switch: whoever was switched to begins here. */
static void arrived(int before) {
#if SANITIZED
    const void *bottom;
    __sanitizer_finish_switch_fiber(stacks[thread_now].fake, &bottom, &stacks[before].size);
    stacks[before].bottom = (char *)(uintptr_t)bottom;
#endif
    (void)before;
    errno = stacks[thread_now].error;
    if (leaving && thread_now == 0) leaving();
}

static int thread_before;

static void go_on(int next) {
    if (next == thread_now) return;
    struct stack *from = &stacks[thread_now], *to = &stacks[next];
    struct call_at_hand call = at_hand;
    from->error = errno;
    thread_before = thread_now, thread_now = next;
#if SANITIZED
    __sanitizer_start_switch_fiber(&from->fake, to->bottom, to->size);
#endif
    context_switch(&from->context, to->context);
    arrived(thread_before);
    at_hand = call;
}

void threads_leave(void (*leave)(void)) {
    leaving = leave;
    if (thread_now == 0) leave();
    go_on(0);
    abort();
}

static void begin(void) {
    arrived(thread_before);
    thread_end(threads[thread_now].routine(threads[thread_now].argument));
}

static bool prepare_stack(struct stack *stack) {
    if (!stack->bottom) {
        char *memory =
            mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED || mprotect(memory, GUARD_BYTES, PROT_NONE) != 0) return false;
        stack->bottom = memory + GUARD_BYTES, stack->size = STACK_BYTES - GUARD_BYTES;
    }
#if SANITIZED
    __asan_unpoison_memory_region(stack->bottom, stack->size);
#endif
    stack->fake = NULL, stack->error = 0;
    stack->context = context_new(stack->bottom + stack->size, begin);
    return true;
}

int thread_new(void *(*routine)(void *), void *argument) {
    for (int i = 1; i < MAX_THREADS; i++) {
        if (threads[i].state != THREAD_FREE || !prepare_stack(&stacks[i])) continue;
        threads[i] = (struct thread){.state = THREAD_ALIVE, .routine = routine, .argument = argument};
        alive++;
        return i;
    }
    return -1;
}

static bool can_run(const struct thread *t) {
    return t->state == THREAD_ALIVE && (!t->over || clock_now >= t->deadline || t->over(t->about));
}

static int runnable(int *numbers, bool but_now) {
    int count = 0;
    for (int i = 0; i < MAX_THREADS; i++)
        if (can_run(&threads[i]) && !(but_now && i == thread_now)) numbers[count++] = i;
    return count;
}

void thread_point(void) {
    int others[MAX_THREADS];
    if (alive == 1) return;
    int count = runnable(others, true);
    if (count > 0 && world_one_in(3)) go_on(others[world_choose((unsigned)count)]);
}

void threads_judge_deadlock(void) {
    const struct thread *t = &threads[0];
    if (t->over && t->call)
        world_fail(&deadlock, "the thread that serves waits in %s, and nobody is left who could wake it", t->call);
}

/* Nobody can run, until somebody can. */
static int next_to_run(void) {
    int numbers[MAX_THREADS];
    for (;;) {
        int count = runnable(numbers, false);
        if (count > 0) return numbers[world_choose((unsigned)count)];
        uint64_t deadline = NEVER;
        for (const struct thread *t = threads; t < threads + MAX_THREADS; t++)
            if (t->state == THREAD_ALIVE && t->deadline < deadline) deadline = t->deadline;
        time_passes(deadline);
    }
}

void thread_wait(const char *call, bool (*over)(const void *), const void *about, uint64_t deadline) {
    struct thread *t = &threads[thread_now];
    t->over = over, t->about = about, t->deadline = deadline, t->call = call;
    slept += thread_now > 0;
    go_on(next_to_run());
    t->over = NULL, t->call = NULL;
}

void thread_end(void *result) {
    struct thread *t = &threads[thread_now];
    t->state = t->detached ? THREAD_FREE : THREAD_ENDED;
    t->result = result;
    alive--;
    go_on(next_to_run());
    abort();
}

int world_thread(void) {
    return thread_now;
}

int world_threads_alive(void) {
    return alive - 1;
}

uint64_t world_threads_slept(void) {
    return slept;
}

const char *world_waits_in(void) {
    return threads[0].over ? threads[0].call : NULL;
}

void world_thread_waits(bool (*over)(const void *), const void *about) {
    while (!over(about)) thread_wait(NULL, over, about, NEVER);
}
