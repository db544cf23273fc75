/* SPDX-License-Identifier: MIT
 *
 * primitives.c -- correct uses of everything the explorer models, each checked by what it must
 * order.
 *
 * planted 1 (race): two threads write under a read lock
 * planted 2 (race|property): the barrier is too early
 * planted 3 (race): the semaphore is posted before the write
 * planted 4 (race): trylock's failure is ignored
 * planted 5 (deadlock): a reader upgrades its lock
 * planted 6 (property): a deadline on the wrong clock
 * planted 7 (race): a pointer to a thread-local variable is used without ordering
 * planted 8 (race): a C11 mutex is not taken by one side
 * planted 9 (property): a deadline by the time of day, which is set meanwhile
 * planted 10 (all_asleep): nobody ends a wait of 584 years
 * planted 11 (race|property): a join that timed out is taken for one
 * planted 12 (misuse): a barrier that was not destroyed is initialised again
 * planted 13 (misuse): an aligned block whose size is no multiple of the alignment
 * planted 14 (misuse): an alignment that is no power of two */
#define _GNU_SOURCE
#include "explore.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static int shared; /* plain: every access to it must be ordered */

static void run_two(void *(*one)(void *), void *(*other)(void *)) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void *write_locked(void *unused) {
    if (PLANTED == 5) pthread_rwlock_rdlock(&rwlock);
    if (PLANTED == 1)
        pthread_rwlock_rdlock(&rwlock);
    else
        pthread_rwlock_wrlock(&rwlock);
    shared++;
    pthread_rwlock_unlock(&rwlock);
    return unused;
}

static void *read_locked(void *unused) {
    if (pthread_rwlock_tryrdlock(&rwlock)) pthread_rwlock_rdlock(&rwlock);
    int first = shared;
    explore_yield();
    if (shared != first) explore_fail("a value changed under a read lock");
    pthread_rwlock_unlock(&rwlock);
    return write_locked(unused);
}

static void run_rwlock(void) {
    run_two(write_locked, read_locked);
}

static pthread_barrier_t barrier;
static int parts[2];

static void *fill_and_meet(void *argument) {
    int me = argument != NULL;
    if (PLANTED == 2) pthread_barrier_wait(&barrier);
    parts[me] = me + 1;
    if (PLANTED != 2) pthread_barrier_wait(&barrier);
    if (parts[0] + parts[1] != 3) explore_fail("behind the barrier the parts are %d and %d", parts[0], parts[1]);
    pthread_barrier_wait(&barrier);
    parts[me] = 5;
    return NULL;
}

static void run_barrier(void) {
    pthread_t other;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&other, NULL, fill_and_meet, &barrier);
    fill_and_meet(NULL);
    pthread_join(other, NULL);
    if (PLANTED != 12) pthread_barrier_destroy(&barrier);
    pthread_barrier_init(&barrier, NULL, 3);
    pthread_barrier_destroy(&barrier);
}

static sem_t items;

static void *post(void *unused) {
    if (PLANTED == 3) sem_post(&items);
    shared = 3;
    if (PLANTED != 3) sem_post(&items);
    return unused;
}

static void *take(void *unused) {
    if (sem_trywait(&items)) sem_wait(&items);
    if (shared != 3) explore_fail("behind the semaphore the value is %d", shared);
    return unused;
}

static void run_semaphore(void) {
    sem_init(&items, 0, 0);
    run_two(post, take);
    sem_destroy(&items);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_spinlock_t spin;
static pthread_mutex_t recursive;

static void initialise(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&recursive, &attributes);
    pthread_mutexattr_destroy(&attributes);
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
}

static void *lock_twice(void *unused) {
    pthread_once(&once, initialise);
    pthread_mutex_lock(&recursive);
    pthread_mutex_lock(&recursive);
    shared++;
    pthread_mutex_unlock(&recursive);
    shared++;
    pthread_mutex_unlock(&recursive);
    if (PLANTED == 4)
        pthread_spin_trylock(&spin);
    else
        pthread_spin_lock(&spin);
    parts[0]++;
    if (PLANTED != 4) pthread_spin_unlock(&spin);
    return unused;
}

static void run_locks(void) {
    run_two(lock_twice, lock_twice);
    if (PLANTED != 4) pthread_spin_destroy(&spin);
    if (shared != 4) explore_fail("%d increments instead of 4", shared);
    pthread_mutex_destroy(&recursive);
}

