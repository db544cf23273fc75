/* SPDX-License-Identifier: MIT */
/* events.c -- what the epolls tell, as kevents. */
#include "queue.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AT_ONCE = 256 };

/* Bytes to read; of a listener, connections that wait. */
static int64_t waiting(int fd) {
    int count = 0, listens = 0;
    if (ioctl(fd, FIONREAD, &count) == 0) return count;
    struct tcp_info info;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &(socklen_t){sizeof listens}) == 0 && listens &&
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &(socklen_t){sizeof info}) == 0)
        return info.tcpi_unacked;
    return 1;
}

/* An estimate: the buffer's size counts what the kernel needs besides. */
static int64_t room(int fd) {
    int size = 0, queued = 0;
    getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &(socklen_t){sizeof size});
    ioctl(fd, SIOCOUTQ, &queued);
    return size > queued ? size - queued : 0;
}

static struct kevent event_of(const struct entry *e) {
    struct kevent told = e->set;
    told.flags &= EV_MANNER, told.fflags = 0, told.data = 0;
    return told;
}

static void tell_file(const struct entry *e, uint32_t now, struct kevent *told) {
    bool reads = e->set.filter == EVFILT_READ;
    *told = event_of(e);
    told->data = reads ? waiting((int)e->set.ident) : room((int)e->set.ident);
    if (now & (EPOLLHUP | EPOLLERR) || (reads && now & EPOLLRDHUP)) told->flags |= EV_EOF;
}

static int collect_side(struct queue *q, struct side *s, struct kevent *events, int most) {
    struct epoll_event got[AT_ONCE];
    int count = epoll_wait(s->epoll, got, most < AT_ONCE ? most : AT_ONCE, 0), found = 0;
    for (int i = 0; i < count; i++) {
        struct entry *e = &s->of_fd[got[i].data.u64];
        if (!e->there || e->disabled) continue;
        tell_file(e, got[i].events, &events[found++]);
        if (e->set.flags & EV_ONESHOT)
            entry_drop(q, e);
        else if (e->set.flags & EV_DISPATCH)
            e->disabled = true;
    }
    return found;
}

static int collect_timer(struct queue *q, struct entry *e, struct kevent *told) {
    uint64_t times;
    if (read(e->timer, &times, sizeof times) != sizeof times) return 0;
    *told = event_of(e);
    told->data = (int64_t)times;
    if (e->set.flags & EV_ONESHOT)
        entry_drop(q, e);
    else if (e->set.flags & EV_DISPATCH)
        e->disabled = true;
    return 1;
}

static int collect_users(struct queue *q, struct kevent *events, int most) {
    eventfd_t count;
    eventfd_read(q->user, &count);
    int found = 0;
    bool more = false;
    for (struct entry *e = q->others; e < q->others + q->other_count; e++) {
        if (!e->there || !e->triggered || e->disabled) continue;
        more |= found == most;
        if (found == most) break;
        events[found++] = e->set;
        if (e->set.flags & EV_CLEAR) e->triggered = false;
        if (e->set.flags & EV_ONESHOT)
            entry_drop(q, e);
        else if (e->set.flags & EV_DISPATCH)
            e->disabled = true;
        more |= e->there && e->triggered && !e->disabled;
    }
    if (more) queue_ring(q);
    return found;
}

int queue_collect(struct queue *q, struct kevent *events, int most, int timeout_ms) {
    struct epoll_event got[AT_ONCE];
    int count = epoll_wait(q->outer, got, AT_ONCE, timeout_ms), found = 0;
    if (count < 0) return -1;
    for (int i = 0; i < count && found < most; i++) {
        uint64_t what = got[i].data.u64;
        if (what == SIDE(READERS) || what == SIDE(WRITERS))
            found += collect_side(q, &q->side[UINT64_MAX - what], events + found, most - found);
        else if (what == USER_EVENTS)
            found += collect_users(q, events + found, most - found);
        else
            found += collect_timer(q, &q->others[what], events + found);
    }
    return found;
}
