/* SPDX-License-Identifier: MIT */
/* lane.h -- one thread's share of the clients: every `step`-th from `number`
 * on, an epoll for them, a report of its own. */
#ifndef C10KATA_LANE_H
#define C10KATA_LANE_H

#include <stdatomic.h>

#include "client.h"

struct load {
    struct sockaddr_in server;
    pid_t server_pid;
    size_t clients;
    uint32_t address;       /* the first clients' own, host byte order */
    _Atomic uint64_t moved; /* bytes, in any lane: does anything happen still? */
    struct client client[];
};

struct lane {
    struct load *load;
    unsigned number, step;
    double rate; /* messages per second of this lane; 0: closed loop */
    bool held;   /* see loadgen.h */
    struct load_report report;
};

/* Runs the lane's clients that have work until all is done or nothing moves. */
void lane_run(struct lane *);

#endif
