/* SPDX-License-Identifier: MIT */
/* wine.c -- real.c's clients as a Windows program: `wine FIRST COUNT SETTLE_US`.
 * They are blocking sockets of the same process. */
#include <winsock2.h>

#include <stdlib.h>

#include "script.h"

FILE *transcript;

static struct sockaddr_in address;
static SOCKET sockets[CLIENTS];
static DWORD settle_ms = 5;

void clients_settle(void) {
    Sleep(settle_ms);
}

void clients_open(int listen_fd) {
    int size = sizeof address;
    getsockname((SOCKET)listen_fd, (struct sockaddr *)&address, &size);
    for (int i = 0; i < CLIENTS; i++) sockets[i] = INVALID_SOCKET;
}

void client_connect(int client) {
    sockets[client] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sockets[client], (struct sockaddr *)&address, sizeof address) != 0) abort();
}

void client_send(int client, int size) {
    static char bytes[64];
    send(sockets[client], bytes, size, 0);
}

/* What has come, until nothing has for a moment. */
void client_receive(int client) {
    static char bytes[1 << 16];
    u_long waiting = 0;
    for (; ioctlsocket(sockets[client], FIONREAD, &waiting) == 0 && waiting > 0; clients_settle())
        if (recv(sockets[client], bytes, sizeof bytes, 0) <= 0) break;
}

void client_half_close(int client) {
    shutdown(sockets[client], SD_SEND);
}

void client_reset(int client) {
    struct linger now = {1, 0};
    setsockopt(sockets[client], SOL_SOCKET, SO_LINGER, (char *)&now, sizeof now);
    closesocket(sockets[client]);
    sockets[client] = INVALID_SOCKET;
}

const char *client_end(int client) {
    (void)client;
    return "not asked";
}

void clients_close(void) {
    for (int i = 0; i < CLIENTS; i++)
        if (sockets[i] != INVALID_SOCKET) client_reset(i);
}

int main(int argc, char **argv) {
    WSADATA ignored;
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    if (argc > 3) settle_ms = (DWORD)strtoul(argv[3], NULL, 10) / 1000;
    transcript = stdout;
    WSAStartup(MAKEWORD(2, 2), &ignored);
    for (uint64_t seed = first; seed < first + count; seed++) script_play(seed, SCRIPT_STEPS);
    return 0;
}
