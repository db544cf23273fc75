/* SPDX-License-Identifier: MIT */
/* uring_echo.c -- the reference: one ring, one operation at a time for each
 * connection.
 *
 * A connection either receives into its buffer or sends from it, so the buffer
 * has one owner at any time: the operation under way. There is backpressure
 * without a line of code for it: who does not take its bytes back is not read
 * from. All that the connections have to do is submitted with one call, which
 * brings all that is completed; so a hundred busy clients share its cost. */
#include "uring_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK_BYTES (16 * 1024)
#define ENTRIES 256
#define RETRY_NS 100000000 /* until accept is tried again after it failed */

struct connection {
    struct connection *next, *previous;
    int fd;
    bool sends;
    size_t from, to;
    char bytes[CHUNK_BYTES];
};

struct server {
    struct io_uring ring;
    int listen_fd;
    bool stopping;
    int failed;            /* the errno that ends the server */
    unsigned under_way;    /* operations whose last completion was not taken yet */
    struct connection all; /* head of a circular list; no connection itself */
    struct __kernel_timespec retry;
};

/* What an operation's number says when it is no connection's address. */
enum { ACCEPT = 1, RETRY, STOP, CANCEL };

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) {
        int error = errno; /* close may change errno */
        close(fd);
        return -error;
    }
    return fd;
}

/* An entry for one more operation. A full queue is submitted first; what that
 * call answers is looked at when the loop submits again. */
static struct io_uring_sqe *operation(struct server *s) {
    struct io_uring_sqe *sqe;
    while (!(sqe = io_uring_get_sqe(&s->ring))) io_uring_submit(&s->ring);
    s->under_way++;
    return sqe;
}

static void ask_accept(struct server *s) {
    struct io_uring_sqe *sqe = operation(s);
    io_uring_prep_multishot_accept(sqe, s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data64(sqe, ACCEPT);
}

static void ask_receive(struct server *s, struct connection *c) {
    struct io_uring_sqe *sqe = operation(s);
    c->sends = false;
    io_uring_prep_recv(sqe, c->fd, c->bytes, sizeof c->bytes, 0);
    io_uring_sqe_set_data(sqe, c);
}

static void ask_send(struct server *s, struct connection *c) {
    struct io_uring_sqe *sqe = operation(s);
    c->sends = true;
    io_uring_prep_send(sqe, c->fd, c->bytes + c->from, c->to - c->from, MSG_NOSIGNAL);
    io_uring_sqe_set_data(sqe, c);
}

/* No operation of its own is under way. */
static void close_connection(struct connection *c) {
    c->previous->next = c->next, c->next->previous = c->previous;
    close(c->fd);
    free(c);
}

static void add_connection(struct server *s, int fd) {
    struct connection *c = malloc(sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    c->fd = fd;
    c->next = s->all.next, c->previous = &s->all;
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
    /* EMFILE, ENOBUFS, an error of the network, ...: clients may still wait in
     * the queue. Asked again at once, the kernel would say the same again. */
    struct io_uring_sqe *sqe = operation(s);
    s->retry = (struct __kernel_timespec){.tv_nsec = RETRY_NS};
    io_uring_prep_timeout(sqe, &s->retry, 0, 0);
    io_uring_sqe_set_data64(sqe, RETRY);
}

static void after_transfer(struct server *s, struct connection *c, int result) {
    bool again = result == -EINTR;
    if (s->stopping || (result < 0 && !again) || (result == 0 && !c->sends)) {
        close_connection(c);
        return;
    }
    if (!again && !c->sends) c->from = 0, c->to = (size_t)result;
    if (!again && c->sends) c->from += (size_t)result; /* it may be short */
    bool owes = c->sends ? c->from < c->to : !again;
    owes ? ask_send(s, c) : ask_receive(s, c);
}

/* All that waits is cancelled, and says so in completions of its own. */
static void stop(struct server *s) {
    if (s->stopping) return;
    s->stopping = true;
    struct io_uring_sqe *sqe = operation(s);
    io_uring_prep_cancel64(sqe, 0, IORING_ASYNC_CANCEL_ANY);
    io_uring_sqe_set_data64(sqe, CANCEL);
}

static void take(struct server *s, uint64_t whose, int result, bool more) {
    if (!more) s->under_way--;
    switch (whose) {
    case ACCEPT:
        after_accept(s, result, more);
        break;
    case RETRY:
        if (!s->stopping) ask_accept(s);
        break;
    case STOP:
        stop(s);
        break;
    case CANCEL:
        break;
    default:
        after_transfer(s, (struct connection *)(uintptr_t)whose, result);
    }
}

static void serve(struct server *s) {
    while (s->under_way > 0) {
        int result = io_uring_submit_and_wait(&s->ring, 1);
        /* EBUSY: completions have to be taken before more fit. */
        if (result < 0 && result != -EINTR && result != -EBUSY && result != -EAGAIN) {
            s->failed = -result;
            return;
        }
        struct io_uring_cqe *cqe;
        while (io_uring_peek_cqe(&s->ring, &cqe) == 0) {
            uint64_t whose = cqe->user_data;
            int answer = cqe->res;
            bool more = cqe->flags & IORING_CQE_F_MORE;
            io_uring_cqe_seen(&s->ring, cqe); /* from here on its place may hold another one */
            take(s, whose, answer, more);
        }
    }
}

/* With these flags completions come in io_uring_enter alone, many at a time. */
static int make_ring(struct io_uring *ring) {
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    int result = io_uring_queue_init_params(ENTRIES, ring, &params);
    return result == -EINVAL ? io_uring_queue_init(ENTRIES, ring, 0) : result;
}

int echo_serve(int listen_fd, int stop_fd) {
    struct server s = {.listen_fd = listen_fd};
    int result = make_ring(&s.ring);
    if (result < 0) return result;
    s.all.next = s.all.previous = &s.all;

    struct io_uring_sqe *sqe = operation(&s);
    io_uring_prep_poll_add(sqe, stop_fd, POLLIN);
    io_uring_sqe_set_data64(sqe, STOP);
    ask_accept(&s);
    serve(&s);
    io_uring_queue_exit(&s.ring);
    while (s.all.next != &s.all) close_connection(s.all.next); /* none, unless the ring failed */
    return -s.failed;
}
