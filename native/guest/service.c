/* SPDX-License-Identifier: MIT */
/* service.c -- a server's thread, and its end. */
#include "service.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gate.h"

static void *serve(void *argument) {
    struct service *s = argument;
    s->answered = s->serve(s->listener, s->stop_fd, s->about);
    shutdown(s->listener, SHUT_RDWR);
    for (int fd; (fd = accept(s->listener, NULL, NULL)) >= 0;) close(fd);
    return NULL;
}

void service_start(struct service *s) {
    s->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (s->stop_fd < 0) abort();
    s->thread = gate_thread(serve, s);
}

int service_stop(struct service *s) {
    if (write(s->stop_fd, &(uint64_t){1}, sizeof(uint64_t)) != sizeof(uint64_t)) abort();
    pthread_join(s->thread, NULL);
    close(s->listener), close(s->stop_fd);
    return s->answered;
}
