/* SPDX-License-Identifier: MIT */
/* calls_kqueue.c -- kqueue, kevent. */
#include "calls.h"
#include "clock.h"
#include "kqueue.h"

#include <errno.h>

#define NS_PER_S 1000000000ull

/* No child inherits a kqueue, whatever its flags. */
int sim_kqueue(void);
int sim_kqueue(void) {
    call_begin("kqueue", CALLER());
    int fd = made_to_fail("kqueue") ? -1 : descriptor_new(file_new(KQUEUE), "kqueue", true);
    return (int)call_end(fd, "kqueue()");
}

static int refuse(int error) {
    errno = error;
    return -1;
}

/* Waits: in that, and only in that, others have their turn. */
static int events_of(struct file *queue, struct kevent *events, int most, const struct timespec *timeout) {
    uint64_t deadline =
        !timeout ? NEVER : clock_now + (uint64_t)timeout->tv_sec * NS_PER_S + (uint64_t)timeout->tv_nsec;
    bool patient = deadline != clock_now;
    for (;;) {
        int found = kqueue_collect(queue, events, most < MAX_KNOTES ? most : MAX_KNOTES);
        if (found > 0) return found;
        if (patient && interrupted()) return -1;
        if (!sleep_until(deadline)) return 0;
    }
}

static bool valid(const struct timespec *t) {
    return !t || (t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < (long)NS_PER_S);
}

int sim_kevent(int fd, const struct kevent *changes, int count, struct kevent *events, int most,
               const struct timespec *timeout);
int sim_kevent(int fd, const struct kevent *changes, int count, struct kevent *events, int most,
               const struct timespec *timeout) {
    call_begin("kevent", CALLER());
    struct file *queue = known_file(fd, "kevent");
    int found = -1;
    kqueue_told[0] = 0;
    if (queue->kind != KQUEUE)
        refuse(EBADF);
    else if (count < 0 || most < 0 || !valid(timeout))
        refuse(EINVAL);
    else
        found = kqueue_change_all(queue, changes, count, events, most);
    if (found == 0 && most > 0) {
        found = events_of(queue, events, most, timeout);
        world_hooks.moved(NULL, 0, false);
    }
    return (int)call_end(found, "kevent(%d change%s, %d events)%s%s", count, count == 1 ? "" : "s", most, kqueue_told,
                         kqueue_told[0] ? "]" : "");
}
