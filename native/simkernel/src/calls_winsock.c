/* SPDX-License-Identifier: MIT */
/* calls_winsock.c -- sockets as Windows has them: their options, their ends. */
#include "calls.h"
#include "iocp.h"

#include <errno.h>
#include <string.h>

enum { HANDLES_MAX = 200, FLAG_OVERLAPPED = 1, FLAG_NOT_INHERITED = 0x80 };

/* Of winsock2.h and mswsock.h; Linux has other numbers for these names. */
enum {
    WINDOWS_SOL_SOCKET = 0xffff,
    WINDOWS_REUSEADDR = 4,
    WINDOWS_EXCLUSIVEADDRUSE = ~4,
    WINDOWS_KEEPALIVE = 8,
    WINDOWS_LINGER = 0x80,
    WINDOWS_SNDBUF = 0x1001,
    WINDOWS_RCVBUF = 0x1002,
    WINDOWS_UPDATE_ACCEPT_CONTEXT = 0x700b,
    WINDOWS_NODELAY = 1
};

/* What a Linux call answered, with errno. */
static int answered(int result) {
    return result < 0 ? winsock_refuse(winsock_error(errno)) : result;
}

static int refuse(int error) {
    errno = error;
    return -1;
}

/* NULL with ENOTSOCK. */
static struct file *socket_file(uintptr_t s, const char *call) {
    struct file *file = known_file((int)s, call);
    if (file->kind == SOCKET || file->kind == LISTENER || file->kind == STREAM) return file;
    errno = ENOTSOCK;
    return NULL;
}

static int new_handle(int family, int type, int protocol, DWORD flags) {
    if (made_to_fail("WSASocketW")) return -1;
    if (family != AF_INET || type != SOCK_STREAM) return refuse(EAFNOSUPPORT);
    if (protocol != 0 && protocol != IPPROTO_TCP) not_modelled("WSASocketW", "any protocol but TCP");
    if (flags & ~(DWORD)(FLAG_OVERLAPPED | FLAG_NOT_INHERITED)) not_modelled("WSASocketW", "this flag");
    if (!descriptor_available()) return refuse(world_faults.full_errno ? world_faults.full_errno : EMFILE);
    if (descriptors_open() >= HANDLES_MAX) return refuse(ENOBUFS);
    if (world_faults.first_descriptor < 4) world_faults.first_descriptor = 4; /* no handle has a lower number */
    struct file *file = file_new(SOCKET);
    file->socket.low_water = 1;
    int fd = descriptor_new(file, "WSASocketW", flags & FLAG_NOT_INHERITED);
    if (fd >= 0) *winsock_of(fd) = (struct winsock){.overlapped = flags & FLAG_OVERLAPPED};
    return fd;
}

uintptr_t sim_WSASocketW(int family, int type, int protocol, void *info, unsigned group, DWORD flags);
uintptr_t sim_WSASocketW(int family, int type, int protocol, void *info, unsigned group, DWORD flags) {
    call_begin("WSASocketW", CALLER());
    if (info || group) not_modelled("WSASocketW", "a protocol's description, or a group");
    int fd = (int)call_end(new_handle(family, type, protocol, flags), "WSASocketW()");
    return (uintptr_t)(intptr_t)answered(fd);
}

/* Overlapped by itself, and inherited. */
uintptr_t sim_winsock_socket(int family, int type, int protocol);
uintptr_t sim_winsock_socket(int family, int type, int protocol) {
    call_begin("socket", CALLER());
    int fd = (int)call_end(new_handle(family, type, protocol, FLAG_OVERLAPPED), "socket()");
    return (uintptr_t)(intptr_t)answered(fd);
}

int sim_winsock_bind(uintptr_t s, const struct sockaddr *address, int size);
int sim_winsock_bind(uintptr_t s, const struct sockaddr *address, int size) {
    struct sockaddr_in in = {0};
    call_begin("bind", CALLER());
    memcpy(&in, address, (size_t)size < sizeof in ? (size_t)size : sizeof in);
    return answered((int)call_end(bind_to((int)s, &in), "bind(%d)", (int)s));
}

int sim_winsock_listen(uintptr_t s, int backlog);
int sim_winsock_listen(uintptr_t s, int backlog) {
    call_begin("listen", CALLER());
    return answered((int)call_end(start_listening((int)s, backlog), "listen(%d, %d)", (int)s, backlog));
}

