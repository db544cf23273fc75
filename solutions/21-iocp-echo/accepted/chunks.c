/* SPDX-License-Identifier: MIT */
/* chunks.c -- receives on while it sends: up to four chunks of a connection are
 * under way, each with a request of its own. One receive at a time keeps the order
 * of bytes, and Windows keeps the order of sends. */
#include "iocp_echo.h"

#include <stdbool.h>
#include <stdlib.h>
#include <ws2tcpip.h>

enum { CHUNK_BYTES = 8192, CHUNKS_MAX = 4, ACCEPTS = 4, RETRY_MS = 50 };
enum { ADDRESS_BYTES = sizeof(struct sockaddr_in) + 16 };

struct connection {
    SOCKET socket;
    unsigned requests, sends; /* under way; the sends among them */
    bool receives, ended, failed;
};

/* What an OVERLAPPED is about. */
struct request {
    OVERLAPPED overlapped;
    enum { ACCEPT, RECEIVE, SEND } kind;
    struct connection *connection;
    SOCKET accepted;
    char bytes[CHUNK_BYTES];
};

struct server {
    SOCKET listener;
    HANDLE port;
    unsigned under_way, accepts;
    bool stopping;
    ULONGLONG retry_at;
    struct connection **all;
    size_t count, room;
};

static SOCKET new_socket(void) {
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (s != INVALID_SOCKET) SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, 0);
    return s;
}

int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    BOOL on = TRUE;
    int error = 0;
    if (ipv4 == NULL || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return WSAEINVAL;
    SOCKET s = new_socket();
    if (s == INVALID_SOCKET) return WSAGetLastError();
    if (setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, sizeof on) == SOCKET_ERROR)
        error = WSAGetLastError();
    else if (bind(s, (struct sockaddr *)&address, sizeof address) == SOCKET_ERROR)
        error = WSAGetLastError();
    else if (listen(s, backlog) == SOCKET_ERROR)
        error = WSAGetLastError();
    else if (CreateIoCompletionPort((HANDLE)s, completions, 0, 0) == NULL)
        error = (int)GetLastError();
    if (error)
        closesocket(s);
    else
        *listener = s;
    return error;
}

static void begun(struct server *s, struct connection *c) {
    s->under_way++;
    if (c) c->requests++;
}

static bool pending(BOOL at_once) {
    return at_once || WSAGetLastError() == WSA_IO_PENDING;
}

/* One receive, as long as there are chunks left for it. */
static void receive(struct server *s, struct connection *c) {
    if (c->receives || c->ended || c->failed || c->sends == CHUNKS_MAX) return;
    struct request *r = malloc(sizeof *r);
    DWORD flags = 0;
    if (r) {
        r->overlapped = (OVERLAPPED){0}, r->kind = RECEIVE, r->connection = c;
        WSABUF room = {CHUNK_BYTES, r->bytes};
        if (pending(WSARecv(c->socket, &room, 1, NULL, &flags, &r->overlapped, NULL) == 0)) {
            c->receives = true;
            begun(s, c);
            return;
        }
        free(r);
    }
    c->failed = true;
}

/* The chunk goes out as it came in, by the same request. */
static void send_back(struct server *s, struct request *r, DWORD size) {
    struct connection *c = r->connection;
    WSABUF bytes = {size, r->bytes};
    r->overlapped = (OVERLAPPED){0}, r->kind = SEND;
    if (pending(WSASend(c->socket, &bytes, 1, NULL, 0, &r->overlapped, NULL) == 0)) {
        c->sends++;
        begun(s, c);
        return;
    }
    c->failed = true;
    free(r);
}

/* When nothing of it is under way any more it may go; a failed one is cancelled, so that this comes soon. */
static void settle(struct server *s, struct connection *c) {
    if (c->failed && c->requests > 0) CancelIoEx((HANDLE)c->socket, NULL);
    if (c->requests > 0 || !(c->failed || c->ended || s->stopping)) return;
    closesocket(c->socket);
    for (size_t i = 0; i < s->count; i++)
        if (s->all[i] == c) s->all[i] = s->all[--s->count];
    free(c);
}

