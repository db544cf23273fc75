/* SPDX-License-Identifier: MIT */
/* real.c -- real descriptors as witnesses: a mux of each kind watches the same ones.
 *
 *   real
 *
 * In each round something happens to one of them; then every mux is asked, and what it
 * tells is put beside what poll says at the same moment. Then waits that a timer
 * interrupts, measured by the monotonic clock from below only.
 *
 * Evidence: `rounds`, `callbacks`; a row of `differences` for the first few; `early`, waits that ended before their
 * time; `high_tried`, `high_refused` and `high_told` of a descriptor from FD_SETSIZE on; `file_refused` and `file_told`
 * of a regular file. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "rng.h"
#include "scenario.h"

enum { KINDS = 3, PAIRS = 24, ROUNDS = 400, ROWS = 8, HIGH = 1500, BYTES = 65536 };

EVIDENCE_ROW(difference, round, kind, type, due, told);

enum type { PIPE_READER, PIPE_WRITER, LOCAL_SOCKET, TCP_SOCKET, EVENT, TYPES };

static struct end {
    enum type type;
    int fd, other; /* -1: closed */
    unsigned asks;
    uint64_t told[KINDS]; /* events + 1, in this round; a second time is 99 */
} ends[PAIRS];

static struct rng rng;
static struct mux *muxes[KINDS];
static GRADERS_OWN struct difference differences[ROWS];
static GRADERS_OWN uint64_t difference_count, callbacks;

static int below(int bound) {
    return (int)rng_below(&rng, (uint64_t)bound);
}

static void on_ready(struct mux *mux, int fd, unsigned events, void *context) {
    struct end *e = context;
    for (int kind = 0; kind < KINDS; kind++)
        if (muxes[kind] == mux && e->fd == fd) e->told[kind] = e->told[kind] ? 99 : events + 1;
    own(callbacks)++;
}

void tcp_pair(int pair[2]) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pair[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&at, size) || listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *)&at, &size) || connect(pair[1], (struct sockaddr *)&at, size))
        abort();
    pair[0] = accept(listener, NULL, NULL);
    close(listener);
}

static void open_end(struct end *e, enum type type) {
    int pair[2] = {-1, -1};
    if (type == TCP_SOCKET)
        tcp_pair(pair);
    else if (type == EVENT)
        pair[0] = event_fd(0);
    else if (type == LOCAL_SOCKET ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) : pipe2(pair, O_CLOEXEC))
        abort();
    bool writer = type == PIPE_WRITER;
    *e = (struct end){.type = type, .fd = pair[writer], .other = pair[!writer]};
    fcntl(e->fd, F_SETFL, O_NONBLOCK);
    if (e->other >= 0) fcntl(e->other, F_SETFL, O_NONBLOCK);
    e->asks = type == PIPE_READER ? MUX_IN : writer ? MUX_OUT : MUX_IN | MUX_OUT;
}

static void write_to(int fd, size_t size, bool until_full) {
    static const char bytes[BYTES];
    while (write(fd, bytes, size) > 0 && until_full) continue;
}

static void read_all(int fd) {
    static char bytes[BYTES];
    while (read(fd, bytes, sizeof bytes) > 0) continue;
}

/* Also for nothing, so that it rests. */
static void ask_anew(struct end *e) {
    unsigned all = e->type == PIPE_READER ? MUX_IN : e->type == PIPE_WRITER ? MUX_OUT : MUX_IN | MUX_OUT;
    e->asks = (unsigned)below(4) & all;
    for (int kind = 0; kind < KINDS; kind++)
        if (mux_mod(muxes[kind], e->fd, e->asks) != 0)
            evidence_broken_off("mux_mod", "refused a watched descriptor", "0", "mux_mod");
}

static void change(struct end *e) {
    int what = below(16), reader = e->type == PIPE_WRITER ? e->other : e->fd;
    int writer = e->type == PIPE_READER ? e->other : e->fd;
    if (e->type == EVENT) {
        (void)!write(e->fd, &(uint64_t){what < 8 ? 1 : UINT64_MAX - 1}, sizeof(uint64_t));
        if (what % 3 == 0) read_all(e->fd);
    } else if (what < 5 && e->other >= 0 && e->type != PIPE_WRITER) {
        write_to(e->other, (size_t)(1 + below(100)), false);
    } else if (what < 8 && writer >= 0) {
        write_to(writer, BYTES, true);
    } else if (what < 13 && reader >= 0) {
        read_all(reader);
        if (e->type == LOCAL_SOCKET && e->other >= 0) read_all(e->other);
    } else if (what == 13 && e->type >= LOCAL_SOCKET && e->other >= 0) {
        shutdown(e->other, SHUT_WR);
    } else if (what == 14 && e->other >= 0) {
        close(e->other);
        e->other = -1;
    } else {
        ask_anew(e);
    }
}

