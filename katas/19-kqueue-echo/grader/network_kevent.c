/* SPDX-License-Identifier: MIT */
/* network_kevent.c -- network_calls.c for kqueue: one call of the learner's is one,
 * whatever native/kqueue makes of it. */
#include "network.h"

#include <sys/event.h>

int kernel_kqueue(void);
int kernel_kqueue(void) {
    network_count(CALLS_OTHER);
    return kqueue();
}

int kernel_kevent(int queue, const struct kevent *changes, int count, struct kevent *events, int most,
                  const struct timespec *timeout);
int kernel_kevent(int queue, const struct kevent *changes, int count, struct kevent *events, int most,
                  const struct timespec *timeout) {
    if (most > 0)
        network_waits();
    else
        network_count(CALLS_OTHER);
    return kevent(queue, changes, count, events, most, timeout);
}
