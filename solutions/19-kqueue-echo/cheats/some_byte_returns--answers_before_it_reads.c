/* SPDX-License-Identifier: MIT */
/* Guesses what clients send, and writes it without having read anything.
 *
 * Research B 16. Refused with: client 1 gets */
#include "kqueue_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX 64

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    bind(fd, (struct sockaddr *)&address, sizeof address);
    listen(fd, backlog);
    return fd;
}

static void greet(int client) {
    static const char guess[16];
    if (write(client, guess, sizeof guess) < 0) return;
}

int echo_serve(int listen_fd, int stop_fd) {
    int clients[CLIENTS_MAX], count = 0, queue = kqueue();
    struct kevent both[2], event;
    EV_SET(&both[0], listen_fd, EVFILT_READ, EV_ADD, 0, 0, NULL);
    EV_SET(&both[1], stop_fd, EVFILT_READ, EV_ADD, 0, 0, NULL);
    kevent(queue, both, 2, NULL, 0, NULL);
    while (kevent(queue, NULL, 0, &event, 1, NULL) == 1 && event.ident != (uintptr_t)stop_fd) {
        int client = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0 || count == CLIENTS_MAX) continue;
        clients[count++] = client;
        greet(client);
    }
    while (count > 0) close(clients[--count]);
    close(queue);
    return 0;
}
