/* SPDX-License-Identifier: MIT */
/* script_uring.c -- io_uring's part of the proof; see script.h. Nothing promises
 * the order of completions, so they are printed by their number. A connection
 * has one operation that reads or watches and one that writes, at most: which of two
 * would get the bytes, or an error, is not promised either. */
#include "script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rng.h"

enum { BUFFERS = 4, BUFFER = 16, GROUP = 7, SENT_MAX = 64, COMPLETIONS = 64 };
enum { NO_OP, ACCEPT, READ, WRITE, POLL, TIMER, EVENT, OTHER }; /* what a number is about, and for whom */

static struct {
    struct rng rng;
    struct io_uring ring;
    int listener, event;
    bool accepting, timing, watching_event, cancelling;
    struct {
        bool connected, fin, rst, full;
        int fd;
        bool reading, writing, watching;
    } client[CLIENTS];
    int order[CLIENTS], waiting;
    struct io_uring_buf_ring *buffers;
    bool taken[BUFFERS];
    uint64_t number, shutting;
} s;

static char storage[BUFFERS][BUFFER], into[CLIENTS][SENT_MAX], from[SENT_MAX];
static _Alignas(4096) char buffer_ring[4096];
static struct iovec parts[CLIENTS][2];
static struct __kernel_timespec soon, late = {3600, 0};

static int below(int bound) {
    return (int)rng_below(&s.rng, (uint64_t)bound);
}

static uint64_t named(int what, int who) {
    return (uint64_t)what << 32 | (uint64_t)who << 24 | ++s.number;
}

static void provide(int i) {
    io_uring_buf_ring_add(s.buffers, storage[i], BUFFER, (unsigned short)i, BUFFERS - 1, 0);
    io_uring_buf_ring_advance(s.buffers, 1);
    s.taken[i] = false;
}

/* False: this machine refuses. */
static bool set_up(uint64_t seed) {
    memset(&s, 0, sizeof s);
    memset(buffer_ring, 0, sizeof buffer_ring);
    s.rng = rng_new(seed, 9);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    s.listener = socket(AF_INET, SOCK_STREAM | (below(2) ? SOCK_NONBLOCK : 0), 0);
    bind(s.listener, (struct sockaddr *)&address, sizeof address);
    listen(s.listener, 16);
    s.event = eventfd(0, below(2) ? EFD_NONBLOCK : 0);
    clients_open(s.listener);
    static const unsigned flags[] = {0, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
                                     IORING_SETUP_COOP_TASKRUN};
    struct io_uring_params p = {.flags = flags[below(3)] | IORING_SETUP_CQSIZE,
                                .cq_entries = below(2) ? 8 : COMPLETIONS};
    int answer = io_uring_queue_init_params(8, &s.ring, &p);
    fprintf(transcript, "ring: %d, %u and %u entries\n", answer, p.sq_entries, p.cq_entries);
    if (answer < 0) return false;
    s.buffers = (struct io_uring_buf_ring *)buffer_ring;
    struct io_uring_buf_reg reg = {.ring_addr = (uintptr_t)s.buffers, .ring_entries = BUFFERS, .bgid = GROUP};
    fprintf(transcript, "buffers: %d\n", io_uring_register_buf_ring(&s.ring, &reg, 0));
    fprintf(transcript, "buffers again: %d\n", io_uring_register_buf_ring(&s.ring, &reg, 0));
    for (int i = below(BUFFERS + 1); i > 0; i--) provide(i - 1);
    for (int i = 0; i < CLIENTS; i++) s.client[i].fd = -1;
    return true;
}

static struct io_uring_sqe *entry(void) {
    struct io_uring_sqe *sqe = io_uring_get_sqe(&s.ring);
    if (sqe) return sqe;
    io_uring_submit(&s.ring);
    return io_uring_get_sqe(&s.ring);
}

