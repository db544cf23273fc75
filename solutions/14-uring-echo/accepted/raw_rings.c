/* SPDX-License-Identifier: MIT */
/* raw_rings.c -- the three system calls and the two rings, without a library; each
 * operation once, none of them multishot. A table by descriptor number in place
 * of a list. */
#include "uring_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENTRIES 128
#define CHUNK_BYTES 4096
#define RETRY_NS 20000000
enum { ACCEPT, RECEIVE, SEND, STOP, RETRY, CANCEL };

struct connection {
    int from, to;
    char bytes[CHUNK_BYTES];
};

struct ring {
    int fd;
    struct io_uring_params params;
    char *memory;
    size_t size;
    struct io_uring_sqe *entries;
    unsigned filled; /* entries that the kernel has not been told of */
};

struct server {
    struct ring ring;
    int listen_fd, stop_fd;
    bool stopping;
    unsigned under_way;
    struct connection **table; /* by descriptor */
    int table_size;
    struct __kernel_timespec retry;
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int error = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0) error = errno;
    if (!error && bind(fd, (struct sockaddr *)&address, sizeof address) < 0) error = errno;
    if (!error && listen(fd, backlog) < 0) error = errno;
    if (error) close(fd);
    return error ? -error : fd;
}

static _Atomic unsigned *word(const struct ring *r, unsigned offset) {
    return (_Atomic unsigned *)(void *)(r->memory + offset);
}

static int ring_open(struct ring *r) {
    r->fd = io_uring_setup(ENTRIES, &r->params);
    if (r->fd < 0) return r->fd;
    const struct io_uring_params *p = &r->params;
    size_t submissions = p->sq_off.array + p->sq_entries * sizeof(unsigned);
    size_t completions = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
    r->size = submissions > completions ? submissions : completions;
    const int both = PROT_READ | PROT_WRITE;
    void *memory = mmap(NULL, r->size, both, MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQ_RING);
    void *entries =
        mmap(NULL, p->sq_entries * sizeof *r->entries, both, MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQES);
    r->memory = memory == MAP_FAILED ? NULL : memory, r->entries = entries == MAP_FAILED ? NULL : entries;
    return r->memory && r->entries ? 0 : -ENOMEM;
}

static void ring_close(struct ring *r) {
    if (r->entries) munmap(r->entries, r->params.sq_entries * sizeof *r->entries);
    if (r->memory) munmap(r->memory, r->size);
    if (r->fd >= 0) close(r->fd);
}

static int enter(struct ring *r, unsigned want) {
    int taken = io_uring_enter((unsigned)r->fd, r->filled, want, IORING_ENTER_GETEVENTS, NULL);
    if (taken > 0) r->filled -= (unsigned)taken;
    return taken;
}

/* Release: the kernel sees the entry before it sees the tail. */
static void ask(struct server *s, const struct io_uring_sqe *sqe, unsigned what, int fd) {
    struct ring *r = &s->ring;
    while (r->filled == r->params.sq_entries) enter(r, 0);
    _Atomic unsigned *tail = word(r, r->params.sq_off.tail);
    unsigned at = atomic_load_explicit(tail, memory_order_relaxed), index = at & (r->params.sq_entries - 1);
    r->entries[index] = *sqe;
    r->entries[index].user_data = (uint64_t)what << 32 | (unsigned)fd;
    ((unsigned *)(void *)(r->memory + r->params.sq_off.array))[index] = index;
    atomic_store_explicit(tail, at + 1, memory_order_release);
    r->filled++, s->under_way++;
}

static void ask_accept(struct server *s) {
    ask(s, &(struct io_uring_sqe){.opcode = IORING_OP_ACCEPT, .fd = s->listen_fd, .accept_flags = SOCK_CLOEXEC}, ACCEPT,
        0);
}

static void ask_receive(struct server *s, int fd) {
    struct io_uring_sqe sqe = {.opcode = IORING_OP_RECV, .fd = fd, .len = CHUNK_BYTES};
    sqe.addr = (uintptr_t)s->table[fd]->bytes;
    ask(s, &sqe, RECEIVE, fd);
}

static void ask_send(struct server *s, int fd) {
    struct connection *c = s->table[fd];
    struct io_uring_sqe sqe = {.opcode = IORING_OP_SEND, .fd = fd, .msg_flags = MSG_NOSIGNAL};
    sqe.addr = (uintptr_t)(c->bytes + c->from), sqe.len = (unsigned)(c->to - c->from);
    ask(s, &sqe, SEND, fd);
}