static unsigned due_of(const struct end *e) {
    struct pollfd asked = {.fd = e->fd, .events = POLLIN | POLLOUT};
    poll(&asked, 1, 0);
    unsigned in = asked.revents & (POLLIN | POLLHUP | POLLERR) ? MUX_IN : 0;
    unsigned out = asked.revents & (POLLOUT | POLLERR) ? MUX_OUT : 0;
    return (in | out) & e->asks;
}

static void compare(uint64_t round, int kind, const struct end *e, unsigned due) {
    uint64_t told = e->told[kind] ? e->told[kind] - 1 : 0;
    if (told == due || difference_count == ROWS) return;
    struct difference row = {round, (uint64_t)kind, e->type, due, told};
    own_write(&differences[own(difference_count)++], &row, sizeof row);
}

/* A network may be under way for a moment: what counts is said only if poll says the same before and after. */
static void one_round(uint64_t round) {
    unsigned due[PAIRS];
    change(&ends[below(PAIRS)]);
    for (int i = 0; i < PAIRS; i++) due[i] = due_of(&ends[i]), memset(ends[i].told, 0, sizeof ends[i].told);
    for (int kind = 0; kind < KINDS; kind++) (void)mux_wait(muxes[kind], 0); /* what it tells is what counts */
    for (int i = 0; i < PAIRS; i++)
        for (int kind = 0; kind < KINDS; kind++)
            if (due_of(&ends[i]) == due[i]) compare(round, kind, &ends[i], due[i]);
}

static void nothing(int signal) {
    (void)signal;
}

static uint64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A millisecond and a half apart, so that a wait of 12 ms meets several. */
static uint64_t early_waits(void) {
    uint64_t early = 0;
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = nothing}, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 1500}, {0, 1500}}, NULL);
    for (int kind = 0; kind < KINDS; kind++) {
        struct mux *mux = new_mux((uint64_t)kind);
        uint64_t before = now_us();
        int answer = mux_wait(mux, 12);
        early += answer != 0 || now_us() - before < 12000;
        mux_free(mux);
    }
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
    return early;
}

static void watch_all(void) {
    for (int i = 0; i < PAIRS; i++) {
        open_end(&ends[i], (enum type)(i % TYPES));
        for (int kind = 0; kind < KINDS; kind++) add_watch(muxes[kind], ends[i].fd, ends[i].asks, on_ready, &ends[i]);
    }
}

/* -ERANGE for a number from FD_SETSIZE on; the other kinds are told of it. 0: there is no such number here. */
static void try_high(void) {
    int fd = event_fd(1), high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH);
    struct end end = {.fd = high};
    uint64_t refused = 0, told = 0;
    for (int kind = 0; kind < KINDS && high >= 0; kind++) {
        struct mux *own = muxes[kind];
        muxes[kind] = new_mux((uint64_t)kind);
        int answer = mux_add(muxes[kind], high, MUX_IN, on_ready, &end);
        if (kind == MUX_SELECT) refused = answer == -ERANGE;
        if (answer == 0) (void)mux_wait(muxes[kind], 0);
        told += end.told[kind] == MUX_IN + 1;
        mux_free(muxes[kind]);
        muxes[kind] = own;
    }
    evidence_count("high_tried", high >= 0);
    evidence_count("high_refused", refused);
    evidence_count("high_told", told);
    close(fd);
    if (high >= 0) close(high);
}

/* A regular file is always ready, and epoll takes none. */
static void try_file(void) {
    struct end end = {.fd = memfd_create("file", MFD_CLOEXEC)};
    uint64_t refused = 0, told = 0;
    if (end.fd < 0) abort();
    for (int kind = 0; kind < KINDS; kind++) {
        struct mux *own = muxes[kind];
        muxes[kind] = new_mux((uint64_t)kind);
        int answer = mux_add(muxes[kind], end.fd, MUX_IN, on_ready, &end);
        if (kind == MUX_EPOLL) refused = answer == -EPERM && mux_mod(muxes[kind], end.fd, MUX_OUT) == -ENOENT;
        if (answer == 0) (void)mux_wait(muxes[kind], 0);
        told += end.told[kind] == MUX_IN + 1;
        mux_free(muxes[kind]);
        muxes[kind] = own;
    }
    evidence_count("file_refused", refused);
    evidence_count("file_told", told);
    close(end.fd);
}

void real(uint64_t seed) {
    raise_limit();
    rng = rng_new(seed, 0);
    signal(SIGPIPE, SIG_IGN);
    for (int kind = 0; kind < KINDS; kind++) muxes[kind] = new_mux((uint64_t)kind);
    watch_all();
    for (uint64_t round = 0; round < ROUNDS; round++) one_round(round);
    evidence_progress();
    try_high();
    try_file();
    turns();
    for (int kind = 0; kind < KINDS; kind++) mux_free(muxes[kind]);
    evidence_count("early", early_waits());
    evidence_count("rounds", ROUNDS);
    evidence_count("callbacks", callbacks);
    evidence_rows("differences", difference, differences, difference_count);
}