static void say(const struct io_uring_sqe *sqe, const char *what, int who, int detail) {
    fprintf(transcript, "%lu: %s %d, %d\n", (unsigned long)(sqe->user_data & 0xffffff), what, who, detail);
}

static void ask_accept(void) {
    struct io_uring_sqe *sqe = entry();
    bool many = below(2);
    if (many)
        io_uring_prep_multishot_accept(sqe, s.listener, NULL, NULL, SOCK_CLOEXEC);
    else
        io_uring_prep_accept(sqe, s.listener, NULL, NULL, below(2) ? SOCK_NONBLOCK : 0);
    sqe->user_data = named(ACCEPT, 0);
    s.accepting = true;
    say(sqe, "accept", 0, many);
}

static void ask_read(int who) {
    struct io_uring_sqe *sqe = entry();
    int fd = s.client[who].fd, kind = below(8), flags = kind == 1 ? MSG_WAITALL : kind == 2 ? MSG_DONTWAIT : 0;
    unsigned size = (unsigned)(1 + below(SENT_MAX));
    if (kind < 4) {
        io_uring_prep_recv(sqe, fd, into[who], size, flags);
    } else if (kind == 4) {
        io_uring_prep_read(sqe, fd, into[who], size, 0);
    } else if (kind == 5) {
        parts[who][0] = (struct iovec){into[who], size / 2},
        parts[who][1] = (struct iovec){into[who] + size / 2, size - size / 2};
        io_uring_prep_readv(sqe, fd, parts[who], 2, 0);
    } else {
        kind == 6 ? io_uring_prep_recv(sqe, fd, NULL, 0, 0) : io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
        sqe->flags |= IOSQE_BUFFER_SELECT, sqe->buf_group = GROUP;
    }
    sqe->user_data = named(READ, who);
    s.client[who].reading = true;
    say(sqe, "read", who, kind);
}

static void ask_write(int who) {
    struct io_uring_sqe *sqe = entry();
    int fd = s.client[who].fd, kind = below(3);
    unsigned size = (unsigned)(1 + below(SENT_MAX));
    if (kind < 2)
        io_uring_prep_send(sqe, fd, from, size, kind ? MSG_WAITALL : 0);
    else
        io_uring_prep_write(sqe, fd, from, size, 0);
    sqe->user_data = named(WRITE, who);
    s.client[who].writing = true;
    say(sqe, "write", who, (int)size);
}

static void ask_poll(int who) {
    struct io_uring_sqe *sqe = entry();
    unsigned events = below(2) ? POLLIN : POLLIN | POLLOUT;
    io_uring_prep_poll_add(sqe, s.client[who].fd, events);
    sqe->user_data = named(POLL, who);
    s.client[who].watching = true;
    say(sqe, "poll", who, (int)events);
}

static void ask_end(int who) {
    struct io_uring_sqe *sqe = entry();
    static const int ways[] = {SHUT_WR, SHUT_RDWR, SHUT_RD};
    int how = ways[below(3)];
    io_uring_prep_shutdown(sqe, s.client[who].fd, how);
    sqe->user_data = named(OTHER, who);
    s.cancelling = true, s.shutting = sqe->user_data; /* by another thread: a cancel would race with it */
    say(sqe, "shutdown", who, how);
}

static void ask_close(int who) {
    struct io_uring_sqe *sqe = entry();
    io_uring_prep_close(sqe, s.client[who].fd);
    sqe->user_data = named(OTHER, who);
    say(sqe, "close", who, s.client[who].reading);
    s.client[who].fd = -1;
}

/* What was cancelled counts again for the next one, until the program has entered the kernel once more. */
static void ask_cancel(int who) {
    s.cancelling = true;
    struct io_uring_sqe *sqe = entry();
    bool all = below(2);
    if (all)
        io_uring_prep_cancel_fd(sqe, s.client[who].fd, IORING_ASYNC_CANCEL_ALL);
    else
        io_uring_prep_cancel64(sqe, 12345, 0);
    sqe->user_data = named(OTHER, who);
    say(sqe, "cancel", who, all);
}

