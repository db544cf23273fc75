/* SPDX-License-Identifier: MIT */
/* iocp_echo.c -- the reference: one request at a time for each connection.
 *
 * A connection either receives into its buffer or sends from it, so its memory
 * has one owner at any time: the request under way. Who does not take its bytes
 * back is not received from, since its send does not complete. A few accepts are
 * under way all the time, each with a socket made ahead. */
#include "iocp_echo.h"

#include <stdbool.h>
#include <stdlib.h>
#include <ws2tcpip.h>

#define CHUNK_BYTES (16 * 1024)
#define RETRY_MS 100 /* until accepts are tried again for which there was no socket */

enum { ACCEPTS = 8, BATCH = 64, ADDRESS_BYTES = sizeof(struct sockaddr_in) + 16 };
enum { KEY_LISTENER = 1, KEY_CONNECTION };

struct connection {
    OVERLAPPED overlapped;
    struct connection *next, *previous;
    SOCKET socket; /* INVALID_SOCKET: closed, and a packet is still to come */
    bool sends;
    char bytes[CHUNK_BYTES];
};

struct acceptor {
    OVERLAPPED overlapped;
    SOCKET socket; /* INVALID_SOCKET: nothing is under way */
    char addresses[2 * ADDRESS_BYTES];
};

struct server {
    SOCKET listener;
    HANDLE port;
    LPFN_ACCEPTEX accept;
    bool stopping;
    unsigned under_way; /* requests whose packet has not been taken */
    ULONGLONG retry_at; /* 0: every acceptor is busy */
    struct acceptor acceptors[ACCEPTS];
    struct connection all; /* head of a circular list; no connection itself */
};

static SOCKET new_socket(void) {
    return WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

static bool listens(SOCKET s, const struct sockaddr_in *address, int backlog, HANDLE port) {
    int on = 1;
    return setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&on, sizeof on) == 0 &&
           bind(s, (const struct sockaddr *)address, sizeof *address) == 0 && listen(s, backlog) == 0 &&
           CreateIoCompletionPort((HANDLE)s, port, KEY_LISTENER, 0) != NULL;
}

int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return WSAEINVAL;
    SOCKET s = new_socket();
    if (s == INVALID_SOCKET) return WSAGetLastError();
    if (!listens(s, &address, backlog, completions)) {
        int error = WSAGetLastError(); /* closesocket may change it */
        closesocket(s);
        return error;
    }
    *listener = s;
    return 0;
}

/* Does a packet follow? */
static bool begun(struct server *s, bool at_once) {
    if (!at_once && WSAGetLastError() != WSA_IO_PENDING) return false;
    s->under_way++;
    return true;
}

static void forget(struct connection *c) {
    c->previous->next = c->next, c->next->previous = c->previous;
    free(c);
}

/* No request of its own is under way. */
static void close_connection(struct connection *c) {
    if (c->socket != INVALID_SOCKET) closesocket(c->socket);
    forget(c);
}

static void receive(struct server *s, struct connection *c) {
    WSABUF room = {sizeof c->bytes, c->bytes};
    DWORD flags = 0;
    c->sends = false, c->overlapped = (OVERLAPPED){0};
    if (!begun(s, WSARecv(c->socket, &room, 1, NULL, &flags, &c->overlapped, NULL) == 0)) close_connection(c);
}

static void send_back(struct server *s, struct connection *c, DWORD size) {
    WSABUF bytes = {size, c->bytes};
    c->sends = true, c->overlapped = (OVERLAPPED){0};
    if (!begun(s, WSASend(c->socket, &bytes, 1, NULL, 0, &c->overlapped, NULL) == 0)) close_connection(c);
}

/* What fails for want of sockets or memory would fail again at once. */
static void ask_accept(struct server *s, struct acceptor *a) {
    a->socket = new_socket(), a->overlapped = (OVERLAPPED){0};
    if (a->socket != INVALID_SOCKET && begun(s, s->accept(s->listener, a->socket, a->addresses, 0, ADDRESS_BYTES,
                                                          ADDRESS_BYTES, &(DWORD){0}, &a->overlapped)))
        return;
    if (a->socket != INVALID_SOCKET) closesocket(a->socket);
    a->socket = INVALID_SOCKET;
    s->retry_at = GetTickCount64() + RETRY_MS;
}

