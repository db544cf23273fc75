/* SPDX-License-Identifier: MIT */
/* proxy.c -- the reference: one event loop, a struct for each pair, one shared buffer.
 *
 * Each direction of a pair rests in one of three ways: its source was read empty; or bytes of it
 * are held, and the other side's send buffer was full; or it is over. Each ends with an edge that will
 * come, so no pair is forgotten. A side that has failed is read on to its end, since after a reset
 * what came before it is still there; only then the other side is reset.
 *
 * A pair that is over is freed after the batch of events, which may have one more for it. */
#include "proxy.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK_BYTES (64 * 1024) /* of one read; no more is ever held */
#define TURN_BYTES (128 * 1024) /* of one direction; then the others get their turn */
#define EVENTS_AT_ONCE 256
#define WATCHED (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)
#define RETRY_MS 100 /* until accept is tried again after it failed */

struct side {
    struct pair *pair;
    char *held; /* bytes of this side that the other one has not taken; NULL: none */
    size_t held_from, held_to;
    int fd;            /* -1: none */
    bool over, failed; /* nothing more can be read; the connection has failed */
    bool told_end;     /* its stream was ended by us */
};

struct pair {
    struct pair *next, *previous; /* all pairs; of those that are over, next alone */
    struct pair *later, *sooner;  /* those that connect, in the order of their deadlines */
    struct side client, backend;
    struct in_addr address;
    int pick;          /* -1: none is active */
    uint64_t deadline; /* of the connect */
    bool connecting, is_over;
};

struct proxy {
    int epoll_fd, listen_fd;
    bool accept_failed; /* no event will tell when it can go on */
    struct balancer *lb;
    const struct sockaddr_in *backends;
    uint64_t timeout_ms;
    struct pair *all, *over, *first, *last; /* first and last of those that connect */
    char chunk[CHUNK_BYTES];
};

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int watch(struct proxy *p, int op, int fd, uint32_t events, void *who) {
    struct epoll_event event = {.events = events, .data.ptr = who};
    return epoll_ctl(p->epoll_fd, op, fd, &event);
}

static void stop_waiting(struct proxy *p, struct pair *pair) {
    if (!pair->connecting) return;
    pair->connecting = false;
    *(pair->sooner ? &pair->sooner->later : &p->first) = pair->later;
    *(pair->later ? &pair->later->sooner : &p->last) = pair->sooner;
}

/* All wait equally long, so the last one waits longest. */
static void begin_waiting(struct proxy *p, struct pair *pair) {
    uint64_t now = now_ms() + 1; /* a part of a millisecond has passed of this one */
    pair->deadline = p->timeout_ms < UINT64_MAX - now ? now + p->timeout_ms : UINT64_MAX;
    pair->connecting = true;
    pair->sooner = p->last, pair->later = NULL;
    *(p->last ? &p->last->later : &p->first) = pair;
    p->last = pair;
}

static void close_side(struct side *side, bool reset) {
    if (side->fd < 0) return;
    /* Without it the close would be an ordinary end. If it fails, the connection is gone already. */
    if (reset) (void)setsockopt(side->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(side->fd);
    side->fd = -1;
}

static void end_pick(struct proxy *p, struct pair *pair, bool failed) {
    if (pair->pick >= 0) lb_done(p->lb, pair->pick, failed);
    pair->pick = -1;
}

static void end_pair(struct proxy *p, struct pair *pair, bool reset) {
    stop_waiting(p, pair);
    close_side(&pair->client, reset), close_side(&pair->backend, reset);
    end_pick(p, pair, pair->backend.failed);
    free(pair->client.held), free(pair->backend.held);
    *(pair->previous ? &pair->previous->next : &p->all) = pair->next;
    if (pair->next) pair->next->previous = pair->previous;
    pair->is_over = true;
    pair->next = p->over, p->over = pair;
}

/* From one backend to the next, until one may answer. */
static void find_backend(struct proxy *p, struct pair *pair) {
    for (;;) {
        pair->pick = lb_pick(p->lb, &pair->address, sizeof pair->address);
        if (pair->pick < 0) break;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) break;
        pair->backend.fd = fd;
        const struct sockaddr_in *to = &p->backends[pair->pick];
        if (connect(fd, (const struct sockaddr *)to, sizeof *to) == 0 || errno == EINPROGRESS) {
            /* Watched only now: a socket that has not been told to connect counts as hung up. */
            if (watch(p, EPOLL_CTL_ADD, fd, WATCHED, &pair->backend) < 0) break;
            begin_waiting(p, pair);
            return;
        }
        close_side(&pair->backend, false);
        end_pick(p, pair, true);
    }
    end_pair(p, pair, true);
}

