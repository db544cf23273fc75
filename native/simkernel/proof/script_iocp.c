/* SPDX-License-Identifier: MIT */
/* script_iocp.c -- script.c's clients, served by a completion port. On the other
 * side Wine answers, so what it does otherwise than Windows is left out: which
 * error a request has whose socket is closed, a receive that begins after a reset,
 * and what CancelIoEx answers when it is to cancel all and there are none. Packets
 * are told in the order of their requests. */
#include <winsock2.h>

#include <mswsock.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"
#include "script.h"

enum { ADDRESS = sizeof(struct sockaddr_in) + 16, REQUESTS = 400, ROOM = 64 };
enum { UNBORN, CONNECTED, ACCEPTED, CLOSED };
enum { LISTENER_KEY = 100, POSTED_KEY = 200 };

struct request {
    OVERLAPPED overlapped;
    const char *what;
    int client; /* -1: a newcomer */
    SOCKET socket;
    bool under_way;
    char bytes[2 * ADDRESS];
};

static struct {
    struct rng rng;
    SOCKET listener;
    HANDLE port;
    struct {
        int state;
        SOCKET socket;
        bool fin, rst, over, down;
    } client[CLIENTS];
    int order[CLIENTS], waiting; /* who has connected and was not accepted */
    struct request request[REQUESTS];
    int made, posted;
} s;

static int below(int bound) {
    return (int)rng_below(&s.rng, (uint64_t)bound);
}

static SOCKET overlapped_socket(void) {
    return WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
}

static void say(const char *what, int who, bool good) {
    if (good)
        fprintf(transcript, "%s %d\n", what, who);
    else
        fprintf(transcript, "%s %d: error %d\n", what, who, (int)GetLastError());
}

static void set_up(uint64_t seed) {
    memset(&s, 0, sizeof s);
    s.rng = rng_new(seed, 9);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s.port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    s.listener = overlapped_socket();
    bind(s.listener, (struct sockaddr *)&address, sizeof address);
    listen(s.listener, 16);
    say("associate", 0, CreateIoCompletionPort((HANDLE)s.listener, s.port, LISTENER_KEY, 0) != NULL);
    say("associate again", 0, CreateIoCompletionPort((HANDLE)s.listener, s.port, LISTENER_KEY, 0) != NULL);
    clients_open((int)s.listener);
}

static struct request *next_request(const char *what, int client) {
    struct request *r = &s.request[s.made++];
    r->what = what, r->client = client, r->under_way = true;
    return r;
}

/* Success and WSA_IO_PENDING are one here: a packet follows both. */
static void say_begun(struct request *r, int size, bool good) {
    bool begun = good || WSAGetLastError() == WSA_IO_PENDING;
    r->under_way = begun;
    if (begun)
        fprintf(transcript, "%s of %d, request %d, %d bytes\n", r->what, r->client, (int)(r - s.request), size);
    else
        fprintf(transcript, "%s of %d: error %d\n", r->what, r->client, WSAGetLastError());
}

static void ask_accept(void) {
    struct request *r = next_request("accept", -1);
    DWORD received;
    r->socket = overlapped_socket();
    say_begun(r, 0, AcceptEx(s.listener, r->socket, r->bytes, 0, ADDRESS, ADDRESS, &received, &r->overlapped));
}

static void ask_receive(int i) {
    struct request *r = next_request("receive", i);
    DWORD flags = 0;
    int size = below(4) == 0 ? 0 : 1 + below(ROOM - 1);
    WSABUF parts[2] = {{(ULONG)size / 2, r->bytes}, {(ULONG)(size - size / 2), r->bytes + size / 2}};
    say_begun(r, size, WSARecv(s.client[i].socket, parts, 2, NULL, &flags, &r->overlapped, NULL) == 0);
}

static void ask_send(int i) {
    struct request *r = next_request("send", i);
    int size = below(ROOM);
    WSABUF part = {(ULONG)size, r->bytes};
    say_begun(r, size, WSASend(s.client[i].socket, &part, 1, NULL, 0, &r->overlapped, NULL) == 0);
}

static void has_come(struct request *r, bool good) {
    int who = good ? s.order[0] : -1;
    if (!good) closesocket(r->socket);
    if (!good) return;
    memmove(s.order, s.order + 1, (size_t)--s.waiting * sizeof *s.order);
    s.client[who].socket = r->socket, s.client[who].state = ACCEPTED;
    say("context", who,
        setsockopt(r->socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&s.listener, sizeof s.listener) == 0);
    say("associate", who, CreateIoCompletionPort((HANDLE)r->socket, s.port, (ULONG_PTR)who, 0) != NULL);
}

