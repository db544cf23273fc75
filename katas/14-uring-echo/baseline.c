/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simple way: io_uring in place of each call that waits. One
 * operation is submitted at a time, and one completion is waited for; so a thread
 * and a ring serve one client, as a blocking read and a blocking write would.
 *
 * Right as far as it goes, and no answer to the kata: it starts threads, and a
 * message costs two system calls, as it did before there was io_uring. */
#include "uring_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0 &&
        bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, backlog) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

/* One operation, from its submission to its completion. */
static int completed(struct io_uring *ring) {
    struct io_uring_cqe *cqe;
    while (io_uring_submit_and_wait(ring, 1) < 0 || io_uring_peek_cqe(ring, &cqe) < 0) {
    }
    int result = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return result;
}

struct client {
    int fd;
};

static void echo(struct io_uring *ring, int fd) {
    char bytes[16 * 1024];
    for (;;) {
        io_uring_prep_recv(io_uring_get_sqe(ring), fd, bytes, sizeof bytes, 0);
        int size = completed(ring);
        for (int sent = 0, n; sent < size; sent += n) {
            io_uring_prep_send(io_uring_get_sqe(ring), fd, bytes + sent, (size_t)(size - sent), MSG_NOSIGNAL);
            if ((n = completed(ring)) < 0) return;
        }
        if (size <= 0) return;
    }
}

static void *serve_one(void *argument) {
    struct client *client = argument;
    struct io_uring ring;
    if (io_uring_queue_init(2, &ring, 0) == 0) {
        echo(&ring, client->fd);
        io_uring_queue_exit(&ring);
    }
    close(client->fd);
    free(client);
    return NULL;
}

static void start(int fd) {
    pthread_t thread;
    struct client *client = malloc(sizeof *client);
    if (client) *client = (struct client){.fd = fd};
    if (client && pthread_create(&thread, NULL, serve_one, client) == 0) {
        pthread_detach(thread);
        return;
    }
    free(client);
    close(fd);
}

int echo_serve(int listen_fd, int stop_fd) {
    struct pollfd watched[] = {{.fd = listen_fd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
    while (poll(watched, 2, -1) >= 0 || errno == EINTR) {
        if (watched[1].revents) return 0;
        int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) start(fd);
    }
    return -errno;
}
