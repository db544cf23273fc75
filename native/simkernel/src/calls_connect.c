/* SPDX-License-Identifier: MIT */
/* calls_connect.c -- connections that the program makes, after net/ipv4/af_inet.c: connect
 * never waits here, and who is called answers later.
 *
 * A connection that was made is told once more, by the connect after it: 0, then EISCONN. One
 * that failed is told by whichever call comes first: SO_ERROR, connect, read or write. After a
 * connect has told it, the socket is as new. */
#include "calls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static int refuse(int error) {
    errno = error;
    return -1;
}

/* The address is looked at by this one alone. */
static int begin(struct file *file, int fd, const struct sockaddr_in *to, socklen_t size) {
    if (size < sizeof *to) return refuse(EINVAL);
    if (to->sin_family != AF_INET) return refuse(EAFNOSUPPORT);
    if (!file->nonblocking) would_block("connect", fd);
    uint32_t address = ntohl(to->sin_addr.s_addr);
    struct peer *p = world_hooks.connecting ? world_hooks.connecting(address, ntohs(to->sin_port)) : NULL;
    if (!p) return refuse(ENETUNREACH);
    p->server_closing = file->socket.closing;
    p->low_water = file->socket.low_water, p->corked = file->socket.corked;
    file->kind = STREAM, file->peer = p;
    p->file = file, p->fd = fd, p->state = CONNECTING, p->telling = UNTOLD;
    world_progress();
    return refuse(EINPROGRESS);
}

/* The socket may be used again. */
static int fail(struct file *file, struct peer *p) {
    int error = p->error ? p->error : ECONNABORTED;
    p->state = CLOSED, p->file = NULL, p->fd = -1, p->error = 0;
    file->kind = SOCKET;
    file->socket.bound = false, file->socket.port = 0, file->socket.low_water = p->low_water;
    file->socket.closing = p->server_closing, file->socket.corked = p->corked;
    file_wake(file, EPOLLERR); /* tcp_disconnect reports an error, though it is told already */
    return refuse(error);
}

static int go_on(struct file *file) {
    struct peer *p = file->peer;
    if (p->telling != UNTOLD) return refuse(p->telling == TOLD ? EISCONN : EINVAL);
    if (p->rst) return fail(file, p);
    if (p->state == CONNECTING) return refuse(EALREADY);
    p->telling = TOLD;
    return 0;
}

static int connect_to(int fd, const struct sockaddr_in *to, socklen_t size) {
    struct file *file = socket_of(fd, "connect");
    if (!file || made_to_fail("connect")) return -1;
    if (to->sin_family == AF_UNSPEC) not_modelled("connect", "AF_UNSPEC, which ends a connection");
    if (file->kind == LISTENER) return refuse(EISCONN);
    return file->kind == SOCKET ? begin(file, fd, to, size) : go_on(file);
}

int sim_connect(int fd, const struct sockaddr *address, socklen_t size);
int sim_connect(int fd, const struct sockaddr *address, socklen_t size) {
    struct sockaddr_in to = {0};
    memcpy(&to, address, size < sizeof to ? size : sizeof to);
    call_begin("connect", CALLER());
    return (int)call_end(connect_to(fd, &to, size), "connect(%d, port %d)", fd, ntohs(to.sin_port));
}

void peer_answer(struct peer *p) {
    world_tell(p->number, "accepts the connection");
    p->state = ACCEPTED;
    world_progress();
    file_wake(p->file, 0);
}

void peer_refuse(struct peer *p, int error) {
    world_tell(p->number, "cannot be reached: %s", strerrorname_np(error));
    peer_fail(p, error);
}