static pthread_cond_t changed;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct timespec in_a_second(clockid_t clock) {
    struct timespec when;
    clock_gettime(clock, &when);
    when.tv_sec++;
    return when;
}

static bool late(const struct timespec *when) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > when->tv_sec || (now.tv_sec == when->tv_sec && now.tv_nsec >= when->tv_nsec);
}

static void run_timeout(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    if (PLANTED != 6) pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    struct timespec when = in_a_second(CLOCK_MONOTONIC);
    pthread_mutex_lock(&mutex);
    int status = 0;
    while (status == 0) status = pthread_cond_timedwait(&changed, &mutex, &when);
    pthread_mutex_unlock(&mutex);
    if (status != ETIMEDOUT || !late(&when)) explore_fail("a wait of one second ended early, with status %d", status);
    when = in_a_second(CLOCK_REALTIME);
    if (pthread_mutex_timedlock(&mutex, &when)) explore_fail("a free mutex could not be taken in time");
    pthread_mutex_unlock(&mutex);
    pthread_cond_destroy(&changed);
}

static struct timespec at_ns(uint64_t ns) {
    return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

/* Setting the time of day moves that clock and no other. */
static void run_clock_set(void) {
    clockid_t clock = PLANTED == 9 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    struct timespec when = in_a_second(clock), on_time = in_a_second(CLOCK_MONOTONIC), before, after;
    clock_gettime(CLOCK_REALTIME, &before);
    explore_step_realtime(3600);
    clock_gettime(CLOCK_REALTIME, &after);
    on_time.tv_sec--, on_time.tv_nsec += 900000000; /* 0.9 s from the beginning */
    if (on_time.tv_nsec >= 1000000000) on_time.tv_nsec -= 1000000000, on_time.tv_sec++;
    if (after.tv_sec - before.tv_sec < 3600) explore_fail("the time of day was set forward and is not");
    pthread_cond_init(&changed, NULL);
    pthread_mutex_lock(&mutex);
    while (pthread_cond_clockwait(&changed, &mutex, clock, &when) == 0) continue;
    pthread_mutex_unlock(&mutex);
    if (!late(&on_time)) explore_fail("a wait of one second ended early");
    pthread_cond_destroy(&changed);
}

static bool told;

static void *tell(void *unused) {
    pthread_mutex_lock(&mutex);
    told = PLANTED != 10;
    if (told) pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
    return unused;
}

/* The longest timeouts do not pass, and do not wrap around. */
static void run_far_deadline(void) {
    pthread_t teller;
    struct timespec when = at_ns(UINT64_MAX - explore_choose(2) * (UINT64_MAX / 2));
    pthread_cond_init(&changed, NULL);
    pthread_create(&teller, NULL, tell, NULL);
    pthread_mutex_lock(&mutex);
    while (!told)
        if (pthread_cond_clockwait(&changed, &mutex, CLOCK_MONOTONIC, &when)) explore_fail("292 years have passed");
    pthread_mutex_unlock(&mutex);
    pthread_join(teller, NULL);
    pthread_cond_destroy(&changed);
}

static _Thread_local int own = 7;
static int *_Atomic lent;

static void *lend(void *unused) {
    own = 8;
    atomic_store_explicit(&lent, &own, PLANTED == 7 ? memory_order_relaxed : memory_order_release);
    sem_wait(&items);
    return unused;
}

static void *borrow(void *unused) {
    int *theirs;
    while (!(theirs = atomic_load_explicit(&lent, memory_order_acquire))) explore_yield();
    if (own != 7 || *theirs != 8 || theirs == &own) explore_fail("thread-local variables mix: %d and %d", own, *theirs);
    sem_post(&items);
    return unused;
}

static void run_thread_local(void) {
    sem_init(&items, 0, 0);
    run_two(lend, borrow);
    sem_destroy(&items);
}

static mtx_t lock11;
static cnd_t changed11;
static once_flag once11 = ONCE_FLAG_INIT;
static tss_t key11;
static int destroyed;

static void count_destroyed(void *value) {
    mtx_lock(&lock11);
    destroyed += *(int *)value;
    mtx_unlock(&lock11);
    free(value);
}

static void initialise11(void) {
    mtx_init(&lock11, mtx_plain);
    cnd_init(&changed11);
    tss_create(&key11, count_destroyed);
}

static int set11(void *unused) {
    (void)unused;
    call_once(&once11, initialise11);
    int *value = malloc(sizeof *value);
    *value = 4;
    tss_set(key11, value);
    if (PLANTED != 8) mtx_lock(&lock11);
    shared = 11;
    if (PLANTED != 8) mtx_unlock(&lock11);
    cnd_broadcast(&changed11);
    return 9;
}

static void run_c11(void) {
    thrd_t thread;
    int result;
    call_once(&once11, initialise11);
    thrd_create(&thread, set11, NULL);
    mtx_lock(&lock11);
    while (shared != 11) cnd_wait(&changed11, &lock11);
    mtx_unlock(&lock11);
    thrd_join(thread, &result);
    if (result != 9 || destroyed != 4) explore_fail("joined with %d, destructors counted %d", result, destroyed);
    mtx_destroy(&lock11);
    cnd_destroy(&changed11);
    tss_delete(key11);
}

static void *set_detached(void *unused) {
    pthread_mutex_lock(&mutex);
    shared = 1;
    pthread_mutex_unlock(&mutex);
    struct timespec nap = {1, 0};
    nanosleep(&nap, NULL);
    pthread_exit(unused);
}

static void run_detached(void) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_create(&thread, &attributes, set_detached, NULL);
    pthread_attr_destroy(&attributes);
    pthread_mutex_lock(&mutex);
    int seen = shared;
    pthread_mutex_unlock(&mutex);
    if (seen != 0 && seen != 1) explore_fail("the value is %d", seen);
}

