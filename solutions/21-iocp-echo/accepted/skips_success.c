/* SPDX-License-Identifier: MIT */
/* skips_success.c -- no packet where a call has answered success already: the
 * server goes on at once, for a while, and then sends itself a packet, so that the
 * others have their turn. One accept at a time. */
#include "iocp_echo.h"

#include <stdbool.h>
#include <stdlib.h>
#include <ws2tcpip.h>

enum { CHUNK_BYTES = 4096, ROUNDS = 16, RETRY_MS = 20, ADDRESS_BYTES = sizeof(struct sockaddr_in) + 16 };
enum { KEY_ACCEPT = 1, KEY_CONNECTION, KEY_GO_ON };

struct connection {
    OVERLAPPED overlapped;
    SOCKET socket;
    enum { RECEIVES, SENDS, RESTS } state; /* RESTS: its own packet is on the way */
    struct connection *next;
    char bytes[CHUNK_BYTES];
};

struct server {
    SOCKET listener, newcomer; /* INVALID_SOCKET: no accept is under way */
    HANDLE port;
    OVERLAPPED accept;
    char addresses[2 * ADDRESS_BYTES];
    ULONGLONG retry_at;
    struct connection *all;
    bool stopping;
};

static SOCKET new_socket(void) {
    return WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

static bool prepare(SOCKET s, const struct sockaddr_in *address, int backlog, HANDLE port) {
    int on = 1;
    if (setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&on, sizeof on)) return false;
    if (bind(s, (const struct sockaddr *)address, sizeof *address) || listen(s, backlog)) return false;
    return CreateIoCompletionPort((HANDLE)s, port, KEY_ACCEPT, 0) != NULL;
}

int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return WSAEINVAL;
    SOCKET s = new_socket();
    if (s == INVALID_SOCKET) return WSAGetLastError();
    if (prepare(s, &address, backlog, completions)) {
        *listener = s;
        return 0;
    }
    int error = WSAGetLastError();
    closesocket(s);
    return error;
}

static void drop(struct server *s, struct connection *c) {
    struct connection **at = &s->all;
    while (*at != c) at = &(*at)->next;
    *at = c->next;
    closesocket(c->socket);
    free(c);
}

enum outcome { DONE, LATER, FAILED };

static enum outcome outcome_of(int answer) {
    return answer == 0 ? DONE : WSAGetLastError() == WSA_IO_PENDING ? LATER : FAILED;
}

static enum outcome receive(struct connection *c, DWORD *size) {
    DWORD flags = 0;
    c->state = RECEIVES, c->overlapped = (OVERLAPPED){0};
    return outcome_of(WSARecv(c->socket, &(WSABUF){CHUNK_BYTES, c->bytes}, 1, size, &flags, &c->overlapped, NULL));
}

static enum outcome send_back(struct connection *c, DWORD *size) {
    c->state = SENDS, c->overlapped = (OVERLAPPED){0};
    return outcome_of(WSASend(c->socket, &(WSABUF){*size, c->bytes}, 1, size, 0, &c->overlapped, NULL));
}

/* A request of its own has brought `size`; on and on, as long as the next succeeds at once. */
static void go_on(struct server *s, struct connection *c, DWORD size) {
    for (int round = 0; round < ROUNDS; round++) {
        if (c->state == RECEIVES && size == 0) {
            drop(s, c);
            return;
        }
        enum outcome next = c->state == RECEIVES ? send_back(c, &size) : receive(c, &size);
        if (next == FAILED) drop(s, c);
        if (next != DONE) return;
    }
    if (c->state == RECEIVES && size > 0) { /* what it has, it sends; the packet tells */
        enum outcome next = send_back(c, &size);
        if (next == FAILED) drop(s, c);
        if (next != DONE) return;
    } else if (c->state == RECEIVES) {
        drop(s, c);
        return;
    }
    c->state = RESTS;
    if (!PostQueuedCompletionStatus(s->port, 0, KEY_GO_ON, &c->overlapped)) drop(s, c);
}

static void begin(struct server *s, SOCKET socket) {
    struct connection *c = malloc(sizeof *c);
    HANDLE file = (HANDLE)socket;
    if (!c || !CreateIoCompletionPort(file, s->port, KEY_CONNECTION, 0) ||
        !SetFileCompletionNotificationModes(file, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS)) {
        closesocket(socket);
        free(c);
        return;
    }
    *c = (struct connection){.socket = socket, .state = SENDS, .next = s->all};
    s->all = c;
    go_on(s, c, 0); /* as after a send: it receives */
}

static void accept_next(struct server *s) {
    DWORD received;
    s->newcomer = new_socket(), s->accept = (OVERLAPPED){0}, s->retry_at = 0;
    if (s->newcomer != INVALID_SOCKET) {
        if (AcceptEx(s->listener, s->newcomer, s->addresses, 0, ADDRESS_BYTES, ADDRESS_BYTES, &received, &s->accept) ||
            WSAGetLastError() == WSA_IO_PENDING)
            return;
        closesocket(s->newcomer);
        s->newcomer = INVALID_SOCKET;
    }
    s->retry_at = GetTickCount64() + RETRY_MS;
}

static void accepted(struct server *s, bool good) {
    SOCKET socket = s->newcomer;
    s->newcomer = INVALID_SOCKET;
    if (good && !s->stopping)
        begin(s, socket);
    else
        closesocket(socket);
    if (s->stopping) return;
    if (good)
        accept_next(s);
    else
        s->retry_at = GetTickCount64() + RETRY_MS;
}

static void stop(struct server *s) {
    s->stopping = true;
    CancelIoEx((HANDLE)s->listener, &s->accept);
    for (struct connection *c = s->all; c; c = c->next) CancelIoEx((HANDLE)c->socket, &c->overlapped);
}

static void take(struct server *s, ULONG_PTR key, OVERLAPPED *overlapped, bool good, DWORD size) {
    if (key == ECHO_STOP) {
        stop(s);
    } else if (key == KEY_ACCEPT) {
        accepted(s, good);
    } else {
        struct connection *c = CONTAINING_RECORD(overlapped, struct connection, overlapped);
        if (key == KEY_GO_ON) c->state = SENDS;
        if (!good || s->stopping)
            drop(s, c);
        else
            go_on(s, c, size);
    }
}

int echo_serve(SOCKET listener, HANDLE completions) {
    struct server s = {.listener = listener, .port = completions, .newcomer = INVALID_SOCKET};
    accept_next(&s);
    while (!s.stopping || s.all || s.newcomer != INVALID_SOCKET) {
        DWORD size = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *overlapped = NULL;
        DWORD ms = s.stopping || s.retry_at == 0 ? INFINITE : RETRY_MS;
        bool good = GetQueuedCompletionStatus(completions, &size, &key, &overlapped, ms);
        if (good || overlapped) take(&s, key, overlapped, good, size);
        if (!s.stopping && s.retry_at != 0 && GetTickCount64() >= s.retry_at) accept_next(&s);
    }
    return 0;
}
