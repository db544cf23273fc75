/* SPDX-License-Identifier: MIT */
/* calls_sockets.c -- sockets, from nothing to an accepted connection. */
#include "calls.h"
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

struct peer *stream_dequeue(void);

enum { PORT_CHOSEN = 40000 };

static int refuse(int error) {
    errno = error;
    return -1;
}

struct file *socket_of(int fd, const char *name) {
    struct file *file = known_file(fd, name);
    if (file->kind == SOCKET || file->kind == LISTENER || file->kind == STREAM) return file;
    errno = ENOTSOCK;
    return NULL;
}

static int new_socket(int domain, int type) {
    if (made_to_fail("socket")) return -1;
    if (domain != AF_INET || (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_STREAM) return refuse(EAFNOSUPPORT);
    struct file *file = file_new(SOCKET);
    file->nonblocking = type & SOCK_NONBLOCK, file->socket.low_water = 1;
    return descriptor_new(file, "socket", type & SOCK_CLOEXEC);
}

int sim_socket(int domain, int type, int protocol);
int sim_socket(int domain, int type, int protocol) {
    call_begin("socket", CALLER());
    if (protocol != 0 && protocol != IPPROTO_TCP) not_modelled("socket", "any protocol but TCP");
    return (int)call_end(new_socket(domain, type), "socket()");
}

static int set_option(int fd, int level, int name, const void *value, socklen_t size) {
    struct file *file = socket_of(fd, "setsockopt");
    if (!file || made_to_fail("setsockopt")) return -1;
    return option_set(file, level, name, value, size);
}

int sim_setsockopt(int fd, int level, int name, const void *value, socklen_t size);
int sim_setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
    call_begin("setsockopt", CALLER());
    return (int)call_end(set_option(fd, level, name, value, size), "setsockopt(%d, %s)", fd, option_name(level, name));
}

int sim_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int sim_getsockopt(int fd, int level, int name, void *value, socklen_t *size) {
    call_begin("getsockopt", CALLER());
    struct file *file = socket_of(fd, "getsockopt");
    int answer = file ? option_get(file, level, name, value, size) : -1;
    return (int)call_end(answer, "getsockopt(%d, %s)", fd, option_name(level, name));
}

/* One that listens has its port for itself, unless both sides agree to share it. */
static bool taken(const struct file *file, uint32_t address, uint16_t port) {
    if (!the_listener || the_listener->socket.port != port) return false;
    uint32_t other = the_listener->socket.address;
    bool overlap = address == other || address == INADDR_ANY || other == INADDR_ANY;
    return overlap && !(file->socket.share && the_listener->socket.share);
}

int bind_to(int fd, const struct sockaddr_in *address) {
    struct file *file = socket_of(fd, "bind");
    if (!file || made_to_fail("bind")) return -1;
    if (file->kind != SOCKET || file->socket.bound) return refuse(EINVAL);
    uint32_t ip = ntohl(address->sin_addr.s_addr);
    uint16_t port = ntohs(address->sin_port);
    if (taken(file, ip, port)) return refuse(EADDRINUSE);
    file->socket.bound = true, file->socket.address = ip, file->socket.port = port ? port : PORT_CHOSEN;
    return 0;
}

int sim_bind(int fd, const struct sockaddr *address, socklen_t size);
int sim_bind(int fd, const struct sockaddr *address, socklen_t size) {
    struct sockaddr_in in = {0};
    memcpy(&in, address, size < sizeof in ? size : sizeof in);
    call_begin("bind", CALLER());
    return (int)call_end(bind_to(fd, &in), "bind(%d)", fd);
}

int start_listening(int fd, int backlog) {
    struct file *file = socket_of(fd, "listen");
    if (!file || made_to_fail("listen")) return -1;
    if (file->kind == STREAM || !file->socket.bound) return refuse(EINVAL);
    file->kind = LISTENER;
    file->socket.backlog = backlog < 0 ? MAX_PEERS : backlog;
    the_listener = file;
    return 0;
}

int sim_listen(int fd, int backlog);
int sim_listen(int fd, int backlog) {
    call_begin("listen", CALLER());
    return (int)call_end(start_listening(fd, backlog), "listen(%d, %d)", fd, backlog);
}

static void fill_address(struct sockaddr *address, socklen_t *size, uint32_t ip, uint16_t port) {
    if (!address || !size) return;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
    memcpy(address, &in, *size < sizeof in ? *size : sizeof in);
    *size = sizeof in;
}

int name_of(int fd, struct sockaddr *address, socklen_t *size, bool own) {
    struct file *file = socket_of(fd, "getsockname");
    if (!file) return -1;
    if (!own && file->kind != STREAM) return refuse(ENOTCONN);
    if (file->kind == STREAM)
        fill_address(address, size, INADDR_LOOPBACK, own ? PORT_CHOSEN : (uint16_t)(50000 + file->peer->number));
    else
        fill_address(address, size, file->socket.address, file->socket.port);
    return 0;
}

