/* SPDX-License-Identifier: MIT
 *
 * misuse.c -- small programs, each wrong in one way.
 *
 * planted 1 (misuse): unlocks a mutex that another thread holds
 * planted 2 (misuse): unlocks a mutex that nobody holds
 * planted 3 (misuse): locks a mutex that was never initialised
 * planted 4 (misuse): locks a destroyed mutex
 * planted 5 (deadlock): locks the same mutex twice
 * planted 6 (deadlock): two locks in opposite orders
 * planted 7 (misuse): waits on a condition variable without the mutex
 * planted 8 (misuse): joins a thread twice
 * planted 9 (thread_leak): never joins a thread
 * planted 10 (leak): never frees a block
 * planted 11 (double_free): frees a block twice
 * planted 12 (bad_free): frees the inside of a block
 * planted 13 (use_after_free): writes to a freed block
 * planted 14 (out_of_bounds): writes one byte too far
 * planted 15 (crash): follows a null pointer
 * planted 16 (assertion): a failed assert
 * planted 17 (limit): ends the process
 * planted 18 (livelock): spins on a plain flag, which the compiler may read once
 * planted 19 (livelock): spins on an atomic flag that nobody sets
 * planted 20 (crash): divides by zero
 * planted 21 (limit): recursion without end, which looks like a deep one
 * planted 22 (all_asleep): waits for a signal that came before
 * planted 23 (race): a volatile flag
 * planted 24 (deadlock): ends with a mutex held that another needs
 * planted 25 (crash): aborts
 * planted 26 (use_after_free): locks a mutex in a freed block
 * planted 27 (race): the parent writes what it gave to its child
 * planted 28 (race): two bytes of one word are fine, the same byte is not
 * planted 29 (unknown_symbol): a call that the explorer does not model
 * planted 30 (unknown_symbol): an atomic too wide for the machine
 * planted 31 (deadlock): joins itself
 * planted 32 (race): memcpy of a block that another writes
 * planted 33 (unknown_symbol): a call of the sanitizer's that the explorer has not heard of
 * planted 34 (unknown_symbol): a system call of its own
 * planted 35 (misuse): waits on a condition variable of its stack that was never initialised
 * planted 36 (misuse): writes to the explorer itself, near a function that it knows
 * planted 37 (misuse): puts a function of its own where the driver looks for explore_fail */
#include "explore.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#ifndef PLANTED
#define PLANTED 0
#endif

void __tsan_unheard_of(void);

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, two = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static atomic_int atomic_word;
static volatile int volatile_flag;

/* Not static, and called through pointers, so that the compiler cannot prove the mistakes away. */
int flag;
char bytes[8];
void *block;
void *(*allocate)(size_t) = malloc;
void (*release)(void *) = free;

static int recurse(volatile char *above) {
    volatile char frame[1000];
    frame[0] = above[0];
    return recurse(frame) + frame[0];
}

static void *other_thread(void *argument) {
    switch (PLANTED) {
    case 1:
        pthread_mutex_unlock(&one);
        break;
    case 6:
        pthread_mutex_lock(&two);
        pthread_mutex_lock(&one);
        pthread_mutex_unlock(&one);
        pthread_mutex_unlock(&two);
        break;
    case 22:
        pthread_cond_signal(&changed);
        break;
    case 23:
        volatile_flag = 1;
        break;
    case 24:
        pthread_mutex_lock(&one);
        break;
    case 27:
        flag = *(int *)argument;
        break;
    case 28:
        bytes[1] = 1;
        bytes[2] = 1;
        break;
    case 31:
        pthread_join(pthread_self(), NULL);
        break;
    case 32:
        memset(block, 1, 8);
        break;
    default:
        bytes[1] = 1;
        break;
    }
    return NULL;
}

