/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simplest server on a completion port: one accept at a time,
 * one packet at a time, and a small buffer. Right, and slower than it has to be. */
#include "iocp_echo.h"

#include <stdbool.h>
#include <stdlib.h>
#include <ws2tcpip.h>

enum { BYTES = 4096, ADDRESS_BYTES = sizeof(struct sockaddr_in) + 16, RETRY_MS = 50 };

enum doing { ACCEPTS, RECEIVES, SENDS };

/* A socket and its request, of which it has one at a time. */
struct connection {
    OVERLAPPED overlapped;
    enum doing doing;
    SOCKET socket;
    struct connection *next; /* of the list of all, the one that accepts too */
    char bytes[BYTES];       /* while it accepts: the addresses */
};

struct server {
    SOCKET listener;
    HANDLE port;
    bool stopping, accepts;
    ULONGLONG retry_at;
    struct connection *all;
};

int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return WSAEINVAL;
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    if (s == INVALID_SOCKET) return WSAGetLastError();
    if (setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&on, sizeof on) != 0 ||
        bind(s, (struct sockaddr *)&address, sizeof address) != 0 || listen(s, backlog) != 0 ||
        !CreateIoCompletionPort((HANDLE)s, completions, 0, 0)) {
        int error = WSAGetLastError();
        closesocket(s);
        return error;
    }
    *listener = s;
    return 0;
}

static void drop(struct server *s, struct connection *c) {
    struct connection **at = &s->all;
    while (*at != c) at = &(*at)->next;
    *at = c->next;
    if (c->doing == ACCEPTS) s->accepts = false;
    closesocket(c->socket);
    free(c);
}

/* `done`: the call has answered success. A packet comes then too. */
static void under_way(struct server *s, struct connection *c, bool done) {
    if (!done && WSAGetLastError() != WSA_IO_PENDING) drop(s, c);
}

static void receive(struct server *s, struct connection *c) {
    DWORD flags = 0;
    c->doing = RECEIVES, c->overlapped = (OVERLAPPED){0};
    under_way(s, c, WSARecv(c->socket, &(WSABUF){BYTES, c->bytes}, 1, NULL, &flags, &c->overlapped, NULL) == 0);
}

static void send_back(struct server *s, struct connection *c, DWORD size) {
    c->doing = SENDS, c->overlapped = (OVERLAPPED){0};
    under_way(s, c, WSASend(c->socket, &(WSABUF){size, c->bytes}, 1, NULL, 0, &c->overlapped, NULL) == 0);
}

static void accept_next(struct server *s) {
    DWORD received;
    struct connection *c = malloc(sizeof *c);
    SOCKET socket = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    s->retry_at = GetTickCount64() + RETRY_MS;
    if (!c || socket == INVALID_SOCKET) {
        if (socket != INVALID_SOCKET) closesocket(socket);
        free(c);
        return;
    }
    *c = (struct connection){.doing = ACCEPTS, .socket = socket, .next = s->all};
    s->all = c, s->accepts = true;
    bool done = AcceptEx(s->listener, socket, c->bytes, 0, ADDRESS_BYTES, ADDRESS_BYTES, &received, &c->overlapped);
    under_way(s, c, done);
}

static void accepted(struct server *s, struct connection *c) {
    s->accepts = false;
    setsockopt(c->socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&s->listener, sizeof s->listener);
    c->doing = RECEIVES;
    if (CreateIoCompletionPort((HANDLE)c->socket, s->port, 0, 0))
        receive(s, c);
    else
        drop(s, c);
}

static void take(struct server *s, struct connection *c, bool good, DWORD size) {
    if (!good || s->stopping || (c->doing == RECEIVES && size == 0))
        drop(s, c);
    else if (c->doing == ACCEPTS)
        accepted(s, c);
    else
        c->doing == SENDS ? receive(s, c) : send_back(s, c, size);
}

static void stop(struct server *s) {
    s->stopping = true;
    CancelIoEx((HANDLE)s->listener, NULL);
    for (struct connection *c = s->all; c; c = c->next) CancelIoEx((HANDLE)c->socket, NULL);
}

int echo_serve(SOCKET listener, HANDLE completions) {
    struct server s = {.listener = listener, .port = completions};
    while (!s.stopping || s.all) {
        DWORD size = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *overlapped = NULL;
        if (!s.stopping && !s.accepts && GetTickCount64() >= s.retry_at) accept_next(&s);
        bool waits = s.stopping || s.accepts;
        bool good = GetQueuedCompletionStatus(completions, &size, &key, &overlapped, waits ? INFINITE : RETRY_MS);
        if (overlapped) {
            struct connection *c = (struct connection *)overlapped;
            bool came = c->doing == ACCEPTS && good;
            take(&s, c, good, size);
            if (came) s.retry_at = 0; /* the next one at once */
        } else if (good && key == ECHO_STOP) {
            stop(&s);
        } else if (!good && GetLastError() != WAIT_TIMEOUT) {
            return (int)GetLastError();
        }
    }
    return 0;
}
