/* SPDX-License-Identifier: MIT */
/* iocp_transfer.c -- what AcceptEx, WSARecv and WSASend do. A receive ends with
 * the first bytes, the end or an error; a send with its last byte or an error. */
#include "iocp.h"

#include "calls.h"

#include <errno.h>
#include <sys/socket.h>

struct peer *stream_dequeue(void);

static void refused_accept(struct request *r, int error, uint32_t status) {
    world_accept_refused_ms = world_now_ms(), world_accept_error = error;
    request_complete(r, status, 0);
}

static void connect_to(struct peer *p, int fd) {
    struct file *file = descriptor_file(fd);
    file->kind = STREAM, file->peer = p;
    p->server_closing = CLOSE_ENDS, p->low_water = 1, p->corked = false;
    p->file = file, p->fd = fd, p->state = ACCEPTED;
    world_accept_error = 0;
}

/* Who has reset its connection meanwhile makes this one fail, or is found gone later. */
static void run_accept(struct request *r) {
    struct peer *p = stream_queued();
    if (!p) return;
    if (world_faults.accept_failures && world_one_in(world_faults.accept_failures)) {
        refused_accept(r, ENOBUFS, STATUS_INSUFFICIENT_RESOURCES);
        return;
    }
    stream_dequeue();
    bool lost = world_faults.network_errors && world_one_in(world_faults.network_errors);
    if (lost || (p->rst && world_choose(2))) {
        p->state = CLOSED, p->rst = true, p->lost_in_the_queue = lost;
        refused_accept(r, ECONNABORTED, STATUS_CONNECTION_RESET);
        return;
    }
    connect_to(p, r->accepted);
    request_complete(r, STATUS_OK, 0);
}

static ssize_t receive(const struct request *r) {
    ssize_t all = 0;
    for (int i = 0; i < r->count; i++) {
        if (r->parts[i].iov_len == 0) continue;
        ssize_t n = file_read(r->file, r->parts[i].iov_base, r->parts[i].iov_len, 0);
        if (n < 0) return all > 0 ? all : -1;
        all += n;
        if ((size_t)n < r->parts[i].iov_len) break;
    }
    return all;
}

/* Without room for a byte it tells that there is one, and leaves it where it is. */
static void run_receive(struct request *r) {
    struct peer *p = r->file->peer;
    bool waits = r->size == 0 && !(file_poll(r->file) & EPOLLIN);
    if (waits) return;
    request_judge(r);
    ssize_t n = r->size == 0 ? 0 : receive(r);
    if (n < 0 && errno == EAGAIN) return;
    int error = errno;
    world_hooks.moved(p, n > 0 ? (size_t)n : 0, true);
    if (n < 0)
        request_complete(r, status_of(error), 0);
    else if (n == 0 && p->rst && p->in.used == 0)
        request_complete(r, STATUS_CONNECTION_RESET, 0);
    else
        request_hand_over(r), request_complete(r, STATUS_OK, (size_t)n);
}

static ssize_t send_on(const struct request *r) {
    size_t before = 0, all = 0;
    for (int i = 0; i < r->count; before += r->parts[i++].iov_len) {
        size_t skipped = r->done + all > before ? r->done + all - before : 0;
        if (skipped >= r->parts[i].iov_len) continue;
        size_t left = r->parts[i].iov_len - skipped;
        ssize_t n = stream_write(r->file->peer, (unsigned char *)r->parts[i].iov_base + skipped, left, MSG_NOSIGNAL);
        if (n < 0) return all > 0 ? (ssize_t)all : -1;
        all += (size_t)n;
        if ((size_t)n < left) break;
    }
    return (ssize_t)all;
}

static void run_send(struct request *r) {
    request_judge(r);
    if (winsock_of(r->fd)->broken) {
        request_complete(r, STATUS_CONNECTION_ABORTED, 0);
        return;
    }
    ssize_t n = send_on(r);
    if (n < 0 && errno == EAGAIN) return;
    int error = errno;
    if (n > 0) r->done += (size_t)n;
    world_hooks.moved(r->file->peer, n > 0 ? (size_t)n : 0, false);
    if (n < 0)
        request_complete(r, status_of(error), 0);
    else if (r->done == r->size)
        request_complete(r, STATUS_OK, r->size);
}

void request_run(struct request *r) {
    if (r->kind == ACCEPT_EX)
        run_accept(r);
    else if (r->kind == WSA_RECV)
        run_receive(r);
    else
        run_send(r);
}
