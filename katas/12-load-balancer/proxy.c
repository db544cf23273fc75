/* SPDX-License-Identifier: MIT */
/* proxy.c -- two connections made one, for many clients, in one thread.
 *
 * One of the two files you edit. The full contract is in proxy.h; run
 * `bun kata hint 12` when you are stuck. It is tried with a balancer of the
 * grader's, until the last check, which takes yours.
 *
 * What must stay true, whatever clients and backends do:
 *   1. Each side gets the other's bytes, all of them, in order, then its end.
 *   2. Of the two, whoever is slower sets the pace; nobody else notices.
 *   3. For each pick the balancer hears once how it went.
 *
 * Before you type, answer this on paper: the backend has died, and half of its
 * answer is in your hands. The client reads slowly. In which order do you do what? */
#include "proxy.h"

#include <errno.h>

/* What do you have to remember of a pair, and what of each of its two sides? */
int proxy_serve(int listen_fd, int stop_fd, struct balancer *lb, const struct sockaddr_in *backends,
                uint64_t connect_timeout_ms) {
    (void)listen_fd, (void)stop_fd, (void)lb, (void)backends, (void)connect_timeout_ms;
    return -ENOSYS; /* TODO: wait for events until stop_fd is readable; serve rules 1 to 3. */
}