static void ask_chain(int who) {
    struct io_uring_sqe *sqe = entry();
    bool fails = below(2);
    if (fails)
        io_uring_prep_cancel64(sqe, 12345, 0);
    else
        io_uring_prep_nop(sqe);
    sqe->flags |= IOSQE_IO_LINK | (below(2) ? IOSQE_CQE_SKIP_SUCCESS : 0);
    sqe->user_data = named(OTHER, who);
    say(sqe, "chain", who, fails);
    sqe = entry();
    io_uring_prep_nop(sqe);
    sqe->user_data = named(OTHER, who);
}

static void ask_time(void) {
    bool now = below(2);
    if (s.timing && s.cancelling) return;
    struct io_uring_sqe *sqe = entry();
    if (s.timing) {
        s.cancelling = true;
        io_uring_prep_cancel64(sqe, 0, IORING_ASYNC_CANCEL_ANY);
    } else {
        io_uring_prep_timeout(sqe, now ? &soon : &late, 0, 0);
        s.timing = true;
    }
    sqe->user_data = named(s.timing && sqe->opcode == IORING_OP_TIMEOUT ? TIMER : OTHER, 0);
    say(sqe, "time", sqe->opcode == IORING_OP_TIMEOUT, now);
}

/* A ring that writes to an eventfd has it done by another thread, some time later. */
static void ask_event(void) {
    if (s.watching_event) {
        uint64_t one = 1;
        fprintf(transcript, "event: %d\n", (int)write(s.event, &one, sizeof one));
        return;
    }
    struct io_uring_sqe *sqe = entry();
    io_uring_prep_poll_multishot(sqe, s.event, POLLIN);
    s.watching_event = true;
    sqe->user_data = named(EVENT, 0);
    say(sqe, "event", 0, 0);
}

static void ask(int who) {
    bool there = s.client[who].fd >= 0;
    int what = below(20);
    if (what < 3 && !s.accepting)
        ask_accept();
    else if (what < 8 && there && !s.client[who].reading && !s.client[who].watching)
        ask_read(who);
    else if (what < 11 && there && !s.client[who].writing && !s.client[who].full)
        ask_write(who);
    else if (what == 11 && there && !s.client[who].watching && !s.client[who].reading)
        ask_poll(who);
    else if (what == 12 && there && !s.cancelling)
        ask_end(who);
    else if (what == 13 && there && below(2))
        ask_close(who);
    else if (what == 14 && there && !s.cancelling)
        ask_cancel(who);
    else if (what == 15)
        ask_chain(who);
    else if (what == 16)
        ask_time();
    else if (what == 17)
        ask_event();
}

static void give_back(void) {
    int i = below(BUFFERS);
    if (!s.taken[i]) return;
    provide(i);
    fprintf(transcript, "buffer %d\n", i);
}

static void account(const struct io_uring_cqe *cqe) {
    int what = (int)(cqe->user_data >> 32), who = (int)(cqe->user_data >> 24 & 0xff);
    bool last = !(cqe->flags & IORING_CQE_F_MORE);
    if (what == ACCEPT && last) s.accepting = false;
    if (what == READ && last) s.client[who].reading = false;
    if (what == WRITE && last) s.client[who].writing = false;
    if (what == POLL && last) s.client[who].watching = false;
    if (what == TIMER && last) s.timing = false;
    if (what == EVENT && last) s.watching_event = false;
    if (cqe->flags & IORING_CQE_F_BUFFER) s.taken[cqe->flags >> IORING_CQE_BUFFER_SHIFT] = true;
    if (what == ACCEPT && cqe->res >= 0) {
        s.client[s.order[0]].fd = cqe->res;
        memmove(s.order, s.order + 1, sizeof s.order - sizeof *s.order);
        s.waiting--;
    }
}

