/* SPDX-License-Identifier: MIT */
/* baseline.c -- a thread for each connection: it reads, calls the handler and
 * writes, and waits in each of them. Right for well-behaved clients, easy to read, and the yardstick of
 * the throughput. It keeps no limits: a slow handler or a slow sender costs a thread, and nobody is ever told
 * that there are too many. */
#include "http_offload.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
    struct http_limits limits;
    http_handler handler;
    void *world;
    int stop_fd;
    pthread_mutex_t lock;
    pthread_cond_t fewer;
    size_t connections;
};

struct connection {
    struct server *server;
    int fd;
    size_t have;
    char in[]; /* header_max + body_max and a zero byte */
};

/* False: the client has ended, is too slow, or the server stops. */
static bool read_more(struct connection *c) {
    struct server *s = c->server;
    struct pollfd both[2] = {{.fd = c->fd, .events = POLLIN}, {.fd = s->stop_fd, .events = POLLIN}};
    size_t room = s->limits.header_max + s->limits.body_max - c->have;
    if (room == 0) return false;
    int n = poll(both, 2, (int)s->limits.idle_timeout_ms);
    if (n == 0 || both[1].revents) return false;
    ssize_t got = recv(c->fd, c->in + c->have, room, MSG_DONTWAIT);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    c->have += (size_t)got;
    c->in[c->have] = 0;
    return got > 0;
}

static bool write_all(int fd, const char *bytes, size_t size, int flags) {
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL | flags);
        struct pollfd room = {.fd = fd, .events = POLLOUT};
        if (n < 0 && errno == EAGAIN && poll(&room, 1, -1) >= 0) continue;
        if (n < 0 && errno != EINTR) return false;
        if (n > 0) bytes += n, size -= (size_t)n;
    }
    return true;
}

static bool answer(struct connection *c, const char *method, const struct http_response *r) {
    char head[128];
    size_t body = r->body ? r->body_size : 0;
    int size = snprintf(head, sizeof head, "HTTP/1.1 %d Status\r\nContent-Length: %zu\r\n\r\n", r->status, body);
    if (!strcmp(method, "HEAD")) body = 0;
    return write_all(c->fd, head, (size_t)size, body ? MSG_MORE : 0) && (!body || write_all(c->fd, r->body, body, 0));
}

/* A request of known length; 0: there is not all of it yet, -1: this is none. */
static long request_size(struct connection *c, char **body) {
    char *end = memmem(c->in, c->have, "\r\n\r\n", 4);
    if (!end) return 0;
    *body = end + 4;
    char *length = strcasestr(c->in, "\r\nContent-Length:");
    long size = *body - c->in + (length && length < end ? strtol(length + 17, NULL, 10) : 0);
    return size > (long)c->have ? 0 : size;
}

static bool one_request(struct connection *c) {
    struct server *s = c->server;
    char *body = NULL, *rest = NULL;
    long size;
    while ((size = request_size(c, &body)) == 0)
        if (!read_more(c)) return false;
    body[-1] = 0;
    char *method = strtok_r(c->in, " ", &rest), *target = strtok_r(NULL, " ", &rest);
    if (!method || !target) return false;
    struct http_request request = {method, target, body, (size_t)(c->in + size - body)};
    struct http_response response = {.status = 200};
    s->handler(&request, &response, s->world);
    bool sent = answer(c, method, &response);
    if (response.release) response.release((void *)(uintptr_t)response.body);
    c->have -= (size_t)size;
    memmove(c->in, c->in + size, c->have + 1);
    return sent;
}

static void *serve_one(void *argument) {
    struct connection *c = argument;
    struct server *s = c->server;
    while (one_request(c)) continue;
    close(c->fd);
    free(c);
    pthread_mutex_lock(&s->lock);
    s->connections--;
    pthread_cond_signal(&s->fewer);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void accept_one(struct server *s, int listen_fd) {
    int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct connection *c = fd < 0 ? NULL : malloc(sizeof *c + s->limits.header_max + s->limits.body_max + 1);
    pthread_t thread;
    if (!c) {
        if (fd >= 0) close(fd);
        return;
    }
    c->server = s, c->fd = fd, c->have = 0;
    pthread_mutex_lock(&s->lock);
    s->connections++;
    pthread_mutex_unlock(&s->lock);
    if (pthread_create(&thread, NULL, serve_one, c) == 0)
        pthread_detach(thread);
    else
        serve_one(c);
}

int http_serve(int listen_fd, int stop_fd, struct http_limits limits, http_handler handler, void *world) {
    if (!handler || !limits.workers || !limits.queue_max || limits.header_max < 64) return -EINVAL;
    if (limits.header_max > 1 << 20) return -EINVAL;
    if (!limits.idle_timeout_ms || !limits.request_timeout_ms) return -EINVAL;
    struct server s = {.limits = limits, .handler = handler, .world = world, .stop_fd = stop_fd};
    pthread_mutex_init(&s.lock, NULL);
    pthread_cond_init(&s.fewer, NULL);
    struct pollfd both[2] = {{.fd = listen_fd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
    while (!both[1].revents)
        if (poll(both, 2, -1) > 0 && both[0].revents) accept_one(&s, listen_fd);
    pthread_mutex_lock(&s.lock);
    while (s.connections > 0) pthread_cond_wait(&s.fewer, &s.lock);
    pthread_mutex_unlock(&s.lock);
    pthread_mutex_destroy(&s.lock);
    pthread_cond_destroy(&s.fewer);
    return 0;
}
