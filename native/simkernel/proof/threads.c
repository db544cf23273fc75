/* SPDX-License-Identifier: MIT */
/* threads.c -- a loop and two workers, as a program under test writes them. WRONG
 * chooses a mistake: each is one that only some schedules show. */
#include "threads.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WORKERS = 2 };
enum { RIGHT, WAITS_ONCE, SIGNALS_NOBODY, LOCKED_JOB, LEFT_LOCKED, TELLS_TOO_EARLY, POLLS, NEVER_JOINED, UNLOCKED };
#ifndef WRONG
#define WRONG RIGHT
#endif

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    int waiting, done, event_fd;
    bool stopping;
    void (*job)(void);
};

static void take_job(struct pool *p) {
    if (WRONG == WAITS_ONCE) {
        if (p->waiting == 0 && !p->stopping) pthread_cond_wait(&p->more, &p->lock);
    } else {
        while (p->waiting == 0 && !p->stopping)
            if (WRONG == POLLS) {
                pthread_mutex_unlock(&p->lock);
                pthread_mutex_lock(&p->lock);
            } else {
                pthread_cond_wait(&p->more, &p->lock);
            }
    }
    p->waiting--;
}

static void tell(struct pool *p) {
    if (write(p->event_fd, &(uint64_t){1}, sizeof(uint64_t)) < 0) abort();
}

static void do_job(struct pool *p) {
    if (WRONG != LOCKED_JOB) pthread_mutex_unlock(&p->lock);
    if (WRONG == TELLS_TOO_EARLY) tell(p);
    p->job();
    if (WRONG != LOCKED_JOB) pthread_mutex_lock(&p->lock);
    p->done++;
    if (WRONG != TELLS_TOO_EARLY) tell(p);
}

static void *work(void *argument) {
    struct pool *p = argument;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        take_job(p);
        if (p->waiting < 0 && p->stopping) break;
        do_job(p);
    }
    p->waiting++;
    if (WRONG != LEFT_LOCKED) pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void add_jobs(struct pool *p, int jobs) {
    for (; jobs > 0; jobs--) {
        if (WRONG != UNLOCKED) pthread_mutex_lock(&p->lock);
        p->waiting++;
        if (WRONG != SIGNALS_NOBODY) pthread_cond_signal(&p->more);
        pthread_mutex_unlock(&p->lock);
    }
}

static int wait_for(struct pool *p, int epoll_fd, int jobs) {
    for (int done = 0; done < jobs;) {
        struct epoll_event event;
        uint64_t count;
        if (epoll_wait(epoll_fd, &event, 1, -1) < 1) continue;
        if (read(p->event_fd, &count, sizeof count) < 0) continue;
        pthread_mutex_lock(&p->lock);
        done = p->done;
        pthread_mutex_unlock(&p->lock);
    }
    return p->done;
}

int pool_run(int stop_fd, int jobs, void (*job)(void)) {
    struct pool p = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .job = job};
    pthread_t workers[WORKERS];
    int epoll_fd = epoll_create1(0);
    (void)stop_fd;
    p.event_fd = eventfd(0, EFD_NONBLOCK);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, p.event_fd, &(struct epoll_event){.events = EPOLLIN});
    for (int i = 0; i < WORKERS; i++) pthread_create(&workers[i], NULL, work, &p);
    add_jobs(&p, jobs);
    int done = wait_for(&p, epoll_fd, jobs);
    pthread_mutex_lock(&p.lock);
    p.stopping = true;
    pthread_cond_broadcast(&p.more);
    pthread_mutex_unlock(&p.lock);
    for (int i = 0; i < WORKERS && WRONG != NEVER_JOINED; i++) pthread_join(workers[i], NULL);
    pthread_mutex_destroy(&p.lock);
    pthread_cond_destroy(&p.more);
    close(epoll_fd);
    close(p.event_fd);
    return done;
}
