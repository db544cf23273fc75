/* SPDX-License-Identifier: MIT
 *
 * explore_tagged.c -- the stack of slots under the schedule explorer.
 *
 *   tagged_traffic  three threads push and pop; what is popped is pushed again at once, or kept
 *   tagged_small    two threads: one pops, the other pops two and pushes the first one again. For exhaustive search
 *
 * Some order of all calls must explain every answer. Each slot has plain memory that belongs to who has the slot, so a
 * push that does not hand it on is a data race. */
#include "explored.h"
#include "tagged_stack.h"

#include <pthread.h>
#include <stddef.h>

enum { SLOTS = 4 };

static struct tagged_stack *stack;
static long uses[SLOTS]; /* the owner's */

static void push(long slot) {
    uses[slot]++;
    int call = explore_call("push", slot, 0);
    explore_lock_free_begin("tagged_push");
    bool pushed = tagged_push(stack, (uint32_t)slot);
    explore_lock_free_end();
    explore_return(call, 0);
    explore_say(call, "push(%ld)", slot);
    if (!pushed) explore_fail("tagged_push answers false for slot %ld of %d", slot, SLOTS);
}

static long pop(void) {
    int call = explore_call("pop", 0, 0);
    explore_lock_free_begin("tagged_pop");
    uint32_t slot = tagged_pop(stack);
    explore_lock_free_end();
    long answer = slot == UINT32_MAX ? NOTHING : (long)slot;
    explore_return(call, answer);
    if (answer == NOTHING)
        explore_say(call, "pop(): empty");
    else
        explore_say(call, "pop(): %ld", answer);
    if (answer >= SLOTS) explore_fail("tagged_pop answers %ld; there are %d slots", answer, SLOTS);
    if (answer != NOTHING) uses[answer]++;
    return answer;
}

static void *take_part(void *calls) {
    long mine[SLOTS], count = 0;
    for (long i = 0; i < (long)calls; i++) {
        if (count > 0 && explore_choose(2)) {
            push(mine[--count]);
            continue;
        }
        long slot = pop();
        if (slot != NOTHING && count < SLOTS) mine[count++] = slot;
    }
    while (count > 0) push(mine[--count]);
    return NULL;
}

static void open_stack(long slots) {
    stack = tagged_new(SLOTS);
    if (!stack) explore_fail("tagged_new answers NULL although there is memory");
    while (slots-- > 0) push(slots);
}

/* What is left comes out once. */
static void close_stack(long slots) {
    bool seen[SLOTS] = {false};
    long count = 0;
    for (long slot; count <= SLOTS && (slot = pop()) != NOTHING; count++) {
        if (seen[slot]) explore_fail("slot %ld came out twice, with nobody at work any more", slot);
        seen[slot] = true;
    }
    if (count != slots) explore_fail("%ld slots were pushed again, and %ld came out", slots, count);
    struct stack_model empty = {0};
    explore_check_linearizable("stack", &empty, sizeof empty, stack_step);
    tagged_free(stack);
    stack = NULL;
}

void tagged_traffic(void) {
    pthread_t threads[2];
    long slots = 2 + (long)explore_choose(2);
    open_stack(slots);
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, take_part, (void *)(2 + (long)explore_choose(2)));
    if (explore_choose(2)) take_part((void *)1L);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    close_stack(slots);
}

static void *pop_one(void *unused) {
    long slot = pop();
    if (slot != NOTHING) push(slot);
    return unused;
}

void tagged_small(void) {
    pthread_t thread;
    open_stack(3);
    pthread_create(&thread, NULL, pop_one, NULL);
    long first = pop(), second = pop();
    if (first != NOTHING) push(first);
    pthread_join(thread, NULL);
    if (second != NOTHING) push(second);
    close_stack(3);
}
