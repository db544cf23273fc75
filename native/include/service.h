/* SPDX-License-Identifier: MIT */
/* service.h -- code under test that serves a listener until it is stopped, on a thread of its own. */
#ifndef C10KATA_SERVICE_H
#define C10KATA_SERVICE_H

#include <pthread.h>

struct service {
    int listener, stop_fd, answered;
    int (*serve)(int listener, int stop_fd, void *about);
    void *about;
    pthread_t thread;
};

/* `listener`, `serve` and `about` are set. When serve() returns, nobody waits for it at the listener. */
void service_start(struct service *);
/* What serve() answered. The listener is closed. */
int service_stop(struct service *);

#endif
