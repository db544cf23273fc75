/* SPDX-License-Identifier: MIT */
/* epoll.c -- interest lists and ready lists, as fs/eventpoll.c has them.
 *
 * A wakeup puts a watch on the ready list if it asks for one of the events
 * that woke it (ep_poll_callback). epoll_wait asks every watch on that list
 * what is true now; one with nothing to tell is dropped, one that told
 * something stays on the list if it is level-triggered, and is dropped if it
 * is edge-triggered: until the next wakeup. An epoll that another one watches
 * is woken along with its watches, and readable if one of them has to tell. */
#include "calls.h"
#include "clock.h"
#include "file.h"
#include "options.h"
#include "threads.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRIVATE_BITS (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)
#define ALWAYS (EPOLLERR | EPOLLHUP)
#define WATCHED (EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM | EPOLLRDHUP | EPOLLPRI)
#define QUIET_NS (5000ull * NS_PER_MS) /* without progress, and then something is wrong */

enum { MAX_WATCHES = 512 };
static struct watch watches[MAX_WATCHES]; /* one without a file is free */

void epolls_reset(void) {
    memset(watches, 0, sizeof watches);
}

static struct watch *watch_new(void) {
    struct watch *w = watches;
    while (w < watches + MAX_WATCHES && w->file) w++;
    return w < watches + MAX_WATCHES ? w : NULL;
}

static void append_ready(struct watch *w) {
    struct epoll *e = &w->epoll->epoll;
    if (w->ready) return;
    w->ready = true, w->next_ready = NULL;
    if (e->ready)
        e->ready_tail->next_ready = w;
    else
        e->ready = w;
    e->ready_tail = w;
}

static void remove_ready(struct watch *w) {
    struct epoll *e = &w->epoll->epoll;
    struct watch *before = NULL;
    for (struct watch **at = &e->ready; *at; before = *at, at = &(*at)->next_ready) {
        if (*at != w) continue;
        *at = w->next_ready;
        if (e->ready_tail == w) e->ready_tail = before;
        break;
    }
    w->ready = false;
}

uint32_t epoll_poll(struct file *epoll) {
    for (struct watch *w = epoll->epoll.ready; w; w = w->next_ready)
        if (file_poll(w->file) & w->events & ~PRIVATE_BITS) return EPOLLIN;
    return 0;
}

/* Does `from` watch `to`, by however many epolls between them? */
static bool reaches(struct file *from, struct file *to) {
    if (from == to) return true;
    if (from->kind != EPOLL) return false;
    for (struct watch *w = from->epoll.all; w; w = w->next_of_epoll)
        if (reaches(w->file, to)) return true;
    return false;
}

void file_wake(struct file *file, uint32_t events) {
    file_wakes++;
    knotes_wake(file, events);
    ports_wake(file, events);
    events = file_normal(file, events);
    urings_wake(file, events);
    for (struct watch *w = file->watches; w; w = w->next_of_file) {
        if (!(w->events & ~PRIVATE_BITS)) continue; /* a one-shot that has fired */
        if (events != 0 && !(events & w->events)) continue;
        append_ready(w);
        file_wake(w->epoll, EPOLLIN); /* ready before or not */
    }
}

static struct watch *find(struct file *epoll, struct file *file, int fd) {
    struct watch *w = file->watches;
    while (w && !(w->epoll == epoll && w->fd == fd)) w = w->next_of_file;
    return w;
}

static void watch_remove(struct watch *w) {
    if (w->ready) remove_ready(w);
    struct watch **at = &w->file->watches;
    while (*at != w) at = &(*at)->next_of_file;
    *at = w->next_of_file;
    at = &w->epoll->epoll.all;
    while (*at != w) at = &(*at)->next_of_epoll;
    *at = w->next_of_epoll;
    *w = (struct watch){0};
}

void epoll_forget_file(struct file *file) {
    while (file->watches) watch_remove(file->watches);
}

void epoll_close(struct file *epoll) {
    while (epoll->epoll.all) watch_remove(epoll->epoll.all);
}

static int answer(int error) {
    errno = error;
    return error ? -1 : 0;
}

static void watch_set(struct watch *w, const struct epoll_event *event) {
    w->events = event->events | ALWAYS;
    w->data = event->data;
    if (w->file->kind == STREAM) w->file->peer->edge_triggered = event->events & EPOLLET || event->events == 0;
    if (w->ready || !(file_poll(w->file) & w->events)) return;
    append_ready(w);
    file_wake(w->epoll, EPOLLIN);
}

static int watch_add(struct file *epoll, struct file *file, int fd, const struct epoll_event *event) {
    if (find(epoll, file, fd)) return answer(EEXIST);
    struct watch *w = watch_new();
    if (!w) return answer(ENOSPC);
    *w = (struct watch){
        .epoll = epoll, .file = file, .fd = fd, .next_of_file = file->watches, .next_of_epoll = epoll->epoll.all};
    file->watches = epoll->epoll.all = w;
    watch_set(w, event);
    return 0;
}

