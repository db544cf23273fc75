/* SPDX-License-Identifier: MIT */
/* Guesses what clients send, and sends it without having received anything.
 *
 * Research B 16. Refused with: client 1 gets */
#include "uring_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    bind(fd, (struct sockaddr *)&address, sizeof address);
    listen(fd, backlog);
    return fd;
}

static int completed(struct io_uring *ring) {
    struct io_uring_cqe *cqe;
    io_uring_submit_and_wait(ring, 1);
    if (io_uring_peek_cqe(ring, &cqe) < 0) return -1;
    int result = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return result;
}

int echo_serve(int listen_fd, int stop_fd) {
    static const char guess[16];
    struct io_uring ring;
    (void)stop_fd;
    if (io_uring_queue_init(4, &ring, 0) < 0) return -ENOMEM;
    io_uring_prep_accept(io_uring_get_sqe(&ring), listen_fd, NULL, NULL, SOCK_CLOEXEC);
    int client = completed(&ring);
    io_uring_prep_send(io_uring_get_sqe(&ring), client, guess, sizeof guess, MSG_NOSIGNAL);
    completed(&ring);
    close(client);
    io_uring_queue_exit(&ring);
    return 0;
}
