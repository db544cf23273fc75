/* SPDX-License-Identifier: MIT */
/* kqueue.c -- kqueues as sys/kern/kern_event.c of FreeBSD has them.
 *
 * What happens to a file runs the filters of its entries; one that has something
 * to tell is queued. kevent runs the filter of each queued entry again: one with
 * nothing to tell is dropped, one that told is queued again unless it reports
 * only what is new (EV_CLEAR), or once. */
#include "kqueue.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "ring.h"
#include "trace.h"

/* Of `notes`, the first `made` have been in use in this life. */
static struct knote notes[MAX_KNOTES];
static int made;
#define EACH(n) (struct knote *n = notes; n < notes + made; n++)

void kqueues_reset(void) {
    made = 0;
}

static void append(struct knote *n) {
    struct kqueue *q = &n->queue->kqueue;
    if (n->queued || n->disabled) return;
    n->queued = true, n->next = NULL;
    if (q->first)
        q->last->next = n;
    else
        q->first = n;
    q->last = n;
}

static void take_out(struct knote *n) {
    struct kqueue *q = &n->queue->kqueue;
    struct knote *before = NULL;
    for (struct knote **at = &q->first; *at; before = *at, at = &(*at)->next) {
        if (*at != n) continue;
        *at = n->next;
        if (q->last == n) q->last = before;
        break;
    }
    n->queued = false;
}

static int64_t least(const struct knote *n, int64_t otherwise) {
    return n->set.fflags & NOTE_LOWAT ? n->set.data : otherwise;
}

/* filt_soread. */
static bool ready_to_read(const struct knote *n, struct kevent *e) {
    const struct peer *p = n->file->kind == STREAM ? n->file->peer : NULL;
    uint32_t now = file_poll(n->file);
    if (!p) {
        e->data = n->file->kind == LISTENER      ? world_queued()
                  : n->file->kind == PIPE_READER ? (int64_t)n->file->pipe->bytes.used
                                                 : !!(now & EPOLLIN);
        if (now & EPOLLHUP) e->flags |= EV_EOF;
        return now & (EPOLLIN | EPOLLHUP);
    }
    e->data = (int64_t)p->in.used;
    if (p->fin || p->rst || p->server_unread) e->flags |= EV_EOF, e->fflags = (uint32_t)p->error;
    bool full = p->in.used > 0 && ring_room(&p->in) == 0;
    return e->flags & EV_EOF || full || e->data >= least(n, (int64_t)p->low_water);
}

static bool ready_to_write(const struct knote *n, struct kevent *e) {
    const struct peer *p = n->file->kind == STREAM ? n->file->peer : NULL;
    bool now = file_poll(n->file) & EPOLLOUT;
    e->data = p ? (int64_t)ring_room(&p->out) : 1;
    if (p && (p->rst || p->server_fin)) e->flags |= EV_EOF, e->fflags = (uint32_t)p->error;
    return e->flags & EV_EOF || (n->set.fflags & NOTE_LOWAT ? e->data >= n->set.data : now);
}

/* Is there anything to tell? Then *e says what. */
static bool ready(const struct knote *n, struct kevent *e) {
    *e = n->set;
    e->flags &= EV_MANNER, e->fflags = 0, e->data = 0;
    switch (n->set.filter) {
    case EVFILT_READ:
        return ready_to_read(n, e);
    case EVFILT_WRITE:
        return ready_to_write(n, e);
    case EVFILT_TIMER:
        e->data = (int64_t)n->expirations;
        return n->expirations > 0;
    default:
        e->fflags = n->set.fflags, e->data = n->set.data;
        return n->triggered;
    }
}

void knote_look(struct knote *n) {
    struct kevent e;
    if (ready(n, &e)) append(n);
}

void knote_disable(struct knote *n) {
    n->disabled = true;
    if (n->queued) take_out(n);
}

static uint64_t period(const struct knote *n) {
    uint64_t unit = n->set.fflags & NOTE_SECONDS    ? 1000u * NS_PER_MS
                    : n->set.fflags & NOTE_USECONDS ? 1000
                    : n->set.fflags & NOTE_NSECONDS ? 1
                                                    : NS_PER_MS;
    uint64_t ns = (uint64_t)n->set.data * unit;
    return ns > 1000 ? ns : 1000;
}