static void connect_failed(struct proxy *p, struct pair *pair) {
    stop_waiting(p, pair);
    close_side(&pair->backend, false);
    end_pick(p, pair, true);
    find_backend(p, pair);
}

static void end_late_connects(struct proxy *p) {
    while (p->first && p->first->deadline != UINT64_MAX && p->first->deadline <= now_ms()) connect_failed(p, p->first);
}

static void add_pair(struct proxy *p, int fd, struct in_addr address) {
    struct pair *pair = calloc(1, sizeof *pair);
    if (!pair || watch(p, EPOLL_CTL_ADD, fd, WATCHED, &pair->client) < 0) {
        free(pair);
        close(fd);
        return;
    }
    *pair = (struct pair){.next = p->all, .address = address, .pick = -1};
    pair->client = (struct side){.pair = pair, .fd = fd}, pair->backend = (struct side){.pair = pair, .fd = -1};
    if (p->all) p->all->previous = pair;
    p->all = pair;
    find_backend(p, pair);
}

/* Accepts until the queue is empty, or accept fails. */
static void accept_all(struct proxy *p) {
    p->accept_failed = false;
    for (;;) {
        struct sockaddr_in from;
        int fd =
            accept4(p->listen_fd, (struct sockaddr *)&from, &(socklen_t){sizeof from}, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            add_pair(p, fd, from.sin_addr);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            /* Clients may still wait, and their edge has been reported: a timeout leads here again. */
            p->accept_failed = true;
            return;
        }
    }
}

/* How many bytes the side has taken; fewer than all: it is full, or has failed. */
static size_t send_some(struct side *to, const char *bytes, size_t size) {
    size_t sent = 0;
    while (sent < size && !to->failed) {
        ssize_t n = send(to->fd, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (n >= 0)
            sent += (size_t)n;
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR)
            to->failed = true;
    }
    return sent;
}

/* True: nothing is held any more. */
static bool send_held(struct side *from, struct side *to) {
    if (!from->held) return true;
    from->held_from += send_some(to, from->held + from->held_from, from->held_to - from->held_from);
    if (from->held_from < from->held_to && !to->failed) return false;
    free(from->held);
    from->held = NULL;
    return true;
}

/* Until these bytes are taken nothing more is read from this side: its receive buffer fills, and so its sender waits.
 */
static bool hold(struct side *from, const char *bytes, size_t size) {
    from->held = malloc(size);
    if (!from->held) return false;
    memcpy(from->held, bytes, size);
    from->held_from = 0, from->held_to = size;
    return true;
}

enum outcome { RESTS, GOES_ON, NO_MEMORY };