static int watch_change(struct file *epoll, int op, struct file *file, int fd, struct epoll_event *event) {
    if (op == EPOLL_CTL_ADD) return watch_add(epoll, file, fd, event);
    struct watch *w = find(epoll, file, fd);
    if (!w) return answer(ENOENT);
    if (op == EPOLL_CTL_DEL) {
        watch_remove(w);
        return 0;
    }
    if (op != EPOLL_CTL_MOD || (w->events | event->events) & EPOLLEXCLUSIVE) return answer(EINVAL);
    watch_set(w, event);
    return 0;
}

/* ENOSPC is the limit of /proc/sys/fs/epoll/max_user_watches. */
static bool watch_refused(const struct file *file) {
    if (file->kind != STREAM) return made_to_fail("epoll_ctl");
    if (!world_faults.refused_watches || !world_one_in(world_faults.refused_watches)) return false;
    world_refused_memory++;
    errno = world_choose(2) ? ENOSPC : ENOMEM;
    return true;
}

int epoll_change(int epoll_fd, int op, int fd, struct epoll_event *event) {
    struct file *epoll = descriptor_file(epoll_fd), *file = descriptor_file(fd);
    if (!epoll || !file) return -1;
    if (file->kind == PLAIN) return answer(EPERM); /* as for regular files */
    if (epoll->kind != EPOLL || epoll == file) return answer(EINVAL);
    if (op != EPOLL_CTL_DEL && !event) return answer(EFAULT);
    if (op == EPOLL_CTL_ADD && file->kind == EPOLL && reaches(file, epoll)) return answer(ELOOP);
    if (op != EPOLL_CTL_DEL) only_flags("epoll_ctl", event->events, WATCHED | ALWAYS | PRIVATE_BITS);
    if (op == EPOLL_CTL_ADD && watch_refused(file)) return -1;
    return watch_change(epoll, op, file, fd, event);
}

static char told[64];

void tell_nothing(void) {
    told[0] = 0;
}

void tell_ready(int fd, uint32_t now) {
    if (!tracing) return;
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {{EPOLLIN, "in"}, {EPOLLOUT, "out"}, {EPOLLRDHUP, "rdhup"}, {EPOLLHUP, "hup"}, {EPOLLERR, "err"}};
    char text[40];
    int size = snprintf(text, sizeof text, "%s%d", told[0] ? ", " : " [", fd);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (now & names[i].bit) size += snprintf(text + size, sizeof text - (size_t)size, " %s", names[i].name);
    if (strlen(told) + (size_t)size + 2 < sizeof told) strcat(told, text);
}

const char *events_told(void) {
    if (told[0]) strcat(told, "]");
    return told;
}

/* One pass over the ready list, in the order of arrival or, where a choice
 * says so, in another: nothing promises one. */
static int collect(struct file *epoll, struct epoll_event *events, int most) {
    struct epoll *e = &epoll->epoll;
    struct watch *again[256];
    int found = 0, kept = 0;
    while (e->ready && found < most) {
        struct watch *w = e->ready;
        if (w->next_ready && world_one_in(3)) w = w->next_ready;
        remove_ready(w);
        uint32_t now = file_poll(w->file) & w->events & ~PRIVATE_BITS;
        if (!now) continue;
        tell_ready(w->fd, now);
        events[found++] = (struct epoll_event){.events = now, .data = w->data};
        if (w->events & EPOLLONESHOT)
            w->events &= PRIVATE_BITS;
        else if (!(w->events & EPOLLET))
            again[kept++] = w;
    }
    for (int i = 0; i < kept; i++) append_ready(again[i]);
    return found;
}

void time_passes(uint64_t deadline) {
    /* Time may run out before anybody acts; not again and again, or a server that looks up now and then would seem
     * stuck. */
    bool impatient = deadline <= last_progress + QUIET_NS && world_one_in(6);
    if (!impatient && world_hooks.idle()) return;
    uint64_t next = clock_next() < deadline ? clock_next() : deadline;
    if (next == NEVER || next > last_progress + QUIET_NS) threads_judge_deadlock(), world_hooks.stuck();
    if (next == NEVER) abort(); /* stuck() found nothing wrong, and yet nothing can happen */
    clock_advance(next);
}

static bool woken(const void *before) {
    return file_wakes != *(const uint64_t *)before;
}

bool sleep_until(uint64_t deadline) {
    if (clock_now >= deadline) return false;
    if (threads_many())
        thread_wait(NULL, woken, &(uint64_t){file_wakes}, deadline);
    else
        time_passes(deadline);
    return true;
}

int epoll_sleep(struct file *epoll, struct epoll_event *events, int most, int timeout_ms) {
    tell_nothing();
    uint64_t deadline = timeout_ms < 0 ? NEVER : clock_now + (uint64_t)timeout_ms * NS_PER_MS;
    for (;;) {
        int found = collect(epoll, events, most < 256 ? most : 256);
        if (found > 0) return found;
        if (timeout_ms != 0 && interrupted()) return answer(EINTR);
        if (!sleep_until(deadline)) return 0;
    }
}