static void with_other_thread(void) {
    pthread_t thread;
    int given = 1;
    if (PLANTED == 1) pthread_mutex_lock(&one);
    pthread_create(&thread, NULL, other_thread, &given);
    switch (PLANTED) {
    case 6:
        pthread_mutex_lock(&one);
        pthread_mutex_lock(&two);
        pthread_mutex_unlock(&two);
        pthread_mutex_unlock(&one);
        break;
    case 22:
        pthread_mutex_lock(&one);
        pthread_cond_wait(&changed, &one);
        pthread_mutex_unlock(&one);
        break;
    case 23:
        while (!volatile_flag) explore_yield();
        break;
    case 24:
        pthread_mutex_lock(&one);
        pthread_mutex_unlock(&one);
        break;
    case 27:
        given = 2;
        break;
    case 28:
        bytes[0] = 1;
        bytes[2] = 2;
        break;
    case 32:
        memcpy(bytes, block, 8);
        break;
    default:
        bytes[0] = 1; /* next to the other thread's byte: no race */
        break;
    }
    if (PLANTED != 9) pthread_join(thread, NULL);
    if (PLANTED == 8) pthread_join(thread, NULL);
}

struct wide {
    char bytes[40];
};
static _Atomic struct wide wide;

static void locks(void) {
    pthread_mutex_t *mutex = malloc(sizeof *mutex);
    if (PLANTED != 3) pthread_mutex_init(mutex, NULL);
    if (PLANTED == 4) pthread_mutex_destroy(mutex);
    if (PLANTED == 26) free(mutex);
    if (PLANTED != 2) pthread_mutex_lock(mutex);
    if (PLANTED == 5) pthread_mutex_lock(mutex);
    pthread_mutex_unlock(mutex);
    pthread_cond_t own;
    if (PLANTED != 35) pthread_cond_init(&own, NULL);
    pthread_cond_signal(&own);
    pthread_cond_destroy(&own);
    if (PLANTED == 7) pthread_cond_wait(&changed, mutex);
    pthread_mutex_destroy(mutex);
    free(mutex);
}

static void memory(void) {
    char *memory = allocate(5);
    memory[PLANTED == 14 ? 5 : 4] = 1;
    if (PLANTED == 11 || PLANTED == 13) release(memory);
    if (PLANTED == 13) memory[0] = 2;
    if (PLANTED == 15) *(volatile int *)(long)flag = 1;
    if (PLANTED == 36) *((volatile char *)(uintptr_t)malloc + 1) = 1;
    if (PLANTED != 10) release(PLANTED == 12 ? memory + 1 : memory);
}

static void overlook(const char *format, ...) {
    (void)format;
}

/* Tables of what a program calls lie before its variables. */
static void muzzle(void) {
    void (*volatile *volatile slot)(const char *, ...) = (void (*volatile *)(const char *, ...))&flag;
    while (*--slot != explore_fail) continue;
    *slot = overlook;
}

static void ends(void) {
    if (PLANTED == 37) {
        muzzle();
        explore_fail("nothing is right");
    }
    if (PLANTED == 16) assert(flag == 1);
    if (PLANTED == 17) exit(0);
    if (PLANTED == 20) volatile_flag = 100 / volatile_flag;
    if (PLANTED == 21) flag = recurse((char *)&flag);
    if (PLANTED == 25) abort();
#if PLANTED == 29
    select(0, NULL, NULL, NULL, NULL);
#endif
#if PLANTED == 33
    __tsan_unheard_of();
#endif
#if PLANTED == 34
    syscall(0);
#endif
#if PLANTED == 30
    struct wide copy = atomic_load(&wide);
    flag = copy.bytes[0];
#endif
}

static void run(void) {
    block = malloc(8);
    char *kept = block;
    memset(kept, 0, 8);
    with_other_thread();
    free(kept);
    locks();
    memory();
    ends();
    while (PLANTED == 18 && !flag) {
    }
    while (PLANTED == 19 && !atomic_load(&atomic_word)) {
    }
}

const struct explore_scenario explore_scenarios[] = {{"run", run}, {NULL, NULL}};