static _Atomic double sum; /* gcc's += asks for floating exceptions by a call */

static void *add_late(void *unused) {
    struct timespec nap = {0, 100000};
    nanosleep(&nap, NULL);
    sum += 0.5;
    shared = 2;
    return unused;
}

static void run_timed_join(void) {
    pthread_t thread;
    struct timespec end;
    pthread_create(&thread, NULL, add_late, NULL);
    sum += 0.5;
    clock_gettime(CLOCK_MONOTONIC, &end);
    int error = pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &end);
    while (PLANTED != 11 && error) error = pthread_tryjoin_np(thread, NULL);
    if (shared != 2 || sum != 1) explore_fail("joined with %d and %g", shared, sum);
    if (PLANTED == 11 && error) pthread_join(thread, NULL);
}

/* A mutex in a block that its last user frees: allowed, once the lock has been handed on. */
struct guarded {
    pthread_mutex_t mutex;
    int users;
};

static void *leave(void *argument) {
    struct guarded *guarded = argument;
    pthread_mutex_lock(&guarded->mutex);
    bool last = --guarded->users == 0;
    pthread_mutex_unlock(&guarded->mutex);
    if (last) {
        pthread_mutex_destroy(&guarded->mutex);
        free(guarded);
    }
    return NULL;
}

static void run_last_user_frees(void) {
    pthread_t threads[2];
    struct guarded *guarded = malloc(sizeof *guarded);
    pthread_mutex_init(&guarded->mutex, NULL);
    guarded->users = 2;
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, leave, guarded);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

/* Not a constant, or the compiler warns. */
size_t alignment = PLANTED == 14 ? 48 : 64;

static void run_memory(void) {
    char *text = strdup("abc");
    char *longer = realloc(text, 100);
    memset(longer + 3, 'd', 96);
    longer[99] = 0;
    void *aligned = NULL;
    if (strlen(longer) != 99 || posix_memalign(&aligned, 256, 10) || (size_t)aligned % 256)
        explore_fail("strdup, realloc or posix_memalign went wrong");
    free(aligned);
    free(longer);
    free(aligned_alloc(alignment, PLANTED == 13 ? 65 : 192));
    free(calloc(0, 8));
}

const struct explore_scenario explore_scenarios[] = {
    {"rwlock", run_rwlock},
    {"barrier", run_barrier},
    {"semaphore", run_semaphore},
    {"locks", run_locks},
    {"timeout", run_timeout},
    {"clock_set", run_clock_set},
    {"far_deadline", run_far_deadline},
    {"thread_local", run_thread_local},
    {"c11", run_c11},
    {"detached", run_detached},
    {"timed_join", run_timed_join},
    {"last_user_frees", run_last_user_frees},
    {"memory", run_memory},
    {NULL, NULL},
};
