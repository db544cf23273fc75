/* SPDX-License-Identifier: MIT */
/* server_pool.c -- one thread waits for all clients, eight workers serve them:
 * the pool of kata 01 (thread_pool.h; small_pool.c is a plain one) behind an
 * epoll that answers each client's readiness once (EPOLLONESHOT).
 *
 * A job is one readable or writable client. Only that job touches the
 * client until it has asked for the next event, so a client needs no lock of
 * its own. What a message costs on the way: a queue, two locks, a thread woken
 * and an epoll_ctl, which pays when there is more to do than to echo.
 *
 * The pool that the textbooks show first, a job per connection, serves eight
 * clients, and lets the ninth wait until one of them leaves. */
#include "epoll_echo.h"
#include "thread_pool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORKERS 8
#define QUEUE_CAPACITY 1024
#define BUFFER_BYTES (16 * 1024)
#define BATCH 256
#define NO_DESCRIPTOR_MS 20

struct client {
    int fd;
    char *owed; /* NULL: nothing */
    size_t owed_size;
    struct client *prev, *next; /* under `lock` */
};

static struct {
    int epoll;
    pthread_mutex_t lock;
    struct client *first;
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &at.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0 &&
        bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, backlog) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

static void drop(struct client *c) {
    pthread_mutex_lock(&server.lock);
    if (c->next) c->next->prev = c->prev;
    *(c->prev ? &c->prev->next : &server.first) = c->next;
    pthread_mutex_unlock(&server.lock);
    close(c->fd);
    free(c->owed);
    free(c);
}

/* How much the kernel took: all, some, none; -1: the client is gone. */
static ssize_t send_some(int fd, const char *bytes, size_t size) {
    for (;;) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
        if (n >= 0) return n;
        if (errno == EAGAIN) return 0;
        if (errno != EINTR) return -1;
    }
}

static bool send_owed(struct client *c) {
    ssize_t taken = send_some(c->fd, c->owed, c->owed_size);
    if (taken < 0) return false;
    c->owed_size -= (size_t)taken;
    memmove(c->owed, c->owed + taken, c->owed_size);
    if (c->owed_size > 0) return true;
    free(c->owed);
    c->owed = NULL;
    return true;
}

static bool echo_once(struct client *c) {
    char buffer[BUFFER_BYTES];
    ssize_t n = read(c->fd, buffer, sizeof buffer);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    ssize_t taken = n > 0 ? send_some(c->fd, buffer, (size_t)n) : -1;
    if (taken < 0) return false;
    if (taken == n) return true;
    c->owed_size = (size_t)(n - taken);
    c->owed = malloc(c->owed_size);
    if (c->owed) memcpy(c->owed, buffer + taken, c->owed_size);
    return c->owed != NULL;
}

/* The last thing a job does: from here on another worker may have the client.
 * What arrived meanwhile is not lost, since asking reports what is there. */
static void watch_once(struct client *c, int how) {
    uint32_t wanted = c->owed ? EPOLLOUT : EPOLLIN;
    struct epoll_event event = {.events = wanted | EPOLLET | EPOLLONESHOT, .data.ptr = c};
    if (epoll_ctl(server.epoll, how, c->fd, &event) != 0) drop(c);
}

static void serve(void *argument) {
    struct client *c = argument;
    if (c->owed ? send_owed(c) : echo_once(c))
        watch_once(c, EPOLL_CTL_MOD);
    else
        drop(c);
}

static void add_client(int fd) {
    struct client *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    c->fd = fd;
    pthread_mutex_lock(&server.lock);
    c->next = server.first;
    if (c->next) c->next->prev = c;
    server.first = c;
    pthread_mutex_unlock(&server.lock);
    watch_once(c, EPOLL_CTL_ADD);
}

/* Out of descriptors, the clients stay in the queue and are looked at again
 * after a while: the listener is level-triggered and would say so at once. */
static bool accept_all(int listen_fd) {
    for (;;) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) add_client(fd);
        if (fd >= 0 || errno == EINTR || errno == ECONNABORTED) continue;
        return errno == EAGAIN;
    }
}

static bool watch(int fd, void *name) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = name};
    return epoll_ctl(server.epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void wait_and_submit(struct thread_pool *pool, int listen_fd, void *stop) {
    struct epoll_event events[BATCH];
    for (;;) {
        int count = epoll_wait(server.epoll, events, BATCH, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == stop) return;
            if (events[i].data.ptr)
                pool_submit(pool, serve, events[i].data.ptr);
            else if (!accept_all(listen_fd))
                poll(NULL, 0, NO_DESCRIPTOR_MS);
        }
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    static char stop;
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server.epoll < 0) return -errno;
    struct thread_pool *pool = pool_new(WORKERS, QUEUE_CAPACITY);
    bool ready = pool && watch(listen_fd, NULL) && watch(stop_fd, &stop);
    if (ready) wait_and_submit(pool, listen_fd, &stop);
    pool_free(pool); /* the jobs that are left are done first */
    while (server.first) drop(server.first);
    close(server.epoll);
    return ready ? 0 : -ENOMEM;
}
