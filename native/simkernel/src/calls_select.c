/* SPDX-License-Identifier: MIT */
/* calls_select.c -- select and poll, as fs/select.c has them: each call asks every
 * file that it names what is true now, and sleeps as long as nothing is. */
#include "calls.h"
#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

/* What select takes for readable, writable and exceptional. */
#define IN_SET (EPOLLRDNORM | EPOLLRDBAND | EPOLLIN | EPOLLHUP | EPOLLERR)
#define OUT_SET (EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT | EPOLLERR)
#define EXCEPT_SET EPOLLPRI

#define NS_PER_S 1000000000ull

static const struct world_rule too_many = {"select_range", "select's first argument is at most FD_SETSIZE",
                                           "how many bits does an fd_set have?"};

static int refuse(int error) {
    errno = error;
    return -1;
}

/* A regular file never makes anybody wait. */
static uint32_t ready_now(struct file *file) {
    return file->kind == PLAIN ? EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM : file_poll(file);
}

/* Looks again and again, with sleep in between. */
struct look {
    int (*once)(struct look *); /* how many answers; negative: an error */
    uint64_t deadline;
    bool may_sleep;
    struct pollfd *watched;
    nfds_t watched_count;
    int highest; /* plus one */
    fd_set asked[3], found[3];
};

static int look(struct look *l) {
    for (;;) {
        tell_nothing();
        int found = l->once(l);
        if (found != 0) return found;
        if (l->may_sleep && interrupted()) return -1;
        if (!sleep_until(l->deadline)) return 0;
    }
}

static int poll_one(struct pollfd *p) {
    p->revents = 0;
    if (p->fd < 0) return 0;
    struct file *file = descriptor_file(p->fd);
    uint32_t wanted = (uint16_t)p->events | EPOLLERR | EPOLLHUP;
    p->revents = (short)(file ? ready_now(file) & wanted : POLLNVAL);
    if (p->revents) tell_ready(p->fd, (uint32_t)p->revents);
    return p->revents != 0;
}

static int poll_once(struct look *l) {
    int found = 0;
    for (nfds_t i = 0; i < l->watched_count; i++) found += poll_one(&l->watched[i]);
    return found;
}

static int sets_once(struct look *l) {
    static const uint32_t masks[3] = {IN_SET, OUT_SET, EXCEPT_SET};
    int found = 0;
    memset(l->found, 0, sizeof l->found);
    for (int fd = 0; fd < l->highest; fd++) {
        bool wanted = FD_ISSET(fd, &l->asked[0]) || FD_ISSET(fd, &l->asked[1]) || FD_ISSET(fd, &l->asked[2]);
        if (!wanted) continue;
        struct file *file = descriptor_file(fd);
        if (!file) return -1;
        uint32_t now = ready_now(file), told = 0;
        for (int i = 0; i < 3; i++) {
            if (!FD_ISSET(fd, &l->asked[i]) || !(now & masks[i])) continue;
            FD_SET(fd, &l->found[i]);
            told |= i == 0 ? EPOLLIN : i == 1 ? EPOLLOUT : EPOLLPRI;
            found++;
        }
        if (told) tell_ready(fd, told);
    }
    return found;
}

static uint64_t deadline_in(uint64_t ns) {
    return ns > NEVER - clock_now ? NEVER : clock_now + ns;
}

static int poll_for(struct pollfd *watched, nfds_t count, uint64_t deadline, bool may_sleep) {
    if (count > MAX_DESCRIPTORS) return refuse(EINVAL);
    struct look l = {
        .once = poll_once, .deadline = deadline, .may_sleep = may_sleep, .watched = watched, .watched_count = count};
    int found = look(&l);
    world_hooks.moved(NULL, 0, false);
    return found;
}

int sim_poll(struct pollfd *watched, nfds_t count, int timeout_ms);
int sim_poll(struct pollfd *watched, nfds_t count, int timeout_ms) {
    call_begin("poll", CALLER());
    uint64_t deadline = timeout_ms < 0 ? NEVER : deadline_in((uint64_t)timeout_ms * NS_PER_MS);
    int found = poll_for(watched, count, deadline, timeout_ms != 0);
    return (int)call_end(found, "poll(%lu, %d ms)%s", (unsigned long)count, timeout_ms, events_told());
}

