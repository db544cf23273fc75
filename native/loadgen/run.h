/* SPDX-License-Identifier: MIT */
/* run.h -- a lane while it runs. Private to lane.c and schedule.c. */
#ifndef C10KATA_RUN_H
#define C10KATA_RUN_H

#include "lane.h"
#include "stream.h"

#define SIP_MS 1 /* how often slow readers read */

/* What a running lane knows beyond its clients. */
struct run {
    struct lane *lane;
    int epoll, timer;
    size_t busy;            /* clients at work */
    size_t sippers;         /* of them, those that read slowly */
    size_t turn;            /* whose turn it is in an open loop */
    uint64_t due_ns;        /* of the next message in an open loop */
    uint64_t moved;         /* the load's count at the last look */
    unsigned still, asleep; /* looks since it changed, and of them, with the server asleep */
    char buffer[STREAM_PIECE];
};

static inline struct client *run_client(struct run *r, size_t i) {
    return &r->lane->load->client[i];
}

/* Sends what the client may send now, and settles it when that ended it. */
void run_send(struct run *, size_t client);

/* Open loop: sends what is due, and sets the timer for what comes next. */
void run_send_due(struct run *);

#endif
