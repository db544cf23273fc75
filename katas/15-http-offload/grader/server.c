/* SPDX-License-Identifier: MIT */
/* server.c -- the learner's server on a thread of its own, and connections to it. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "driver.h"

static _Noreturn void cannot(const char *what) {
    perror(what);
    abort();
}

/* Without a path the kernel chooses a name, or a port. */
static int open_listener(struct door *door, int family, const char *path) {
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_in internet;
    } a = {.any = {.sa_family = (sa_family_t)family}};
    socklen_t size = family == AF_UNIX ? sizeof a.any.sa_family : sizeof a.internet;
    if (family == AF_INET) a.internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (path) size = sizeof a.local, snprintf(a.local.sun_path, sizeof a.local.sun_path, "%s", path);
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, &a.any, size) != 0 || listen(fd, 1024) != 0) cannot("listen");
    size = sizeof a;
    if (getsockname(fd, &a.any, &size) != 0) cannot("getsockname");
    door->family = family, door->size = size;
    memcpy(door->address, &a, size);
    return fd;
}

static int serve(int listen_fd, int stop_fd, void *running) {
    const struct running *r = running;
    return http_serve(listen_fd, stop_fd, r->limits, r->handler, r->world);
}

void server_start(struct running *r, struct door *door, int family) {
    r->service = (struct service){.listener = open_listener(door, family, r->path), .serve = serve, .about = r};
    service_start(&r->service);
}

int server_stop(struct running *r) {
    return service_stop(&r->service);
}

int server_connect(const struct door *door) {
    int fd = socket(door->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) cannot("socket");
    (void)connect(fd, (const struct sockaddr *)door->address, door->size); /* a refusal shows at the first answer */
    if (door->family == AF_INET) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}
