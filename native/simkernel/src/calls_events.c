/* SPDX-License-Identifier: MIT */
/* calls_events.c -- epoll, eventfd, timerfd, clocks. */
#include "calls.h"
#include "clock.h"
#include "options.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#define NS_PER_S 1000000000ull

static int refuse(int error) {
    errno = error;
    return -1;
}

int sim_epoll_create1(int flags);
int sim_epoll_create1(int flags) {
    call_begin("epoll_create1", CALLER());
    only_flags("epoll_create1", (unsigned)flags, EPOLL_CLOEXEC);
    int fd =
        made_to_fail("epoll_create1") ? -1 : descriptor_new(file_new(EPOLL), "epoll_create1", flags & EPOLL_CLOEXEC);
    return (int)call_end(fd, "epoll_create1()");
}

int sim_epoll_create(int size);
int sim_epoll_create(int size) {
    call_begin("epoll_create", CALLER());
    int fd = size <= 0                       ? refuse(EINVAL)
             : made_to_fail("epoll_create1") ? -1
                                             : descriptor_new(file_new(EPOLL), "epoll_create", false);
    return (int)call_end(fd, "epoll_create()");
}

static const char *const operations[] = {"?", "ADD", "DEL", "MOD"};

int sim_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event);
int sim_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event) {
    call_begin("epoll_ctl", CALLER());
    const char *name = op >= 1 && op <= 3 ? operations[op] : "?";
    return (int)call_end(epoll_change(epoll_fd, op, fd, event), "epoll_ctl(%s, %d)", name, fd);
}

static int wait_for_events(const char *name, int epoll_fd, struct epoll_event *events, int most, int timeout_ms) {
    struct file *epoll = known_file(epoll_fd, name);
    if (epoll->kind != EPOLL || most <= 0) return refuse(EINVAL);
    int found = epoll_sleep(epoll, events, most, timeout_ms);
    world_hooks.moved(NULL, 0, false);
    return found;
}

int sim_epoll_wait(int epoll_fd, struct epoll_event *events, int most, int timeout_ms);
int sim_epoll_wait(int epoll_fd, struct epoll_event *events, int most, int timeout_ms) {
    call_begin("epoll_wait", CALLER());
    int found = wait_for_events("epoll_wait", epoll_fd, events, most, timeout_ms);
    return (int)call_end(found, "epoll_wait(%d ms)%s", timeout_ms, events_told());
}

int sim_epoll_pwait(int epoll_fd, struct epoll_event *events, int most, int timeout_ms, const sigset_t *mask);
int sim_epoll_pwait(int epoll_fd, struct epoll_event *events, int most, int timeout_ms, const sigset_t *mask) {
    (void)mask;
    call_begin("epoll_pwait", CALLER());
    int found = wait_for_events("epoll_pwait", epoll_fd, events, most, timeout_ms);
    return (int)call_end(found, "epoll_pwait(%d ms)%s", timeout_ms, events_told());
}

int sim_eventfd(unsigned count, int flags);
int sim_eventfd(unsigned count, int flags) {
    call_begin("eventfd", CALLER());
    only_flags("eventfd", (unsigned)flags, EFD_NONBLOCK | EFD_CLOEXEC | EFD_SEMAPHORE);
    struct file *file = file_new(EVENT);
    file->event.count = count, file->event.semaphore = flags & EFD_SEMAPHORE;
    file->nonblocking = flags & EFD_NONBLOCK;
    return (int)call_end(descriptor_new(file, "eventfd", flags & EFD_CLOEXEC), "eventfd()");
}

int sim_timerfd_create(int clock, int flags);
int sim_timerfd_create(int clock, int flags) {
    (void)clock;
    call_begin("timerfd_create", CALLER());
    only_flags("timerfd_create", (unsigned)flags, TFD_NONBLOCK | TFD_CLOEXEC);
    struct file *file = file_new(TIMER);
    file->nonblocking = flags & TFD_NONBLOCK;
    return (int)call_end(descriptor_new(file, "timerfd_create", flags & TFD_CLOEXEC), "timerfd_create()");
}

