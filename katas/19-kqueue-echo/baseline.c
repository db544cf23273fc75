/* SPDX-License-Identifier: MIT */
/* baseline.c -- a detached thread per connection, blocking calls: the
 * simple, correct, slow way, and what learners' servers are timed against.
 *
 * Each thread owns its connection and reads like the protocol: read, write,
 * until the end. The kernel's scheduler is the event loop, and the thread's
 * stack is the connection's state. That is the price too: a stack, a kernel
 * stack and a place in the scheduler for each client, busy or not.
 *
 * The list of sessions exists for one purpose only: a thread that sleeps in
 * read() must be woken when the server stops. */
#include "kqueue_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The default of 8 MiB is only address space, but 10,000 times 8 MiB of it is
 * more than a process is given here. */
#define STACK_BYTES (256 * 1024)
#define BUFFER_BYTES (16 * 1024)
#define NO_DESCRIPTOR_MS 20

struct session {
    int fd;
    struct session *prev, *next; /* under `lock` */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t empty;
    struct session *first;
} sessions = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL};

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

static void add_session(struct session *s) {
    pthread_mutex_lock(&sessions.lock);
    s->prev = NULL;
    s->next = sessions.first;
    if (s->next) s->next->prev = s;
    sessions.first = s;
    pthread_mutex_unlock(&sessions.lock);
}

/* The descriptor is closed under the lock, so that stop() never shuts down a
 * number that already belongs to another file. */
static void remove_session(struct session *s) {
    pthread_mutex_lock(&sessions.lock);
    if (s->next) s->next->prev = s->prev;
    *(s->prev ? &s->prev->next : &sessions.first) = s->next;
    close(s->fd);
    if (!sessions.first) pthread_cond_signal(&sessions.empty);
    pthread_mutex_unlock(&sessions.lock);
    free(s);
}

static bool write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes += n, size -= (size_t)n;
    }
    return true;
}

/* While write_all() waits for a slow client, this thread reads nothing more
 * from it: backpressure for free. */
static void *serve_session(void *argument) {
    struct session *s = argument;
    char buffer[BUFFER_BYTES];
    for (;;) {
        ssize_t n = read(s->fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0 || !write_all(s->fd, buffer, (size_t)n)) break;
    }
    remove_session(s);
    return NULL;
}

/* No memory or no thread for a client: this one is closed, the others go on. */
static void start_session(int fd, const pthread_attr_t *detached) {
    pthread_t thread;
    struct session *s = malloc(sizeof *s);
    if (!s) {
        close(fd);
        return;
    }
    s->fd = fd;
    add_session(s);
    if (pthread_create(&thread, detached, serve_session, s) != 0) remove_session(s);
}

/* Wakes every thread, and waits until the last has let go of its session. */
static void stop(void) {
    pthread_mutex_lock(&sessions.lock);
    for (struct session *s = sessions.first; s; s = s->next) shutdown(s->fd, SHUT_RDWR);
    while (sessions.first) pthread_cond_wait(&sessions.empty, &sessions.lock);
    pthread_mutex_unlock(&sessions.lock);
}

static bool out_of_descriptors(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

int echo_serve(int listen_fd, int stop_fd) {
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&detached, STACK_BYTES);
    for (;;) {
        struct pollfd wanted[] = {{stop_fd, POLLIN, 0}, {listen_fd, POLLIN, 0}};
        if (poll(wanted, 2, -1) < 0) continue; /* EINTR */
        if (wanted[0].revents) break;
        int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC); /* the connection itself blocks */
        if (fd >= 0) {
            start_session(fd, &detached);
        } else if (out_of_descriptors(errno)) {
            poll(wanted, 1, NO_DESCRIPTOR_MS); /* the client stays in the queue */
        }
    }
    stop();
    pthread_attr_destroy(&detached);
    return 0;
}
