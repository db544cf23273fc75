/* SPDX-License-Identifier: MIT */
/* windows_server.c -- the learner's server as a Windows program. */
#include "iocp_echo.h"
#include "wine_server.h"

enum { BACKLOG = 200 };

static HANDLE port;

static DWORD WINAPI stop_when_asked(void *unused) {
    char what;
    (void)unused;
    while (wine_asked(&what)) PostQueuedCompletionStatus(port, 0, ECHO_STOP, NULL);
    return 0;
}

static uint64_t left_in_port(void) {
    uint64_t count = 0;
    DWORD size;
    ULONG_PTR key;
    for (OVERLAPPED *request;; count++) {
        request = NULL;
        if (!GetQueuedCompletionStatus(port, &size, &key, &request, 0) && !request) return count;
    }
}

static uint64_t port_of(SOCKET listener) {
    struct sockaddr_in address = {0};
    int size = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &size);
    return ntohs(address.sin_port);
}

void windows_program(void) {
    SOCKET listener = INVALID_SOCKET;
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    int error = echo_listen("127.0.0.1", 0, BACKLOG, port, &listener);
    wine_tell(LISTENED, (uint32_t)error, error == 0 ? port_of(listener) : 0);
    CreateThread(NULL, 0, stop_when_asked, NULL, 0, NULL);
    for (int life = 0; error == 0 && life < LIVES; life++) {
        int served = echo_serve(listener, port);
        wine_tell(SERVED, (uint32_t)served, left_in_port());
    }
}
