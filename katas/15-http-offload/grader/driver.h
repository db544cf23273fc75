/* SPDX-License-Identifier: MIT */
/* driver.h -- a server on a thread, for drivers on real sockets. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdint.h>

#include "http_offload.h"
#include "service.h"

struct running {
    const char *path; /* of an AF_UNIX listener; NULL: the kernel chooses */
    struct http_limits limits;
    http_handler handler;
    void *world;
    struct service service;
};

/* AF_UNIX in the abstract namespace, or TCP on the loopback: what a client connects to. */
struct door {
    int family;
    unsigned size;
    char address[128];
};

/* A listener of this family, and the server's thread. `limits`, `handler`, `world` are set. */
void server_start(struct running *, struct door *, int family);
/* What http_serve answered. */
int server_stop(struct running *);
int server_connect(const struct door *);

/* calls.c: says what it was asked. */
void echo(const struct http_request *, struct http_response *, void *world);

/* answers.c: what a client has received, told in words. */
struct received {
    char bytes[1 << 16];
    size_t size;
};
/* Everything until the end of the stream; false: a reset came instead. */
int receive_all(int fd, struct received *);
/* Bit n of `heads`: request n was a HEAD. A status `other` is told as `first`. */
void tell_answers(char *told, size_t room, const struct received *, uint64_t heads, int first, int other);

void crowd(uint64_t seed);   /* crowd.c */
void bench(uint64_t seed);   /* bench.c */
void latency(uint64_t seed); /* latency.c */

#endif