static uint64_t nanoseconds(struct timespec t) {
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static struct timespec timespec_of(uint64_t ns) {
    return (struct timespec){(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
}

static void timer_expires(void *argument) {
    struct file *file = argument;
    file->timer.expirations++;
    file->timer.at = file->timer.interval_ns ? clock_now + file->timer.interval_ns : 0;
    if (file->timer.at) clock_alarm(file->timer.at, timer_expires, file);
    file_wake(file, EPOLLIN);
}

void timer_stop(struct file *file) {
    clock_alarm(NEVER, timer_expires, file);
}

static int timer_set(int fd, int flags, const struct itimerspec *new, struct itimerspec *old) {
    struct file *file = known_file(fd, "timerfd_settime");
    if (file->kind != TIMER) return refuse(EINVAL);
    if (old) *old = (struct itimerspec){{0, 0}, {0, 0}};
    uint64_t in = nanoseconds(new->it_value);
    file->timer.expirations = 0;
    file->timer.interval_ns = nanoseconds(new->it_interval);
    file->timer.at = !in ? 0 : flags & TFD_TIMER_ABSTIME ? in : clock_now + in;
    clock_alarm(in ? file->timer.at : NEVER, timer_expires, file);
    return 0;
}

int sim_timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old);
int sim_timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old) {
    call_begin("timerfd_settime", CALLER());
    only_flags("timerfd_settime", (unsigned)flags, TFD_TIMER_ABSTIME);
    return (int)call_end(timer_set(fd, flags, new, old), "timerfd_settime(%d)", fd);
}

int sim_timerfd_gettime(int fd, struct itimerspec *now);
int sim_timerfd_gettime(int fd, struct itimerspec *now) {
    call_begin("timerfd_gettime", CALLER());
    struct file *file = known_file(fd, "timerfd_gettime");
    uint64_t left = file->kind == TIMER && file->timer.at > clock_now ? file->timer.at - clock_now : 0;
    *now = (struct itimerspec){timespec_of(file->timer.interval_ns), timespec_of(left)};
    return (int)call_end(0, "timerfd_gettime(%d)", fd);
}

static uint64_t time_of_day(void) {
    return clock_now + world_faults.time_of_day_ns;
}

/* Clocks are no system calls (the vDSO answers), so nothing happens in them. */
int sim_clock_gettime(clockid_t clock, struct timespec *now);
int sim_clock_gettime(clockid_t clock, struct timespec *now) {
    bool settable = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
    *now = timespec_of(settable ? time_of_day() : clock_now);
    return 0;
}

int sim_clock_getres(clockid_t clock, struct timespec *resolution);
int sim_clock_getres(clockid_t clock, struct timespec *resolution) {
    (void)clock;
    if (resolution) *resolution = (struct timespec){0, 1};
    return 0;
}

int sim_timespec_get(struct timespec *now, int base);
int sim_timespec_get(struct timespec *now, int base) {
    *now = timespec_of(time_of_day());
    return base;
}

int sim_gettimeofday(struct timeval *now, void *zone);
int sim_gettimeofday(struct timeval *now, void *zone) {
    (void)zone;
    *now = (struct timeval){(time_t)(time_of_day() / NS_PER_S), (suseconds_t)(time_of_day() % NS_PER_S / 1000)};
    return 0;
}

/* Of the CPU: what goes by in system calls. */
clock_t sim_clock(void);
clock_t sim_clock(void) {
    return (clock_t)(clock_now / (NS_PER_S / CLOCKS_PER_SEC));
}

time_t sim_time(time_t *now);
time_t sim_time(time_t *now) {
    time_t seconds = (time_t)(time_of_day() / NS_PER_S);
    if (now) *now = seconds;
    return seconds;
}
