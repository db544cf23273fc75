/* SPDX-License-Identifier: MIT
 *
 * own_stacks.c -- two threads take turns at tasks that have stacks of their own: from mmap, from malloc and static
 * ones, switched by ucontext, with ThreadSanitizer's calls and without them.
 *
 * planted 1 (misuse|race) within 40: a task is queued before its stack is left
 * planted 2 (race) within 400: the task is handed on by a relaxed store, which does not tell that its stack was left
 * planted 3 (misuse): the fiber is destroyed before its last turn
 * planted 4 (race): two tasks count in one variable
 * planted 5 (out_of_bounds): a page behind the mapping is protected
 * planted 6 (leak): a stack is not unmapped
 * planted 8 (misuse): a task's function returns, and nothing is linked behind it
 * planted 7 (use_after_free): a stack is unmapped while its task is on it
 * planted 9 (crash): a task needs more than its stack, and meets the page below that nobody may touch */
#include "explore.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#ifndef PLANTED
#define PLANTED 0
#endif

void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned);
void __tsan_destroy_fiber(void *);
void __tsan_switch_to_fiber(void *, unsigned);

enum { TASKS = 2, TURNS = 3, SIZE = 32 << 10, PAGE = 4096 };

struct task {
    ucontext_t context;
    ucontext_t *_Atomic home; /* relaxed: the word `ready` has to order what matters */
    void *fiber;
    void *_Atomic home_fiber;
    char *stack;
    _Atomic int ready; /* may be taken by whoever takes 1 from it */
    _Atomic int turns;
};

static struct task tasks[TASKS];
static enum { BY_MMAP, BY_MALLOC, STATIC } stacks;
static bool told;
static char static_stacks[TASKS][SIZE];
static atomic_int over;
static int counted;

static void go_to(void *fiber) {
    if (told) __tsan_switch_to_fiber(fiber, 0);
}

static void hand_on(struct task *task) {
    atomic_store_explicit(&task->ready, 1, PLANTED == 2 ? memory_order_relaxed : memory_order_release);
}

static long deeper(volatile long levels) {
    return levels == 0 ? 0 : deeper(levels - 1) + levels;
}

static void run_task(int number) {
    struct task *task = &tasks[number];
    int local = 0, *volatile noticed = &local;
    for (;;) {
        task->turns++, ++*noticed;
        if (task->turns == TURNS) break;
        if (PLANTED == 4) counted++;
        if (PLANTED == 1) hand_on(task);
        if (PLANTED == 9 && stacks == BY_MMAP && task->turns == 2) *noticed -= deeper(SIZE) == 0;
        if (PLANTED == 7 && stacks == BY_MMAP && task->turns == 2) munmap(task->stack, SIZE), ++*noticed;
        ucontext_t *home = atomic_load_explicit(&task->home, memory_order_relaxed);
        go_to(atomic_load_explicit(&task->home_fiber, memory_order_relaxed));
        swapcontext(&task->context, home);
    }
    if (*noticed != TURNS) explore_fail("a task counted %d turns of %d", *noticed, TURNS);
    go_to(task->home_fiber);
    if (PLANTED != 8) setcontext(task->home);
}

static void take_turn(struct task *task) {
    ucontext_t here;
    int taken = 1;
    if (!atomic_compare_exchange_strong_explicit(&task->ready, &taken, 0, memory_order_acquire, memory_order_relaxed))
        return (void)sched_yield();
    atomic_store_explicit(&task->home, &here, memory_order_relaxed);
    if (told) atomic_store_explicit(&task->home_fiber, __tsan_get_current_fiber(), memory_order_relaxed);
    if (PLANTED == 3 && task->turns == TURNS - 1) __tsan_destroy_fiber(task->fiber);
    go_to(task->fiber);
    swapcontext(&here, &task->context);
    if (task->turns == TURNS)
        atomic_fetch_add_explicit(&over, 1, memory_order_acq_rel);
    else if (PLANTED != 1)
        hand_on(task);
}

static void *work(void *unused) {
    while (atomic_load_explicit(&over, memory_order_acquire) < TASKS)
        for (int i = 0; i < TASKS; i++) take_turn(&tasks[i]);
    return unused;
}

static char *new_stack(int number) {
    if (stacks == STATIC) return static_stacks[number];
    if (stacks == BY_MALLOC) return malloc(SIZE);
    char *stack = mmap(NULL, SIZE - 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED) explore_fail("mmap fails");
    mprotect(stack + (PLANTED == 5 ? SIZE : 0), PAGE, PROT_NONE);
    return stack;
}

static void open_task(int number) {
    struct task *task = &tasks[number];
    task->stack = new_stack(number);
    getcontext(&task->context);
    task->context.uc_stack.ss_sp = task->stack;
    task->context.uc_stack.ss_size = SIZE;
    task->context.uc_link = NULL;
    makecontext(&task->context, (void (*)(void))run_task, 1, number);
    task->fiber = told ? __tsan_create_fiber(0) : NULL;
    hand_on(task);
}

static void end_task(int number) {
    struct task *task = &tasks[number];
    if (told) __tsan_destroy_fiber(task->fiber);
    if (stacks == BY_MMAP && PLANTED != 6) munmap(task->stack, SIZE);
    if (stacks == BY_MALLOC) free(task->stack);
    memset(&task->context, 0, sizeof task->context);
    task->stack = NULL;
}

static void run(bool is_told, int kind) {
    pthread_t other;
    told = is_told, stacks = kind;
    for (int i = 0; i < TASKS; i++) open_task(i);
    pthread_create(&other, NULL, work, NULL);
    work(NULL);
    pthread_join(other, NULL);
    for (int i = 0; i < TASKS; i++) end_task(i);
}

static void mapped(void) {
    run(true, BY_MMAP);
}

static void from_malloc(void) {
    run(true, BY_MALLOC);
}

static void of_static_memory(void) {
    run(true, STATIC);
}

static void untold(void) {
    run(false, BY_MMAP);
}

const struct explore_scenario explore_scenarios[] = {{"mapped", mapped},
                                                     {"from_malloc", from_malloc},
                                                     {"of_static_memory", of_static_memory},
                                                     {"untold", untold},
                                                     {NULL, NULL}};