static bool has_room(struct server *s, int fd) {
    if (fd < s->table_size) return true;
    int size = fd < 500 ? 1024 : 2 * fd;
    struct connection **table = realloc(s->table, (size_t)size * sizeof *table);
    if (!table) return false;
    memset(table + s->table_size, 0, (size_t)(size - s->table_size) * sizeof *table);
    s->table = table, s->table_size = size;
    return true;
}

static void after_accept(struct server *s, int result) {
    if (result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM) {
        s->retry = (struct __kernel_timespec){.tv_nsec = RETRY_NS};
        ask(s, &(struct io_uring_sqe){.opcode = IORING_OP_TIMEOUT, .addr = (uintptr_t)&s->retry, .len = 1}, RETRY, 0);
        return;
    }
    ask_accept(s); /* any other error is one client's */
    if (result < 0) return;
    if (!has_room(s, result) || !(s->table[result] = malloc(sizeof(struct connection))))
        close(result);
    else
        ask_receive(s, result);
}

static void end(struct server *s, int fd) {
    free(s->table[fd]);
    s->table[fd] = NULL;
    close(fd);
}

static void after_transfer(struct server *s, bool sent, int fd, int result) {
    struct connection *c = s->table[fd];
    if (result == -EINTR) {
        sent ? ask_send(s, fd) : ask_receive(s, fd);
    } else if (result < 0 || (result == 0 && !sent)) {
        end(s, fd);
    } else {
        if (sent)
            c->from += result;
        else
            c->from = 0, c->to = result;
        c->from < c->to ? ask_send(s, fd) : ask_receive(s, fd);
    }
}

/* One cancel for each operation that may wait: the oldest kernels with io_uring know no other. */
static void stop(struct server *s) {
    static const unsigned kinds[] = {RECEIVE, SEND};
    s->stopping = true;
    for (unsigned what = ACCEPT; what <= RETRY; what++) {
        if (what == RECEIVE || what == SEND) continue;
        ask(s, &(struct io_uring_sqe){.opcode = IORING_OP_ASYNC_CANCEL, .addr = (uint64_t)what << 32}, CANCEL, 0);
    }
    for (int fd = 0; fd < s->table_size; fd++)
        for (int i = 0; s->table[fd] && i < 2; i++)
            ask(s,
                &(struct io_uring_sqe){.opcode = IORING_OP_ASYNC_CANCEL,
                                       .addr = (uint64_t)kinds[i] << 32 | (unsigned)fd},
                CANCEL, 0);
}

static void take(struct server *s, uint64_t number, int result) {
    unsigned what = (unsigned)(number >> 32);
    int fd = (int)(unsigned)number;
    s->under_way--;
    if (what == STOP && !s->stopping)
        stop(s);
    else if ((what == RECEIVE || what == SEND) && s->stopping)
        end(s, fd);
    else if (what == RECEIVE || what == SEND)
        after_transfer(s, what == SEND, fd, result);
    else if (what == ACCEPT && s->stopping)
        result >= 0 ? close(result) : 0;
    else if (what == ACCEPT)
        after_accept(s, result);
    else if (what == RETRY && !s->stopping)
        ask_accept(s);
}

/* Acquire: the completion is read after the tail that tells of it. Release: its
 * place is the kernel's only after it was read. */
static void take_all(struct server *s) {
    struct ring *r = &s->ring;
    const struct io_uring_cqe *cqes = (void *)(r->memory + r->params.cq_off.cqes);
    _Atomic unsigned *head = word(r, r->params.cq_off.head), *tail = word(r, r->params.cq_off.tail);
    unsigned at = atomic_load_explicit(head, memory_order_relaxed);
    while (at != atomic_load_explicit(tail, memory_order_acquire)) {
        const struct io_uring_cqe *cqe = &cqes[at & (r->params.cq_entries - 1)];
        uint64_t number = cqe->user_data;
        int result = cqe->res;
        atomic_store_explicit(head, ++at, memory_order_release);
        take(s, number, result);
    }
}

static int serve(struct server *s) {
    while (s->under_way > 0) {
        int result = enter(&s->ring, 1);
        if (result < 0 && result != -EINTR && result != -EBUSY && result != -EAGAIN) return result;
        take_all(s);
    }
    return 0;
}

int echo_serve(int listen_fd, int stop_fd) {
    struct server s = {.listen_fd = listen_fd, .stop_fd = stop_fd};
    int result = ring_open(&s.ring);
    if (result == 0) {
        ask(&s, &(struct io_uring_sqe){.opcode = IORING_OP_POLL_ADD, .fd = stop_fd, .poll32_events = POLLIN}, STOP, 0);
        ask_accept(&s);
        result = serve(&s);
    }
    ring_close(&s.ring);
    for (int fd = 0; fd < s.table_size; fd++)
        if (s.table[fd]) end(&s, fd);
    free(s.table);
    return result;
}