/* One direction, until it rests, or has had its turn. */
static enum outcome pump(struct proxy *p, struct side *from, struct side *to) {
    for (size_t moved = 0; moved < TURN_BYTES;) {
        if (!send_held(from, to) || from->over || to->failed) return RESTS;
        ssize_t n = recv(from->fd, p->chunk, CHUNK_BYTES, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return RESTS;
        from->over = n <= 0, from->failed |= n < 0;
        if (n <= 0) return RESTS;
        size_t sent = send_some(to, p->chunk, (size_t)n);
        if (sent < (size_t)n && !to->failed && !hold(from, p->chunk + sent, (size_t)n - sent)) return NO_MEMORY;
        moved += (size_t)n;
    }
    return GOES_ON;
}

static void pass_end_on(struct side *from, struct side *to) {
    if (!from->over || from->held || from->failed || to->told_end || to->failed) return;
    to->told_end = true;
    /* If it fails, the connection has failed, of which an event tells. */
    (void)shutdown(to->fd, SHUT_WR);
}

/* Everything of the backend's is passed on, or nobody is there for it. */
static bool is_emptied(const struct pair *pair) {
    return pair->client.failed || (pair->backend.over && !pair->backend.held);
}

static void turn(struct proxy *p, struct pair *pair) {
    struct side *client = &pair->client, *backend = &pair->backend;
    enum outcome there = pump(p, client, backend), back = pump(p, backend, client);
    if (there == NO_MEMORY || back == NO_MEMORY) return end_pair(p, pair, true);
    if (client->failed || (backend->failed && is_emptied(pair))) return end_pair(p, pair, true);
    pass_end_on(client, backend), pass_end_on(backend, client);
    if (client->told_end && backend->told_end) return end_pair(p, pair, false);
    /* EPOLL_CTL_MOD, even with the same events, puts the watch at the end of the ready list if the socket is ready. */
    bool watched = (there != GOES_ON || watch(p, EPOLL_CTL_MOD, client->fd, WATCHED, client) == 0) &&
                   (back != GOES_ON || watch(p, EPOLL_CTL_MOD, backend->fd, WATCHED, backend) == 0);
    if (!watched) end_pair(p, pair, true);
}

/* The client of one that connects may only fail; what else it does is found when there is a backend. */
static void look_at_connect(struct proxy *p, struct side *side) {
    struct pair *pair = side->pair;
    if (pair->client.failed) return end_pair(p, pair, true);
    if (side != &pair->backend) return;
    int error = 0;
    if (getsockopt(side->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error}) < 0) error = errno;
    if (error) return connect_failed(p, pair);
    stop_waiting(p, pair);
    turn(p, pair);
}

static void handle(struct proxy *p, struct side *side, uint32_t events) {
    struct pair *pair = side->pair;
    if (pair->is_over) return;
    bool connects = pair->connecting && side == &pair->backend;
    if (events & EPOLLERR && !connects) side->failed = true;
    if (pair->connecting)
        look_at_connect(p, side);
    else
        turn(p, pair);
}

static int timeout_of(const struct proxy *p) {
    uint64_t least = p->accept_failed ? RETRY_MS : UINT64_MAX;
    if (p->first && p->first->deadline != UINT64_MAX) {
        uint64_t now = now_ms(), left = p->first->deadline > now ? p->first->deadline - now : 0;
        if (left < least) least = left < INT_MAX ? left : INT_MAX;
    }
    return least == UINT64_MAX ? -1 : (int)least;
}

static void free_over(struct proxy *p) {
    while (p->over) {
        struct pair *pair = p->over;
        p->over = pair->next;
        free(pair);
    }
}

static int serve(struct proxy *p, int *stop) {
    struct epoll_event events[EVENTS_AT_ONCE];
    for (;;) {
        int n = epoll_wait(p->epoll_fd, events, EVENTS_AT_ONCE, timeout_of(p));
        if (n < 0 && errno != EINTR) return -errno;
        bool arrivals = p->accept_failed; /* a pair that ends below may free a descriptor */
        for (int i = 0; i < n; i++) {
            void *who = events[i].data.ptr;
            if (who == stop) return 0;
            if (who == p)
                arrivals = true;
            else
                handle(p, who, events[i].events);
        }
        end_late_connects(p);
        if (arrivals) accept_all(p);
        free_over(p);
    }
}

int proxy_serve(int listen_fd, int stop_fd, struct balancer *lb, const struct sockaddr_in *backends,
                uint64_t connect_timeout_ms) {
    struct proxy p = {.epoll_fd = epoll_create1(EPOLL_CLOEXEC), .listen_fd = listen_fd, .lb = lb};
    if (p.epoll_fd < 0) return -errno;
    p.backends = backends, p.timeout_ms = connect_timeout_ms;
    bool watching = watch(&p, EPOLL_CTL_ADD, listen_fd, EPOLLIN | EPOLLET, &p) == 0 &&
                    watch(&p, EPOLL_CTL_ADD, stop_fd, EPOLLIN, &stop_fd) == 0;
    int result = watching ? serve(&p, &stop_fd) : -errno;
    while (p.all) end_pair(&p, p.all, false);
    free_over(&p);
    close(p.epoll_fd);
    return result;
}