static void ask_all(struct server *s) {
    s->retry_at = 0;
    for (int i = 0; i < ACCEPTS; i++)
        if (s->acceptors[i].socket == INVALID_SOCKET) ask_accept(s, &s->acceptors[i]);
}

static void add_connection(struct server *s, SOCKET socket) {
    struct connection *c = malloc(sizeof *c);
    setsockopt(socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&s->listener, sizeof s->listener);
    if (!c || !CreateIoCompletionPort((HANDLE)socket, s->port, KEY_CONNECTION, 0)) {
        closesocket(socket);
        free(c);
        return;
    }
    c->socket = socket;
    c->next = s->all.next, c->previous = &s->all;
    c->next->previous = c, s->all.next = c;
    receive(s, c);
}

static void after_accept(struct server *s, struct acceptor *a, bool good, bool scarce) {
    SOCKET socket = a->socket;
    a->socket = INVALID_SOCKET;
    if (good && !s->stopping)
        add_connection(s, socket);
    else
        closesocket(socket);
    if (s->stopping) return;
    if (scarce)
        s->retry_at = GetTickCount64() + RETRY_MS;
    else
        ask_accept(s, a);
}

static void after_transfer(struct server *s, struct connection *c, bool good, DWORD size) {
    bool ended = !c->sends && size == 0; /* and all is sent back: one request at a time */
    if (!good || ended || s->stopping)
        close_connection(c);
    else
        c->sends ? receive(s, c) : send_back(s, c, size);
}

/* All that is under way ends, and says so in packets. */
static void stop(struct server *s) {
    if (s->stopping) return;
    s->stopping = true;
    CancelIoEx((HANDLE)s->listener, NULL);
    for (struct connection *c = s->all.next; c != &s->all; c = c->next) {
        closesocket(c->socket);
        c->socket = INVALID_SOCKET;
    }
}

static void take(struct server *s, const OVERLAPPED_ENTRY *packet) {
    DWORD status = (DWORD)packet->Internal; /* above its 32 bits there may be anything */
    if (packet->lpCompletionKey == ECHO_STOP) {
        stop(s);
        return;
    }
    s->under_way--;
    if (packet->lpCompletionKey == KEY_LISTENER) {
        struct acceptor *a = CONTAINING_RECORD(packet->lpOverlapped, struct acceptor, overlapped);
        bool scarce = status == 0xc000009a; /* STATUS_INSUFFICIENT_RESOURCES */
        after_accept(s, a, status == 0, scarce);
    } else {
        struct connection *c = CONTAINING_RECORD(packet->lpOverlapped, struct connection, overlapped);
        after_transfer(s, c, status == 0, packet->dwNumberOfBytesTransferred);
    }
}

/* A clock, since packets may come all the time and no wait ever time out. */
static DWORD patience(struct server *s) {
    if (s->stopping || s->retry_at == 0) return INFINITE;
    ULONGLONG now = GetTickCount64();
    if (now >= s->retry_at) ask_all(s);
    return s->retry_at == 0 ? INFINITE : RETRY_MS;
}

static int serve(struct server *s) {
    OVERLAPPED_ENTRY packets[BATCH];
    while (!s->stopping || s->under_way > 0) {
        ULONG count = 0;
        DWORD ms = patience(s);
        if (GetQueuedCompletionStatusEx(s->port, packets, BATCH, &count, ms, FALSE)) {
            for (ULONG i = 0; i < count; i++) take(s, &packets[i]);
        } else if (GetLastError() != WAIT_TIMEOUT) {
            return (int)GetLastError(); /* the port is gone, and with it every packet */
        }
    }
    return 0;
}

int echo_serve(SOCKET listener, HANDLE completions) {
    struct server s = {.listener = listener, .port = completions};
    GUID accept_ex = WSAID_ACCEPTEX;
    DWORD size;
    if (WSAIoctl(listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &accept_ex, sizeof accept_ex, &s.accept, sizeof s.accept,
                 &size, NULL, NULL) != 0)
        return WSAGetLastError();
    s.all.next = s.all.previous = &s.all;
    for (int i = 0; i < ACCEPTS; i++) s.acceptors[i].socket = INVALID_SOCKET;
    ask_all(&s);
    return serve(&s);
}
