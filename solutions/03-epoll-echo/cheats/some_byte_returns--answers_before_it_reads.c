/* SPDX-License-Identifier: MIT */
/* Guesses what clients send, and writes it without having read anything.
 *
 * Research B 16. Refused with: client 1 gets */
#include "epoll_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
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
    int clients[CLIENTS_MAX], count = 0, epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &(struct epoll_event){EPOLLIN, {.fd = listen_fd}});
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, stop_fd, &(struct epoll_event){EPOLLIN, {.fd = stop_fd}});
    for (struct epoll_event event; epoll_wait(epoll_fd, &event, 1, -1) == 1 && event.data.fd != stop_fd;) {
        int client = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0 || count == CLIENTS_MAX) continue;
        clients[count++] = client;
        greet(client);
    }
    while (count > 0) close(clients[--count]);
    close(epoll_fd);
    return 0;
}
