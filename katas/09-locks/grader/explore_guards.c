/* SPDX-License-Identifier: MIT */
/* explore_guards.c -- what guards a number: a spin lock, a mutex, and a semaphore with one unit.
 *
 * Two or three threads change plain data. The lock lies in a block of memory with it, and the last user frees that,
 * while the unlock of another may be under way still. */
#include "explore.h"
#include "explored.h"
#include "locks.h"

#include <pthread.h>
#include <stdlib.h>

enum { ROUNDS = 2, MOST = 3, SOON_NS = 1000 };

struct guarded {
    struct spin spin;
    struct mutex mutex, second;
    struct sem sem;
    int users, changes;
};

static struct guarded *shared;
static void (*enter)(struct guarded *), (*leave)(struct guarded *);

static struct guarded *new_guarded(int users) {
    struct guarded *g = calloc(1, sizeof *g);
    g->users = users;
    return g;
}

static void enter_spin(struct guarded *g) {
    if (explore_choose(2) && spin_try(&g->spin)) return;
    spin_lock(&g->spin);
}

static void leave_spin(struct guarded *g) {
    spin_unlock(&g->spin);
}

static bool got_mutex_in_time(struct guarded *g) {
    uint64_t deadline_ns = clock_ns() + SOON_NS;
    bool got = mutex_lock_until(&g->mutex, deadline_ns);
    if (!got) check_not_early("mutex_lock_until", deadline_ns);
    return got;
}

static void enter_mutex(struct guarded *g) {
    unsigned way = explore_choose(3);
    if (way == 1 && mutex_try(&g->mutex)) return;
    if (way == 2 && got_mutex_in_time(g)) return;
    mutex_lock(&g->mutex);
}

static void leave_mutex(struct guarded *g) {
    mutex_unlock(&g->mutex);
}

static void enter_both(struct guarded *g) {
    struct mutex *up[] = {&g->mutex, &g->second}, *down[] = {&g->second, &g->mutex, &g->second};
    if (explore_choose(2))
        mutex_lock_all(up, 2);
    else
        mutex_lock_all(down, 3);
}

static void leave_both(struct guarded *g) {
    mutex_unlock(&g->second);
    mutex_unlock(&g->mutex);
}

static void enter_sem(struct guarded *g) {
    unsigned way = explore_choose(3);
    uint64_t deadline_ns = clock_ns() + SOON_NS;
    if (way == 1 && sem_try_down(&g->sem)) return;
    if (way == 2) {
        if (sem_down_until(&g->sem, deadline_ns)) return;
        check_not_early("sem_down_until", deadline_ns);
    }
    sem_down(&g->sem);
}

static void leave_sem(struct guarded *g) {
    sem_up(&g->sem);
}

static void *use(void *rounds) {
    struct guarded *g = shared;
    bool last = false;
    for (long i = (long)rounds; i > 0; i--) {
        enter(g);
        g->changes++;
        if (i == 1) last = --g->users == 0;
        leave(g);
    }
    if (last) free(g);
    return NULL;
}

static void use_all(void (*in)(struct guarded *), void (*out)(struct guarded *), int most) {
    pthread_t threads[MOST];
    int count = 2 + (int)explore_choose((unsigned)most - 1);
    enter = in, leave = out;
    shared->users = count;
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, use, (void *)(long)(1 + explore_choose(ROUNDS)));
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

void explore_spin(void) {
    shared = new_guarded(0);
    use_all(enter_spin, leave_spin, MOST);
}

void explore_mutex(void) {
    shared = new_guarded(0);
    bool twice = explore_choose(3) == 2;
    use_all(twice ? enter_both : enter_mutex, twice ? leave_both : leave_mutex, MOST);
}

static void lock_mutex(struct guarded *g) {
    mutex_lock(&g->mutex);
}

/* For the exhaustive search: three threads, once each. */
void explore_mutex_small(void) {
    pthread_t threads[2];
    shared = new_guarded(3);
    enter = lock_mutex, leave = leave_mutex;
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, use, (void *)1L);
    use((void *)1L);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

/* One brings a unit, another takes it and frees the semaphore. */
static void *bring(void *unused) {
    sem_up(&shared->sem);
    return unused;
}

static void hand_over(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, bring, NULL);
    if (explore_choose(2)) explore_wait_idle(0);
    sem_down(&shared->sem);
    if (sem_try_down(&shared->sem)) explore_fail("one unit was brought, and two were taken");
    free(shared);
    pthread_join(thread, NULL);
}

/* As many are brought as are taken, by threads of which some sleep. */
static void *take_one(void *unused) {
    sem_down(&shared->sem);
    return unused;
}

static void several(void) {
    pthread_t threads[MOST];
    for (int i = 0; i < MOST; i++) pthread_create(&threads[i], NULL, take_one, NULL);
    for (int i = 0; i < MOST; i++) sem_up(&shared->sem);
    for (int i = 0; i < MOST; i++) pthread_join(threads[i], NULL);
    if (sem_try_down(&shared->sem)) explore_fail("3 units were brought, and 4 were taken");
    free(shared);
}

/* For each of those that try there is a unit all the time. */
static void *try_one(void *unused) {
    if (!sem_try_down(&shared->sem))
        explore_fail("there was a unit for each of two threads, and the sem_try_down of one of them answered false");
    return unused;
}

static void enough(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) sem_up(&shared->sem);
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, try_one, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    free(shared);
}

void explore_semaphore(void) {
    unsigned way = explore_choose(3);
    shared = new_guarded(0);
    if (way == 1 && explore_choose(3) == 0) return enough();
    if (way == 1) return hand_over();
    if (way == 2) return several();
    sem_up(&shared->sem);
    use_all(enter_sem, leave_sem, MOST);
}