int sim_winsock_getsockname(uintptr_t s, struct sockaddr *address, int *size);
int sim_winsock_getsockname(uintptr_t s, struct sockaddr *address, int *size) {
    call_begin("getsockname", CALLER());
    return answered((int)call_end(name_of((int)s, address, (socklen_t *)size, true), "getsockname(%d)", (int)s));
}

static int set_closing(struct file *file, const void *value) {
    const uint16_t *linger = value;
    enum closing closing = !linger[0] ? CLOSE_ENDS : linger[1] ? CLOSE_WAITS : CLOSE_RESETS;
    if (file->kind == STREAM)
        file->peer->server_closing = closing;
    else
        file->socket.closing = closing;
    return 0;
}

/* Of the socket's own level. SO_REUSEADDR shares a port here, SO_EXCLUSIVEADDRUSE keeps it. */
static int set_own(struct file *file, int fd, int name, const void *value) {
    bool on = *(const int *)value != 0;
    switch (name) {
    case WINDOWS_UPDATE_ACCEPT_CONTEXT:
        if (file->kind != STREAM) return refuse(ENOTCONN);
        winsock_of(fd)->accept_context = true;
        return 0;
    case WINDOWS_EXCLUSIVEADDRUSE:
    case WINDOWS_REUSEADDR:
        if (file->kind != SOCKET || file->socket.bound) return refuse(EINVAL);
        *(name == WINDOWS_REUSEADDR ? &file->socket.share : &file->socket.reuse) = on;
        return 0;
    case WINDOWS_LINGER:
        return set_closing(file, value);
    case WINDOWS_KEEPALIVE:
    case WINDOWS_SNDBUF:
    case WINDOWS_RCVBUF:
        return 0;
    default:
        not_modelled("setsockopt", "this option");
    }
}

static int set(uintptr_t s, int level, int name, const void *value, int size) {
    struct file *file = socket_file(s, "setsockopt");
    bool own = level == WINDOWS_SOL_SOCKET, context = own && name == WINDOWS_UPDATE_ACCEPT_CONTEXT;
    if (!file || made_to_fail("setsockopt")) return -1;
    if (!value || size < (context ? (int)sizeof s : 4)) return refuse(EFAULT);
    if (file->kind == STREAM && !context && !winsock_of((int)s)->accept_context) return refuse(ENOTCONN);
    if (own) return set_own(file, (int)s, name, value);
    if (level != IPPROTO_TCP || name != WINDOWS_NODELAY) not_modelled("setsockopt", "this option");
    return 0;
}

int sim_winsock_setsockopt(uintptr_t s, int level, int name, const char *value, int size);
int sim_winsock_setsockopt(uintptr_t s, int level, int name, const char *value, int size) {
    call_begin("setsockopt", CALLER());
    return answered((int)call_end(set(s, level, name, value, size), "setsockopt(%d, %#x)", (int)s, (unsigned)name));
}

static bool sends(const struct file *file) {
    for (const struct request *r = requests; r < requests_end; r++)
        if (r->used && !r->over && r->file == file && r->kind == WSA_SEND) return true;
    return false;
}

/* Winsock's three ways have Linux' numbers. */
static int end(uintptr_t s, int how) {
    struct file *file = socket_file(s, "shutdown");
    if (!file) return -1;
    if (file->kind == STREAM && !winsock_of((int)s)->accept_context) return refuse(ENOTCONN);
    if (file->kind != STREAM || how == SHUT_RD || !sends(file)) return shut(file, (int)s, how);
    winsock_of((int)s)->ends_later = true;
    return 0;
}

int sim_winsock_shutdown(uintptr_t s, int how);
int sim_winsock_shutdown(uintptr_t s, int how) {
    call_begin("shutdown", CALLER());
    return answered((int)call_end(end(s, how), "shutdown(%d, %d)", (int)s, how));
}

/* What is under way is cancelled, and its packets follow. */
static int close_socket(uintptr_t s) {
    if (!socket_file(s, "closesocket")) return -1;
    if (!descriptor_guard((int)s)) requests_cancel((int)s, NULL);
    close_one((int)s);
    winsock_refuse(0); /* as a call may that succeeds */
    *winsock_of((int)s) = (struct winsock){0};
    return 0;
}

int sim_closesocket(uintptr_t s);
int sim_closesocket(uintptr_t s) {
    call_begin("closesocket", CALLER());
    return answered((int)call_end(close_socket(s), "closesocket(%d)", (int)s));
}
