/* SPDX-License-Identifier: MIT */
/* calls.c -- one connection's bytes, cut as is asked, and the answers in words.
 *
 * The connection is AF_UNIX: there a client can see (SIOCOUTQ) how much the
 * server has not read yet, and so have it read each piece alone. */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"

#define HEADER_MAX 4096
#define BODY_MAX 10000

static _Atomic int nulls_due, nulls_released;

static void release_nothing(void *body) {
    if (!body) atomic_fetch_add(&nulls_released, 1);
}

/* A size, and no body of it. */
static void nothing(struct http_response *response) {
    response->body_size = 9, response->release = release_nothing;
    atomic_fetch_add(&nulls_due, 1);
}

/* Says what it was asked: method, target, body. /empty, /nothing, /status/204 and so on answer that. */
void echo(const struct http_request *request, struct http_response *response, void *world) {
    static const char status[] = "/status/";
    (void)world;
    if (strcmp(request->target, "/empty") == 0) return;
    if (strcmp(request->target, "/nothing") == 0) {
        nothing(response);
        return;
    }
    if (strncmp(request->target, status, sizeof status - 1) == 0)
        response->status = atoi(request->target + sizeof status - 1);
    size_t room = strlen(request->method) + strlen(request->target) + request->body_size + 3;
    char *body = malloc(room);
    if (!body) abort();
    int used = sprintf(body, "%s %s", request->method, request->target);
    if (request->body_size > 0) {
        body[used++] = ' ';
        memcpy(body + used, request->body, request->body_size);
    }
    response->body = body, response->body_size = (size_t)used + request->body_size, response->release = free;
}

/* Until the server has read all; false: it reads no more. */
static int all_is_read(int fd) {
    for (;;) {
        int left = 0;
        if (ioctl(fd, SIOCOUTQ, &left) != 0) return 0;
        if (left == 0) return 1;
        struct pollfd p = {.fd = fd, .events = POLLRDHUP};
        if (poll(&p, 1, 0) > 0 && p.revents & (POLLRDHUP | POLLHUP | POLLERR)) return 0;
        usleep(20);
    }
}

static int send_piece(int fd, const char *bytes, size_t size) {
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return 0;
        sent += (size_t)n;
    }
    return 1;
}

static void await_answer(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (poll(&p, 1, -1) < 0 && errno == EINTR) continue;
}

/* `piece`: 0 for all at once, else so many bytes at a time. Before byte `wait_at`, unless it is 0, an answer has come.
 */
static void send_cut(int fd, const char *bytes, size_t size, size_t piece, size_t wait_at) {
    for (size_t at = 0, next; at < size; at = next) {
        next = piece && at + piece < size ? at + piece : size;
        if (wait_at && at < wait_at && next > wait_at) next = wait_at;
        if (!send_piece(fd, bytes + at, next - at)) return;
        if (next == wait_at) await_answer(fd);
        if (next < size && !all_is_read(fd)) return;
    }
}

static const char *error_name(int error) {
    const char *name = strerrorname_np(error);
    return name ? name : "?";
}

static char told[4096];

const char *script_exchange(const void *bytes, uint64_t size, uint64_t piece, uint64_t wait_at, uint64_t heads,
                            uint64_t first, uint64_t other);
const char *script_exchange(const void *bytes, uint64_t size, uint64_t piece, uint64_t wait_at, uint64_t heads,
                            uint64_t first, uint64_t other) {
    static struct received received;
    struct running server = {.limits = {2, 64, HEADER_MAX, BODY_MAX, UINT32_MAX, UINT32_MAX}, .handler = echo};
    struct door door;
    server_start(&server, &door, AF_UNIX);
    int fd = server_connect(&door);
    send_cut(fd, bytes, size, piece, wait_at);
    shutdown(fd, SHUT_WR);
    int ended = receive_all(fd, &received);
    close(fd);
    int answered = server_stop(&server);
    tell_answers(told, sizeof told, &received, heads, (int)first, (int)other);
    const char *comma = told[0] ? ", " : "";
    size_t used = strlen(told);
    snprintf(told + used, sizeof told - used, "%s%s", comma, ended ? "end" : "reset");
    used = strlen(told);
    int due = atomic_exchange(&nulls_due, 0), released = atomic_exchange(&nulls_released, 0);
    if (released != due) used += (size_t)sprintf(told + used, "; release(NULL) called %d times, %d due", released, due);
    if (answered != 0) snprintf(told + used, sizeof told - used, "; http_serve answered -%s", error_name(-answered));
    return told;
}

/* What http_serve answers to limits that make no sense. */
int64_t script_refused(uint64_t workers, uint64_t queue_max, uint64_t header_max, uint64_t idle_ms, uint64_t request_ms,
                       uint64_t handler);
int64_t script_refused(uint64_t workers, uint64_t queue_max, uint64_t header_max, uint64_t idle_ms, uint64_t request_ms,
                       uint64_t handler) {
    struct running server = {
        .limits = {workers, queue_max, header_max, BODY_MAX, (uint32_t)idle_ms, (uint32_t)request_ms},
        .handler = handler ? echo : NULL};
    struct door door;
    server_start(&server, &door, AF_UNIX);
    return server_stop(&server);
}
