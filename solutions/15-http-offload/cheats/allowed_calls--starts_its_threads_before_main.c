/* SPDX-License-Identifier: MIT */
/* Has its threads made before main, where nothing is timed.
 *
 * Research B 17. Refused with: uses constructor: code that runs when nobody calls it */
#include "http_offload.h"

#include <errno.h>
#include <pthread.h>

static void *wait_for_work(void *nothing) {
    return nothing;
}

__attribute__((constructor)) static void make_early(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, wait_for_work, NULL) == 0) pthread_detach(thread);
}

int http_serve(int listen_fd, int stop_fd, struct http_limits limits, http_handler handler, void *world) {
    (void)listen_fd, (void)stop_fd, (void)limits, (void)handler, (void)world;
    return -ENOSYS;
}