static void rings(void *note) {
    struct knote *n = note;
    n->expirations++;
    if (!(n->set.flags & EV_ONESHOT)) clock_alarm(clock_now + period(n), rings, n);
    append(n);
}

void knote_timer(struct knote *n) {
    n->expirations = 0;
    clock_alarm(clock_now + period(n), rings, n);
}

/* `events` as epoll has them; 0: something that all are told. The end of a
 * client's stream is no news to those who write. */
void knotes_wake(struct file *file, uint32_t events) {
    if (events == 0) {
        bool ended = file->kind == STREAM && !file->peer->rst && !file->peer->server_fin;
        events = ended ? EPOLLIN : EPOLLIN | EPOLLOUT;
    }
    for
        EACH(n)
    if (n->queue && n->file == file && events & (n->set.filter == EVFILT_READ ? EPOLLIN : EPOLLOUT)) knote_look(n);
}

/* A send buffer has more room than before: FreeBSD tells of it each time that a
 * client acknowledges, whether or not the buffer was full. */
void knotes_acknowledged(struct file *file) {
    for
        EACH(n)
    if (n->queue && n->file == file && n->set.filter == EVFILT_WRITE && world_one_in(2)) knote_look(n);
}

void knotes_forget(const struct file *file, int fd) {
    for
        EACH(n)
    if (n->queue && (n->queue == file || (n->file == file && n->set.ident == (uintptr_t)fd))) knote_drop(n);
}

struct knote *knote_find(const struct file *queue, const struct kevent *c) {
    for
        EACH(n)
    if (n->queue == queue && n->set.ident == c->ident && n->set.filter == c->filter) return n;
    return NULL;
}

struct knote *knote_new(struct file *queue, struct file *file, const struct kevent *c) {
    struct knote *n = notes;
    while (n < notes + made && n->queue) n++;
    if (n == notes + MAX_KNOTES) return NULL;
    if (n == notes + made) made++;
    *n = (struct knote){.queue = queue, .file = file, .set = {.ident = c->ident, .filter = c->filter}};
    return n;
}

void knote_drop(struct knote *n) {
    if (n->queued) take_out(n);
    clock_alarm(NEVER, rings, n);
    *n = (struct knote){0};
}

/* " [6 read 12 eof, 3 timer 1]": what the last kevent answered, for the trace. */
char kqueue_told[64];

static void tell(const struct kevent *e) {
    if (!tracing) return;
    static const char *const names[] = {[1] = "read", [2] = "write", [7] = "timer", [11] = "user"};
    char text[48];
    snprintf(text, sizeof text, "%s%lu %s %ld%s", kqueue_told[0] ? ", " : " [", (unsigned long)e->ident,
             names[-e->filter], (long)e->data, e->flags & EV_EOF ? " eof" : "");
    if (strlen(kqueue_told) + strlen(text) + 2 < sizeof kqueue_told) strcat(kqueue_told, text);
}

/* After `n` has told. True: it is to be asked again. */
static bool told(struct knote *n) {
    if (n->set.flags & EV_ONESHOT) {
        knote_drop(n);
        return false;
    }
    if (n->set.flags & EV_CLEAR || n->set.filter == EVFILT_TIMER) n->expirations = 0, n->triggered = false;
    if (n->set.flags & EV_DISPATCH) n->disabled = true;
    return !(n->set.flags & (EV_CLEAR | EV_DISPATCH)) && n->set.filter != EVFILT_TIMER;
}

/* One pass, in the order of arrival or, where a choice says so, in another. */
int kqueue_collect(struct file *queue, struct kevent *events, int most) {
    struct kqueue *q = &queue->kqueue;
    struct knote *again[MAX_KNOTES];
    int found = 0, kept = 0;
    while (q->first && found < most) {
        struct knote *n = q->first;
        if (n->next && world_one_in(3)) n = n->next;
        take_out(n);
        if (!ready(n, &events[found])) continue;
        tell(&events[found++]);
        if (told(n)) again[kept++] = n;
    }
    for (int i = 0; i < kept; i++) append(again[i]);
    return found;
}