static bool is_time(const struct timespec *t) {
    return !t || (t->tv_sec >= 0 && t->tv_nsec >= 0 && (uint64_t)t->tv_nsec < NS_PER_S);
}

static uint64_t nanoseconds(const struct timespec *t) {
    return (uint64_t)t->tv_sec > NEVER / NS_PER_S - 1 ? NEVER : (uint64_t)t->tv_sec * NS_PER_S + (uint64_t)t->tv_nsec;
}

static uint64_t deadline_of(const struct timespec *t) {
    return t ? deadline_in(nanoseconds(t)) : NEVER;
}

int sim_ppoll(struct pollfd *watched, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
int sim_ppoll(struct pollfd *watched, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    (void)mask;
    call_begin("ppoll", CALLER());
    if (!is_time(timeout)) return (int)call_end(refuse(EINVAL), "ppoll(%lu)", (unsigned long)count);
    int found = poll_for(watched, count, deadline_of(timeout), !timeout || nanoseconds(timeout) > 0);
    return (int)call_end(found, "ppoll(%lu)%s", (unsigned long)count, events_told());
}

/* The sets are written when there is an answer, and when the time is up; not with an error. */
static int select_for(int highest, fd_set *sets[3], uint64_t deadline, bool may_sleep) {
    if (highest < 0) return refuse(EINVAL);
    if (highest > FD_SETSIZE)
        world_fail(&too_many, "select(%d, ...): an fd_set has %d bits, and what lies behind them is read", highest,
                   FD_SETSIZE);
    struct look l = {.once = sets_once, .deadline = deadline, .may_sleep = may_sleep, .highest = highest};
    for (int i = 0; i < 3; i++)
        if (sets[i]) l.asked[i] = *sets[i];
    int found = look(&l);
    for (int i = 0; i < 3; i++)
        if (sets[i] && found >= 0) memcpy(sets[i], &l.found[i], ((size_t)highest + 63) / 64 * 8);
    world_hooks.moved(NULL, 0, false);
    return found;
}

/* Linux takes the time that has passed off `timeout`, whatever the answer. */
static void leave_rest(struct timeval *timeout, uint64_t deadline) {
    uint64_t us = deadline > clock_now ? (deadline - clock_now) / 1000 : 0;
    *timeout = (struct timeval){(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
}

int sim_select(int highest, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout);
int sim_select(int highest, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout) {
    call_begin("select", CALLER());
    if (timeout && (timeout->tv_sec < 0 || timeout->tv_usec < 0))
        return (int)call_end(refuse(EINVAL), "select(%d)", highest);
    uint64_t us = timeout ? (uint64_t)timeout->tv_sec * 1000000 + (uint64_t)timeout->tv_usec : 0;
    uint64_t deadline = timeout ? deadline_in(us * 1000) : NEVER;
    int found = select_for(highest, (fd_set *[]){in, out, except}, deadline, !timeout || us > 0);
    if (timeout && deadline != NEVER) leave_rest(timeout, deadline);
    return (int)call_end(found, "select(%d)%s", highest, events_told());
}

int sim_pselect(int highest, fd_set *in, fd_set *out, fd_set *except, const struct timespec *timeout,
                const sigset_t *mask);
int sim_pselect(int highest, fd_set *in, fd_set *out, fd_set *except, const struct timespec *timeout,
                const sigset_t *mask) {
    (void)mask;
    call_begin("pselect", CALLER());
    if (!is_time(timeout)) return (int)call_end(refuse(EINVAL), "pselect(%d)", highest);
    int found =
        select_for(highest, (fd_set *[]){in, out, except}, deadline_of(timeout), !timeout || nanoseconds(timeout) > 0);
    return (int)call_end(found, "pselect(%d)%s", highest, events_told());
}