/* Of a socket that is closed the error is left out. */
static void tell(struct request *r, DWORD error, DWORD bytes) {
    bool closed = r->client >= 0 && s.client[r->client].state == CLOSED;
    if (closed && error) error = ERROR_OPERATION_ABORTED;
    fprintf(transcript, "packet of request %d, %s of %d: error %d, %d bytes\n", (int)(r - s.request), r->what,
            r->client, (int)error, (int)bytes);
    r->under_way = false;
    if (r->client < 0) has_come(r, error == 0);
    if (r->client >= 0 && error) s.client[r->client].over = true;
}

/* All that there are. */
static void take(void) {
    static DWORD errors[REQUESTS], sizes[REQUESTS];
    static bool came[REQUESTS];
    memset(came, 0, sizeof came);
    for (;;) {
        OVERLAPPED *overlapped = NULL;
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        bool good = GetQueuedCompletionStatus(s.port, &bytes, &key, &overlapped, 0);
        if (!good && !overlapped) break;
        if (!overlapped) {
            fprintf(transcript, "posted: key %d, %d bytes\n", (int)key, (int)bytes);
            continue;
        }
        int at = (int)(CONTAINING_RECORD(overlapped, struct request, overlapped) - s.request);
        came[at] = true, errors[at] = good ? 0 : GetLastError(), sizes[at] = bytes;
    }
    say("no more", 0, GetLastError() == WAIT_TIMEOUT);
    for (int i = 0; i < s.made; i++)
        if (came[i]) tell(&s.request[i], errors[i], sizes[i]);
}

static int accepts_under_way(void) {
    int count = 0;
    for (int i = 0; i < s.made; i++) count += s.request[i].under_way && s.request[i].client < 0;
    return count;
}

/* A request of its own, or all of a socket's; or one that has ended. */
static void cancel(int i) {
    HANDLE file = (HANDLE)s.client[i].socket;
    for (int at = 0; at < s.made && below(2); at++)
        if (s.request[at].client == i) {
            say("cancel one", at, CancelIoEx(file, &s.request[at].overlapped));
            return;
        }
    fprintf(transcript, "cancel all of %d\n", i);
    CancelIoEx(file, NULL);
}

static void server_acts(int i) {
    bool whole = !s.client[i].over && !s.client[i].rst;
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
        if (whole) ask_receive(i);
        break;
    case 3:
    case 4:
        if (whole && !s.client[i].down) ask_send(i);
        break;
    case 5:
        if (whole) cancel(i);
        break;
    case 6:
        if (whole && !s.client[i].down && below(3) == 0)
            s.client[i].down = true, say("shutdown", i, shutdown(s.client[i].socket, SD_SEND) == 0);
        break;
    default:
        if (below(3) > 0) break;
        say("close", i, closesocket(s.client[i].socket) == 0);
        s.client[i].state = CLOSED;
    }
}

static void client_acts(int i) {
    if (s.client[i].rst) return;
    switch (below(8)) {
    case 0:
        if (s.client[i].fin) break;
        client_half_close(i);
        s.client[i].fin = true;
        break;
    case 1:
        if (below(3) > 0 || s.client[i].fin || s.client[i].down) break;
        client_reset(i);
        s.client[i].rst = true;
        break;
    case 2:
        client_receive(i);
        break;
    default:
        if (!s.client[i].fin) client_send(i, 1 + below(ROOM));
    }
}

static void one_step(void) {
    int i = below(CLIENTS), how = below(10);
    if (s.client[i].state == UNBORN) {
        client_connect(i);
        s.client[i].state = CONNECTED, s.order[s.waiting++] = i;
    } else if (how < 2 && accepts_under_way() < CLIENTS) {
        ask_accept();
    } else if (how == 2) {
        s.posted++;
        say("post", s.posted, PostQueuedCompletionStatus(s.port, (DWORD)s.posted, POSTED_KEY, NULL));
    } else if (s.client[i].state == ACCEPTED) {
        how < 6 ? client_acts(i) : server_acts(i);
    }
}

void script_play(uint64_t seed, int length) {
    fprintf(transcript, "script %d\n", (int)seed);
    set_up(seed);
    for (int i = 0; i < length; i++) {
        one_step();
        clients_settle();
        take();
    }
    CancelIoEx((HANDLE)s.listener, NULL);
    clients_settle();
    take();
    for (int i = 0; i < CLIENTS; i++)
        if (s.client[i].state == ACCEPTED) s.client[i].state = CLOSED, closesocket(s.client[i].socket);
    clients_settle();
    take();
    closesocket(s.listener);
    clients_close();
    CloseHandle(s.port);
}