int sim_getsockname(int fd, struct sockaddr *address, socklen_t *size);
int sim_getsockname(int fd, struct sockaddr *address, socklen_t *size) {
    call_begin("getsockname", CALLER());
    return (int)call_end(name_of(fd, address, size, true), "getsockname(%d)", fd);
}

int sim_getpeername(int fd, struct sockaddr *address, socklen_t *size);
int sim_getpeername(int fd, struct sockaddr *address, socklen_t *size) {
    call_begin("getpeername", CALLER());
    return (int)call_end(name_of(fd, address, size, false), "getpeername(%d)", fd);
}

uint64_t world_accept_refused_ms;
int world_accept_error;

static int accept_refused(int error) {
    world_accept_refused_ms = world_now_ms(), world_accept_error = error;
    return refuse(error);
}

/* What accept(2) lists under "Error handling": errors of the network that are
 * pending on the new connection, and a firewall's EPERM. Linux gives them as
 * accept's own, and the connection is gone. */
static int lost_in_the_queue(struct peer *p) {
    static const int errors[] = {EPROTO, ENETDOWN,     EPERM,      ENOPROTOOPT, EHOSTDOWN,
                                 ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, ETIMEDOUT};
    p->state = CLOSED, p->rst = p->lost_in_the_queue = true;
    return accept_refused(errors[world_choose(sizeof errors / sizeof *errors)]);
}

/* As Linux does it, the number is taken before the queue is looked at: out of
 * numbers, an empty queue says EMFILE too. */
int accept_now(struct file *listener, const char *call, int flags) {
    if (!descriptor_available()) return accept_refused(world_faults.full_errno ? world_faults.full_errno : EMFILE);
    if (world_faults.accept_failures && stream_queued() && world_one_in(world_faults.accept_failures))
        return accept_refused(world_choose(2) ? ENOMEM : ENOBUFS);
    struct peer *p = stream_queued();
    world_accept_error = 0;
    if (!p) return refuse(EAGAIN);
    stream_dequeue();
    if (world_faults.network_errors && world_one_in(world_faults.network_errors)) return lost_in_the_queue(p);
    if (p->rst && world_choose(2)) { /* Linux hands it out all the same; others do not */
        p->state = CLOSED;
        return accept_refused(ECONNABORTED);
    }
    struct file *file = file_new(STREAM);
    file->peer = p, file->nonblocking = flags & SOCK_NONBLOCK;
    p->server_closing = listener->socket.closing;
    p->low_water = listener->socket.low_water, p->corked = listener->socket.corked;
    p->file = file, p->state = ACCEPTED;
    return p->fd = descriptor_new(file, call, flags & SOCK_CLOEXEC);
}

static int accept_one(struct file *listener, const char *call, int fd, int flags) {
    if (!listener) return -1;
    if (listener->kind != LISTENER) return refuse(EINVAL);
    if (interrupted()) return accept_refused(EINTR);
    int new = accept_now(listener, call, flags);
    if (new < 0 && errno == EAGAIN && !listener->nonblocking) would_block("accept", fd);
    return new;
}

void client_address(struct sockaddr *address, socklen_t *size) {
    fill_address(address, size, INADDR_LOOPBACK, 50000);
}

int sim_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
int sim_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags) {
    call_begin("accept4", CALLER());
    only_flags("accept4", (unsigned)flags, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int new = accept_one(socket_of(fd, "accept4"), "accept4", fd, flags);
    if (new >= 0) client_address(address, size);
    return (int)call_end(new, "accept4(%d)", fd);
}

int sim_accept(int fd, struct sockaddr *address, socklen_t *size);
int sim_accept(int fd, struct sockaddr *address, socklen_t *size) {
    call_begin("accept", CALLER());
    int new = accept_one(socket_of(fd, "accept"), "accept", fd, 0);
    if (new >= 0) client_address(address, size);
    return (int)call_end(new, "accept(%d)", fd);
}

int shut(struct file *file, int fd, int how) {
    if (!file) return -1;
    if (descriptor_guard(fd) && how != SHUT_WR)
        world_fail(&callers_own, "shutdown(%d) ends %s: no client can connect any more", fd, descriptor_guard(fd));
    if (file->kind != STREAM) return refuse(ENOTCONN);
    struct peer *p = file->peer;
    if (p->state == CONNECTING && !p->rst) not_modelled("shutdown", "a connection that is not made yet");
    if (p->telling == UNTOLD) p->telling = p->rst ? NEVER_TOLD : TOLD;
    bool over = p->rst || (p->fin && p->server_fin);
    if (!over && how != SHUT_RD && !p->server_fin) p->server_fin = true, p->held_back = 0, world_progress();
    if (!over && how != SHUT_WR) p->server_unread = true;
    file_wake(file, 0);
    return over ? refuse(ENOTCONN) : 0;
}

int sim_shutdown(int fd, int how);
int sim_shutdown(int fd, int how) {
    call_begin("shutdown", CALLER());
    return (int)call_end(shut(socket_of(fd, "shutdown"), fd, how), "shutdown(%d)", fd);
}
