/* SPDX-License-Identifier: MIT */
/* driver.h -- a server on a thread of its own, and a client of it that waits for whole answers. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tiny_redis.h"

/* server.c: starts one at a free port of the loopback, with a clock that stands still; 0 or
 * redis_listen's answer. One at a time. */
int server_start(int64_t now_ms);
uint16_t server_port(void);
void server_clock(int64_t now_ms);
/* Stops it, if one runs; redis_serve's answer. */
int server_stop(void);
/* CPU time of the one that was stopped last. */
uint64_t server_cpu_us(void);

/* talk.c: the connection to it. */
void talk_connect(void);
void talk_close(void);
void talk_send(const void *bytes, size_t size);
/* One whole answer, which is valid until the next call; its size, 0: the connection is over. */
size_t talk_answer(const char **answer);
/* Sends a text and waits for its answer. */
size_t talk_ask(const char *request, const char **answer);
/* Nothing more comes, and the connection is over: waits for it. */
bool talk_is_closed(void);

void refusals(uint64_t seed);   /* refused.c */
void growth(uint64_t seed);     /* growth.c */
void bench(uint64_t seed);      /* bench.c */
void cost(uint64_t seed);       /* bench.c */
void churn(uint64_t seed);      /* churn.c */
void neighbours(uint64_t seed); /* neighbours.c */

/* scattered.c: what is asked in one round; after `soon_ms` so many keys last, and all others have expired. */
struct scattered {
    const char *text;
    size_t size;
    uint64_t requests, soon_ms, last;
};
struct scattered scattered_round(uint64_t round);

#endif
