/* SPDX-License-Identifier: MIT
 *
 * thread.c -- fibers: creation and switching. */
#include "thread.h"

#include "context.h"
#include "subject.h"
#include "world.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

struct thread threads[MAX_THREADS];
int thread_count;
struct thread *running;
bool exploring;

static void *outside; /* the context that runs executions */
static void (*enter)(void);

void threads_open(void (*enter_thread)(void)) {
    enter = enter_thread;
    for (int id = 0; id < MAX_THREADS; id++) mprotect((void *)STACK_BASE(id), STACK_GUARD, PROT_NONE);
}

static struct thread *add(void *(*start)(void *), void *argument) {
    int id = thread_count++;
    struct thread *thread = &threads[id];
    memset(thread, 0, sizeof *thread);
    thread->id = id;
    thread->start = start;
    thread->argument = argument;
    thread->doing = "start";
    thread->tls = (char *)STACK_BASE(id + 1) - TLS_SIZE;
    /* Like fresh memory of the heap, so that a lock there is not taken for an initialised one. */
    memset(thread->tls - STACK_SCRUB, 0xcd, STACK_SCRUB);
    subject_init_tls(thread->tls);
    thread->context = context_new(thread->tls, enter);
    thread->frame = STACK_BASE(id);
    return thread;
}

void threads_reset(void *(*start)(void *), void *argument) {
    thread_count = 0;
    for (int id = 0; id < MAX_THREADS; id++) threads[id].frame = STACK_BASE(id + 1);
    running = add(start, argument);
    thread_tick();
}

struct thread *thread_new(void *(*start)(void *), void *argument, uint32_t pc) {
    if (thread_count == MAX_THREADS) return NULL;
    struct thread *thread = add(start, argument);
    thread->created_at = pc;
    thread->view = running->view;
    thread->view.happened.at[thread->id] = thread->view.visible.at[thread->id] = 1;
    thread_tick();
    return thread;
}

const char *threads_failure(void) {
    for (int i = 0; i < thread_count; i++)
        if (threads[i].state != THREAD_FINISHED && threads[i].failure) return threads[i].failure;
    return NULL;
}

void thread_switch(struct thread *next) {
    struct thread *before = running;
    before->saved_errno = errno;
    if (before->state != THREAD_FINISHED) before->frame = caller_frame;
    running = next;
    context_switch(&before->context, next->context);
    errno = running->saved_errno;
    caller_frame = running->frame;
}

void threads_run(void) {
    exploring = true;
    errno = 0;
    context_switch(&outside, running->context);
    exploring = false;
}

void thread_abandon_execution(void) {
    void *unused;
    context_switch(&unused, outside);
    __builtin_unreachable();
}