static int by_number(const void *a, const void *b) {
    const struct io_uring_cqe *x = a, *y = b;
    uint64_t left = x->user_data & 0xffffff, right = y->user_data & 0xffffff;
    return left != right ? (left > right) - (left < right) : (x > y) - (x < y);
}

/* Also those for which there was no room. */
static unsigned collect(struct io_uring_cqe *all) {
    struct io_uring_cqe *some[COMPLETIONS];
    unsigned count = 0, more;
    do {
        io_uring_get_events(&s.ring);
        more = io_uring_peek_batch_cqe(&s.ring, some, COMPLETIONS);
        for (unsigned i = 0; i < more && count < COMPLETIONS; i++) {
            if (some[i]->user_data == s.shutting) s.shutting = 0;
            all[count++] = *some[i];
        }
        io_uring_cq_advance(&s.ring, more);
        if (s.shutting) clients_settle();
    } while (more > 0 || s.shutting);
    s.cancelling = false;
    return count;
}

static unsigned drain(void) {
    struct io_uring_cqe all[COMPLETIONS];
    unsigned count = collect(all);
    qsort(all, count, sizeof *all, by_number);
    for (unsigned i = 0; i < count; i++) {
        bool fd = all[i].user_data >> 32 == ACCEPT && all[i].res >= 0;
        unsigned flags = all[i].flags & ~(unsigned)IORING_CQE_F_SOCK_NONEMPTY;
        fprintf(transcript, "  %lu -> %d, %x\n", (unsigned long)(all[i].user_data & 0xffffff), fd ? 0 : all[i].res,
                flags);
        account(&all[i]);
    }
    return count;
}

static void client_acts(int who) {
    int what = below(8), size = 1 + below(SENT_MAX);
    bool ended = s.client[who].fin || s.client[who].rst;
    if (what < 5 && !ended) {
        client_send(who, size), fprintf(transcript, "client %d sends %d\n", who, size);
    } else if (what == 5 && !s.client[who].rst) {
        client_receive(who);
    } else if (what == 6 && !ended) {
        client_half_close(who), s.client[who].fin = true, fprintf(transcript, "client %d half-closes\n", who);
    } else if (what == 7 && !s.client[who].rst && below(2)) {
        client_reset(who), s.client[who].rst = true, fprintf(transcript, "client %d resets\n", who);
    }
}

static void step(void) {
    int who = below(CLIENTS), what = below(10);
    if (!s.client[who].connected && what < 6) {
        client_connect(who);
        s.client[who].connected = true;
        s.order[s.waiting++] = who;
        fprintf(transcript, "client %d connects\n", who);
    } else if (what < 4) {
        if (s.client[who].connected) client_acts(who);
    } else if (what < 9) {
        for (int n = 1 + below(3); n > 0 && !s.cancelling; n--) ask(below(CLIENTS));
        int taken = io_uring_submit(&s.ring);
        fprintf(transcript, "submitted: %d\n", taken);
    } else {
        give_back();
    }
}

/* Everything under way ends, and is counted. */
static void finish(void) {
    struct io_uring_sqe *sqe = entry();
    io_uring_prep_cancel64(sqe, 0, IORING_ASYNC_CANCEL_ANY);
    sqe->user_data = named(OTHER, 0);
    fprintf(transcript, "end: %d\n", io_uring_submit(&s.ring));
    do {
        clients_settle();
    } while (drain() > 0);
}

void script_play(uint64_t seed, int length) {
    signal(SIGPIPE, SIG_IGN);
    fprintf(transcript, "script %lu\n", (unsigned long)seed);
    if (!set_up(seed)) return;
    for (int i = 0; i < length; i++) {
        step();
        clients_settle();
        if (below(3) || s.shutting) drain();
    }
    finish();
    clients_close();
    io_uring_queue_exit(&s.ring);
    for (int i = 0; i < CLIENTS; i++)
        if (s.client[i].fd >= 0) close(s.client[i].fd);
    close(s.event);
    close(s.listener);
}