static struct connection *add(struct server *s, SOCKET socket) {
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 16;
        struct connection **all = realloc(s->all, room * sizeof(struct connection *));
        if (!all) return NULL;
        s->all = all, s->room = room;
    }
    struct connection *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->socket = socket;
    return s->all[s->count++] = c;
}

/* False: for want of a socket or of memory. */
static bool accept_next(struct server *s) {
    DWORD received;
    struct request *r = malloc(sizeof *r);
    if (!r) return false;
    r->overlapped = (OVERLAPPED){0}, r->kind = ACCEPT, r->connection = NULL, r->accepted = new_socket();
    if (r->accepted != INVALID_SOCKET) {
        if (pending(AcceptEx(s->listener, r->accepted, r->bytes, 0, ADDRESS_BYTES, ADDRESS_BYTES, &received,
                             &r->overlapped))) {
            begun(s, NULL);
            s->accepts++;
            return true;
        }
        closesocket(r->accepted);
    }
    free(r);
    return false;
}

static void fill_accepts(struct server *s) {
    while (s->accepts < ACCEPTS)
        if (!accept_next(s)) {
            s->retry_at = GetTickCount64() + RETRY_MS;
            return;
        }
    s->retry_at = 0;
}

static void accepted(struct server *s, struct request *r, bool good) {
    struct connection *c = good && !s->stopping ? add(s, r->accepted) : NULL;
    s->accepts--;
    if (c && CreateIoCompletionPort((HANDLE)r->accepted, s->port, 1, 0))
        receive(s, c), settle(s, c);
    else if (c)
        c->failed = true, settle(s, c);
    else
        closesocket(r->accepted);
    free(r);
    if (s->stopping) return;
    if (good)
        fill_accepts(s);
    else if (s->retry_at == 0)
        s->retry_at = GetTickCount64() + RETRY_MS;
}

static void moved(struct server *s, struct request *r, bool good, DWORD size) {
    struct connection *c = r->connection;
    bool received = r->kind == RECEIVE;
    c->requests--;
    if (received)
        c->receives = false;
    else
        c->sends--;
    if (!good || s->stopping) c->failed = true;
    if (good && received && size == 0) c->ended = true;
    if (received && size > 0 && !c->failed)
        send_back(s, r, size);
    else
        free(r);
    if (!s->stopping) receive(s, c);
    settle(s, c);
}

static void stop(struct server *s) {
    s->stopping = true;
    CancelIoEx((HANDLE)s->listener, NULL);
    for (size_t i = 0; i < s->count; i++) CancelIoEx((HANDLE)s->all[i]->socket, NULL);
}

int echo_serve(SOCKET listener, HANDLE completions) {
    struct server s = {.listener = listener, .port = completions};
    fill_accepts(&s);
    while (!s.stopping || s.under_way > 0) {
        OVERLAPPED_ENTRY entries[16];
        ULONG count = 0;
        DWORD ms = s.retry_at && !s.stopping ? RETRY_MS : INFINITE;
        GetQueuedCompletionStatusEx(completions, entries, 16, &count, ms, FALSE);
        for (ULONG i = 0; i < count; i++) {
            struct request *r = (struct request *)entries[i].lpOverlapped;
            bool good = (DWORD)entries[i].Internal == 0; /* above its 32 bits there may be anything */
            if (!r) {
                stop(&s);
                continue;
            }
            s.under_way--;
            if (r->kind == ACCEPT)
                accepted(&s, r, good);
            else
                moved(&s, r, good, entries[i].dwNumberOfBytesTransferred);
        }
        if (!s.stopping && s.retry_at && GetTickCount64() >= s.retry_at) fill_accepts(&s);
    }
    free(s.all);
    return 0;
}
