/* SPDX-License-Identifier: MIT */
/* small_pool.c -- as much of kata 01's contract (thread_pool.h) as
 * server_pool.c uses: a ring of jobs, a mutex, two conditions. */
#include "thread_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct job {
    pool_job run;
    void *arg;
};

struct thread_pool {
    pthread_mutex_t lock;
    pthread_cond_t work, room;
    size_t capacity, first, count; /* of `queue` */
    bool closed;
    size_t started;
    pthread_t *threads;
    struct job queue[];
};

/* False: closed, and nothing is left to do. Called with the lock held. */
static bool next_job(struct thread_pool *p, struct job *out) {
    while (p->count == 0 && !p->closed) pthread_cond_wait(&p->work, &p->lock);
    if (p->count == 0) return false;
    *out = p->queue[p->first];
    p->first = (p->first + 1) % p->capacity;
    p->count--;
    pthread_cond_signal(&p->room);
    return true;
}

static void *work(void *argument) {
    struct thread_pool *p = argument;
    struct job job;
    pthread_mutex_lock(&p->lock);
    while (next_job(p, &job)) {
        pthread_mutex_unlock(&p->lock);
        job.run(job.arg);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    struct thread_pool *p = calloc(1, sizeof *p + queue_capacity * sizeof *p->queue);
    if (!p) return NULL;
    p->capacity = queue_capacity;
    p->threads = calloc(workers, sizeof *p->threads);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->room, NULL);
    while (p->threads && p->started < workers) {
        if (pthread_create(&p->threads[p->started], NULL, work, p) != 0) break;
        p->started++;
    }
    if (p->threads && p->started == workers) return p;
    pool_free(p);
    return NULL;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job run, void *arg) {
    pthread_mutex_lock(&p->lock);
    while (p->count == p->capacity && !p->closed) pthread_cond_wait(&p->room, &p->lock);
    bool accepted = !p->closed;
    if (accepted) {
        p->queue[(p->first + p->count++) % p->capacity] = (struct job){run, arg};
        pthread_cond_signal(&p->work);
    }
    pthread_mutex_unlock(&p->lock);
    return accepted ? POOL_OK : POOL_CLOSED;
}

void pool_free(struct thread_pool *p) {
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->started; i++) pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->room);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p->threads);
    free(p);
}
