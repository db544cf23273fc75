/* SPDX-License-Identifier: MIT
 *
 * explore_values.c -- the stack of values under the schedule explorer.
 *
 *   hp_values           two or three threads push and pop
 *   hp_top_comes_back   two pops and a push while another thread pops: for exhaustive search
 *
 * Some order of all calls must explain every answer; nodes come from malloc, so whoever reads one too late is seen. */
#include "explored.h"
#include "fillers.h"
#include "hazard.h"

#include <pthread.h>
#include <stddef.h>

enum { THREADS = 3 };

static struct hp_domain *domain;
static struct hp_stack *stack;
static struct hp_thread *handles[THREADS];
static long calls_each;

static void push(struct hp_thread *me, long value) {
    int call = explore_call("push", value, 0);
    explore_lock_free_begin("hp_stack_push");
    bool pushed = hp_stack_push(stack, me, (uint64_t)value);
    explore_lock_free_end();
    explore_return(call, 0);
    explore_say(call, "push(%ld)", value);
    if (!pushed) explore_fail("hp_stack_push answers false although there is memory");
}

static long pop(struct hp_thread *me) {
    uint64_t value = 0;
    int call = explore_call("pop", 0, 0);
    explore_lock_free_begin("hp_stack_pop");
    bool popped = hp_stack_pop(stack, me, &value);
    explore_lock_free_end();
    long answer = popped ? (long)value : NOTHING;
    explore_return(call, answer);
    if (popped)
        explore_say(call, "pop(): %ld", answer);
    else
        explore_say(call, "pop(): empty");
    return answer;
}

static void *take_part(void *argument) {
    long thread = (long)argument;
    for (long i = 0; i < calls_each; i++) {
        if (explore_choose(3) < 2)
            (void)pop(handles[thread]); /* the history has it */
        else
            push(handles[thread], 10 * (thread + 1) + i);
    }
    return NULL;
}

static void *pop_once(void *argument) {
    (void)pop(handles[(long)argument]);
    return NULL;
}

/* What is pushed may lie where the top was, with another value below. */
static void *bring_back(void *argument) {
    long thread = (long)argument;
    for (int i = 0; i < 2; i++) (void)pop(handles[thread]);
    push(handles[thread], 10 * (thread + 1));
    return NULL;
}

static void begin(long inside) {
    domain = hp_new(THREADS, 1);
    if (!domain) explore_fail("hp_new answers NULL although there is memory");
    for (int i = 0; i < THREADS; i++) handles[i] = hp_attach(domain);
    stack = hp_stack_new(domain);
    if (!stack || !handles[THREADS - 1]) explore_fail("there is no stack, or no handle, although there is memory");
    for (long i = inside; i > 0; i--) push(handles[0], i);
    for (int i = 0; i < 2; i++) retire_fillers(handles[i], 65 * THREADS);
}

static void end(void) {
    struct stack_model empty = {0};
    while (pop(handles[0]) != NOTHING) continue;
    explore_check_linearizable("stack", &empty, sizeof empty, stack_step);
    hp_stack_free(stack, handles[0]);
    for (int i = 0; i < THREADS; i++) hp_detach(handles[i]);
    hp_free(domain);
    domain = NULL, stack = NULL;
}

void hp_values(void) {
    pthread_t threads[THREADS];
    long count = 2 + (long)explore_choose(2);
    calls_each = count == 2 ? 2 + (long)explore_choose(2) : 2;
    begin((long)explore_choose(3) + 1);
    for (long i = 1; i < count; i++) pthread_create(&threads[i], NULL, take_part, (void *)i);
    take_part(NULL);
    for (long i = 1; i < count; i++) pthread_join(threads[i], NULL);
    end();
}

void hp_top_comes_back(void) {
    pthread_t other;
    begin(2);
    pthread_create(&other, NULL, pop_once, (void *)1L);
    bring_back(NULL);
    pthread_join(other, NULL);
    end();
}
