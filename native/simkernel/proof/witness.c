/* SPDX-License-Identifier: MIT */
/* witness.c -- a server of kata 21's as a Windows program, with real clients on a
 * thread beside it: what they saw is printed, and how the server ended. */
#include "iocp_echo.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { CLIENTS = 60, MESSAGES = 10, MESSAGE_MAX = 16384, LATE_BYTES = 262144, LEAVES_AT = 7 };

static struct sockaddr_in address;
static HANDLE port;
static char sent[LATE_BYTES], got[LATE_BYTES];
static int wrong, ended, late;

static SOCKET connected(void) {
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(s, (struct sockaddr *)&address, sizeof address) != 0) wrong++;
    return s;
}

static void send_all(SOCKET s, int size) {
    for (int at = 0, n; at < size; at += n)
        if ((n = send(s, sent + at, size - at, 0)) <= 0) return;
}

/* Until so many have come, or the end. */
static int receive_all(SOCKET s, int size) {
    int at = 0;
    for (int n; at < size && (n = recv(s, got + at, size - at, 0)) > 0;) at += n;
    return at;
}

static void echo(SOCKET s, int size) {
    send_all(s, size);
    if (receive_all(s, size) != size || memcmp(sent, got, (size_t)size) != 0) wrong++;
}

static void leave(SOCKET s) {
    struct linger now = {1, 0};
    send_all(s, 100);
    setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&now, sizeof now);
    closesocket(s);
}

/* Half-closes with everything still to come back. */
static void end_late(SOCKET s) {
    send_all(s, LATE_BYTES);
    shutdown(s, SD_SEND);
    late = receive_all(s, LATE_BYTES);
    char more;
    if (recv(s, &more, 1, 0) == 0) ended++;
    closesocket(s);
}

static DWORD WINAPI clients(void *unused) {
    static SOCKET all[CLIENTS];
    (void)unused;
    for (int i = 0; i < LATE_BYTES; i++) sent[i] = (char)(i * 31 + i / 251);
    for (int i = 0; i < CLIENTS; i++) all[i] = connected();
    for (int message = 0; message < MESSAGES; message++)
        for (int i = 0; i < CLIENTS; i++)
            if (i % LEAVES_AT != 0 || message == 0)
                echo(all[i], 1 + (i * 977 + message * 4001) % MESSAGE_MAX);
            else if (message == 1)
                leave(all[i]);
    end_late(connected());
    for (int i = 0; i < CLIENTS; i++) {
        char more;
        if (i % LEAVES_AT == 0) continue;
        shutdown(all[i], SD_SEND);
        if (recv(all[i], &more, 1, 0) == 0) ended++;
    }
    connected(); /* still there at the stop */
    PostQueuedCompletionStatus(port, 0, ECHO_STOP, NULL);
    return 0;
}

int main(void) {
    WSADATA ignored;
    SOCKET listener = INVALID_SOCKET, second = INVALID_SOCKET;
    int size = sizeof address;
    WSAStartup(MAKEWORD(2, 2), &ignored);
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    printf("listen %d\n", echo_listen("127.0.0.1", 0, 128, port, &listener));
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("again %d\n", echo_listen("127.0.0.1", ntohs(address.sin_port), 128, port, &second));
    printf("nonsense %d\n", echo_listen("127.0.0", 0, 128, port, &second));
    HANDLE thread = CreateThread(NULL, 0, clients, NULL, 0, NULL);
    int served = echo_serve(listener, port);
    WaitForSingleObject(thread, INFINITE);
    printf("wrong %d\nended %d\nlate %d\nserved %d\n", wrong, ended, late, served);
    PostQueuedCompletionStatus(port, 0, ECHO_STOP, NULL);
    printf("served again %d\n", echo_serve(listener, port));
    return 0;
}
