/* SPDX-License-Identifier: MIT */
/* Guesses what clients send, and sends it without having received anything.
 *
 * Research B 16. Refused with: client 1 gets */
#include "iocp_echo.h"

#include <ws2tcpip.h>

enum { ADDRESS_BYTES = sizeof(struct sockaddr_in) + 16 };

static SOCKET new_socket(void) {
    return WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return WSAEINVAL;
    SOCKET s = new_socket();
    setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&on, sizeof on);
    bind(s, (struct sockaddr *)&address, sizeof address);
    listen(s, backlog);
    CreateIoCompletionPort((HANDLE)s, completions, 0, 0);
    *listener = s;
    return 0;
}

int echo_serve(SOCKET listener, HANDLE completions) {
    static char guess[16], addresses[2 * ADDRESS_BYTES];
    OVERLAPPED accept = {0}, send = {0}, *taken;
    DWORD size;
    ULONG_PTR key;
    SOCKET client = new_socket();
    AcceptEx(listener, client, addresses, 0, ADDRESS_BYTES, ADDRESS_BYTES, &size, &accept);
    GetQueuedCompletionStatus(completions, &size, &key, &taken, INFINITE);
    CreateIoCompletionPort((HANDLE)client, completions, 1, 0);
    WSASend(client, &(WSABUF){sizeof guess, guess}, 1, NULL, 0, &send, NULL);
    GetQueuedCompletionStatus(completions, &size, &key, &taken, INFINITE);
    closesocket(client);
    return 0;
}
