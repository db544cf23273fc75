/* SPDX-License-Identifier: MIT */
/* multishot.c -- one receive for a connection's whole life, into buffers of which
 * the kernel chooses one when bytes have come.
 *
 * A quiet connection has no buffer at all. What a buffer brings is copied at
 * once, and the buffer is given back: a client that does not take its bytes back
 * holds none that others wait for. Who is owed too much is not received from: the
 * receive is cancelled, and asked for again later. */
#include "uring_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFERS 64
#define BUFFER_BYTES 512
#define OWED_MAX (16 * 1024) /* and no more than all buffers hold may come before the cancel is seen */
#define ENTRIES 256
#define RETRY_NS 50000000
#define PAGE 4096
enum { ACCEPT = 1, RETRY, STOP, CANCEL, NUMBERS = 16, SENDS = 1, GROUP = 0 };

struct bytes {
    char *at;
    size_t size, room;
};

struct connection {
    struct connection *next, *previous;
    int fd;
    bool receiving, sending, pausing, ended, broken;
    struct bytes sent, waiting; /* the first is the kernel's while it sends */
    size_t from;
};

struct server {
    struct io_uring ring;
    int listen_fd;
    bool stopping;
    int failed;
    unsigned under_way;
    struct connection all;
    struct __kernel_timespec retry;
    struct io_uring_buf_ring *buffers; /* a page; the buffers follow */
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

static struct io_uring_sqe *operation(struct server *s) {
    struct io_uring_sqe *sqe;
    while (!(sqe = io_uring_get_sqe(&s->ring))) io_uring_submit(&s->ring);
    s->under_way++;
    return sqe;
}

/* io_uring_prep_* clears an entry's number: it is set afterwards. */
#define ASK(server, number, prep, ...)                                                                                 \
    do {                                                                                                               \
        struct io_uring_sqe *sqe = operation(server);                                                                  \
        prep(sqe, __VA_ARGS__);                                                                                        \
        sqe->user_data = (number);                                                                                     \
    } while (0)

static void ask_accept(struct server *s) {
    ASK(s, ACCEPT, io_uring_prep_multishot_accept, s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
}

static void ask_receive(struct server *s, struct connection *c) {
    struct io_uring_sqe *sqe = operation(s);
    io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    sqe->user_data = (uintptr_t)c;
    c->receiving = true;
}

static void ask_send(struct server *s, struct connection *c) {
    ASK(s, (uintptr_t)c | SENDS, io_uring_prep_send, c->fd, c->sent.at + c->from, c->sent.size - c->from, MSG_NOSIGNAL);
    c->sending = true;
}

static void hold(struct server *s, struct connection *c) {
    if (!c->receiving || c->pausing) return;
    ASK(s, CANCEL, io_uring_prep_cancel64, (uintptr_t)c, 0);
    c->pausing = true;
}

static void close_connection(struct connection *c) {
    c->previous->next = c->next, c->next->previous = c->previous;
    close(c->fd);
    free(c->sent.at);
    free(c->waiting.at);
    free(c);
}

/* Whatever has to happen next, happens. */
static void go_on(struct server *s, struct connection *c) {
    bool over = c->broken || s->stopping;
    if (!over && !c->sending && c->waiting.size > 0) {
        free(c->sent.at);
        c->sent = c->waiting, c->waiting = (struct bytes){NULL, 0, 0}, c->from = 0;
        ask_send(s, c);
    }
    size_t owed = c->sent.size - c->from + c->waiting.size;
    if (!over && !c->receiving && !c->ended && owed < OWED_MAX) ask_receive(s, c);
    if (!over && owed >= OWED_MAX) hold(s, c);
    if (c->broken && !s->stopping) hold(s, c);
    if (c->broken && !s->stopping && c->sending) ASK(s, CANCEL, io_uring_prep_cancel64, (uintptr_t)c | SENDS, 0);
    if (!c->receiving && !c->sending && (over || c->ended)) close_connection(c);
}

static void add_connection(struct server *s, int fd) {
    struct connection *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    *c = (struct connection){.fd = fd, .next = s->all.next, .previous = &s->all};
    c->next->previous = c, s->all.next = c;
    ask_receive(s, c);
}

static void after_accept(struct server *s, int result, bool more) {
    if (result >= 0 && s->stopping) close(result);
    if (result >= 0 && !s->stopping) add_connection(s, result);
    if (more || s->stopping) return;
    if (result >= 0 || result == -EINTR || result == -ECONNABORTED) {
        ask_accept(s);
        return;
    }
    s->retry = (struct __kernel_timespec){.tv_nsec = RETRY_NS};
    ASK(s, RETRY, io_uring_prep_timeout, &s->retry, 0, 0);
}

static char *buffer(struct server *s, unsigned id) {
    return (char *)s->buffers + PAGE + id * BUFFER_BYTES;
}

static void give_back(struct server *s, unsigned id) {
    io_uring_buf_ring_add(s->buffers, buffer(s, id), BUFFER_BYTES, (unsigned short)id, BUFFERS - 1, 0);
    io_uring_buf_ring_advance(s->buffers, 1);
}

static bool keep(struct connection *c, const char *bytes, size_t size) {
    struct bytes *w = &c->waiting;
    if (w->size + size > w->room) {
        size_t room = 2 * w->room > w->size + size ? 2 * w->room : w->size + size;
        char *at = realloc(w->at, room);
        if (!at) return false;
        w->at = at, w->room = room;
    }
    memcpy(w->at + w->size, bytes, size);
    w->size += size;
    return true;
}

static void after_receive(struct server *s, struct connection *c, int result, unsigned flags) {
    if (!(flags & IORING_CQE_F_MORE)) c->receiving = c->pausing = false;
    if (flags & IORING_CQE_F_BUFFER) {
        unsigned id = flags >> IORING_CQE_BUFFER_SHIFT;
        if (!c->broken && !keep(c, buffer(s, id), (size_t)result)) c->broken = true;
        give_back(s, id);
    }
    /* By the next call all buffers are back: without one, it is asked for again. */
    bool goes_on = result > 0 || result == -ENOBUFS || result == -ECANCELED || result == -EINTR;
    if (result == 0) c->ended = true;
    if (!goes_on && result != 0) c->broken = true;
    go_on(s, c);
}

static void after_send(struct server *s, struct connection *c, int result) {
    c->sending = false;
    if (result > 0) c->from += (size_t)result;
    if (result < 0 && result != -EINTR) c->broken = true;
    if (c->from == c->sent.size) free(c->sent.at), c->sent = (struct bytes){NULL, 0, 0}, c->from = 0;
    if (c->sent.size > 0 && !c->broken && !s->stopping) ask_send(s, c);
    go_on(s, c);
}

static void stop(struct server *s) {
    if (s->stopping) return;
    s->stopping = true;
    ASK(s, CANCEL, io_uring_prep_cancel64, 0, IORING_ASYNC_CANCEL_ANY);
}

static void take(struct server *s, uint64_t number, int result, unsigned flags) {
    if (!(flags & IORING_CQE_F_MORE)) s->under_way--;
    struct connection *c = (struct connection *)(uintptr_t)(number & ~(uint64_t)SENDS);
    if (number >= NUMBERS)
        number &SENDS ? after_send(s, c, result) : after_receive(s, c, result, flags);
    else if (number == ACCEPT)
        after_accept(s, result, flags & IORING_CQE_F_MORE);
    else if (number == RETRY && !s->stopping)
        ask_accept(s);
    else if (number == STOP)
        stop(s);
}

static void serve(struct server *s) {
    while (s->under_way > 0) {
        int result = io_uring_submit_and_wait(&s->ring, 1);
        if (result < 0 && result != -EINTR && result != -EBUSY && result != -EAGAIN) {
            s->failed = -result;
            return;
        }
        struct io_uring_cqe *cqe;
        while (io_uring_peek_cqe(&s->ring, &cqe) == 0) {
            uint64_t number = cqe->user_data;
            int answer = cqe->res;
            unsigned flags = cqe->flags;
            io_uring_cqe_seen(&s->ring, cqe);
            take(s, number, answer, flags);
        }
    }
}

static int provide_buffers(struct server *s) {
    void *at;
    if (posix_memalign(&at, PAGE, PAGE + BUFFERS * BUFFER_BYTES) != 0) return -ENOMEM;
    s->buffers = at;
    io_uring_buf_ring_init(s->buffers);
    for (unsigned id = 0; id < BUFFERS; id++) give_back(s, id);
    struct io_uring_buf_reg all = {.ring_addr = (uintptr_t)at, .ring_entries = BUFFERS, .bgid = GROUP};
    return io_uring_register_buf_ring(&s->ring, &all, 0);
}

int echo_serve(int listen_fd, int stop_fd) {
    struct server s = {.listen_fd = listen_fd};
    int result = io_uring_queue_init(ENTRIES, &s.ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    if (result < 0) return result;
    s.all.next = s.all.previous = &s.all;
    result = provide_buffers(&s);
    if (result == 0) {
        ASK(&s, STOP, io_uring_prep_poll_add, stop_fd, POLLIN);
        ask_accept(&s);
        serve(&s);
        result = -s.failed;
    }
    io_uring_queue_exit(&s.ring);
    while (s.all.next != &s.all) close_connection(s.all.next);
    free(s.buffers);
    return result;
}
