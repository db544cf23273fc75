/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "stream.h"

#define CONNECT_PATIENCE_S 10
#define NARROW_SEGMENT 1400
#define NARROW_BUFFER (8 * 1024)

uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The options fail at worst in being without effect: then a port waits longer,
 * or a connection takes longer to give up. */
int client_connect(struct client *c, const struct sockaddr_in *from, const struct sockaddr_in *server) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct timeval patience = {.tv_sec = CONNECT_PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience); /* connect's too */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (c->narrow) {
        setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &(int){NARROW_SEGMENT}, sizeof(int));
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){NARROW_BUFFER}, sizeof(int));
    }
    if (bind(fd, (const struct sockaddr *)from, sizeof *from) != 0 ||
        connect(fd, (const struct sockaddr *)server, sizeof *server) != 0) {
        int error = errno == EINPROGRESS ? ETIMEDOUT : errno;
        close(fd);
        return error;
    }
    c->fd = fd;
    c->sent = c->echoed = 0;
    c->said_all = false;
    c->state = CLIENT_IDLE;
    return 0;
}

void client_begin(struct client *c, bool at_once) {
    c->state = CLIENT_BUSY;
    c->target = c->sent + c->work.bytes;
    c->goal = at_once ? c->target : c->sent;
    c->boundary = c->sent + c->work.message;
    c->first_due = c->dues = 0;
}

/* How many bytes may leave now: up to the goal, and inside the window. */
static uint64_t allowance(const struct client *c) {
    uint64_t left = c->goal - c->sent, room = c->work.window - (c->sent - c->echoed);
    if (c->work.window <= c->sent - c->echoed) return 0;
    return left < room ? left : room;
}

bool client_send(struct client *c, uint64_t now) {
    c->blocked = false;
    for (uint64_t size; (size = allowance(c)) > 0;) {
        if (c->work.window == c->work.message && c->dues == 0) client_due(c, now);
        if (size > STREAM_PIECE) size = STREAM_PIECE;
        ssize_t n = send(c->fd, stream_bytes(c->start, c->sent), size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        c->blocked = n < 0 && errno == EAGAIN;
        if (n < 0) return c->blocked;
        c->sent += (uint64_t)n;
    }
    if (c->sent == c->target && c->work.end == CLIENT_HALF_CLOSES && !c->said_all) {
        shutdown(c->fd, SHUT_WR);
        c->said_all = true;
    }
    return true;
}

bool client_due(struct client *c, uint64_t due_ns) {
    if (c->dues == DUES) return false;
    c->due_ns[(c->first_due + c->dues++) % DUES] = due_ns;
    return true;
}

/* Adds the messages that `echoed` has completed, with their latency where it is known. */
static void complete_messages(struct client *c, struct load_report *report) {
    if (c->echoed < c->boundary) return;
    uint64_t now = now_ns();
    while (c->boundary <= c->echoed) {
        c->boundary += c->work.message;
        report->messages++;
        if (c->dues == 0) continue;
        histogram_add(&report->latency_ns, now - c->due_ns[c->first_due]);
        c->first_due = (c->first_due + 1) % DUES;
        c->dues--;
    }
}

static void witness(struct load_witness *w, const struct client *c, uint64_t index, uint64_t expected, uint64_t seen) {
    if (w->clients++ > 0) return;
    *w = (struct load_witness){1, index, c->echoed, expected, seen};
}

void client_lost(struct client *c, struct load_witness *w, uint64_t index) {
    witness(w, c, index, c->target, c->echoed);
    c->state = CLIENT_LOST;
}

/* A value of 256 says: nothing more was sent, so nothing can come back. */
static bool compare(struct client *c, const char *bytes, size_t size, uint64_t index, struct load_report *report) {
    const char *expected = stream_bytes(c->start, c->echoed);
    size_t owed = c->sent - c->echoed, common = size < owed ? size : owed;
    if (size <= owed && memcmp(bytes, expected, size) == 0) return true;
    size_t at = 0;
    while (at < common && bytes[at] == expected[at]) at++;
    c->echoed += at;
    witness(&report->wrong, c, index, at < owed ? (unsigned char)expected[at] : 256, (unsigned char)bytes[at]);
    c->state = CLIENT_LOST;
    return false;
}

static ssize_t at_end_of_file(struct client *c, uint64_t index, struct load_report *report) {
    bool proper = c->said_all && c->echoed == c->target;
    if (proper)
        client_reset(c); /* nothing is left of it but a port that waits */
    else
        client_lost(c, &report->cut, index);
    return -1;
}

static bool is_done(const struct client *c) {
    if (c->work.end == CLIENT_RESETS) return c->target - c->echoed <= c->work.bytes / 2;
    return c->echoed == c->target && c->work.end == CLIENT_STAYS;
}

ssize_t client_receive(struct client *c, size_t most, char *buffer, uint64_t index, struct load_report *report) {
    ssize_t n = recv(c->fd, buffer, most, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (n <= 0) return at_end_of_file(c, index, report);
    if (!compare(c, buffer, (size_t)n, index, report)) return -1;
    c->echoed += (uint64_t)n;
    report->bytes += (uint64_t)n;
    complete_messages(c, report);
    if (!is_done(c)) return n;
    c->state = CLIENT_ENDED;
    if (c->work.end == CLIENT_RESETS) client_reset(c);
    return -1;
}

void client_reset(struct client *c) {
    if (c->fd >= 0) close(c->fd); /* SO_LINGER 0: a reset */
    c->fd = -1;
    if (c->state != CLIENT_LOST) c->state = CLIENT_AWAY;
}
