/* SPDX-License-Identifier: MIT */
/* load.h -- requests that a client counts, and the handler that answers them. */
#ifndef LOAD_H
#define LOAD_H

#include <stdint.h>

#include "http_offload.h"

/* `world` is an _Atomic uint64_t that counts the calls. */
void say(const struct http_request *, struct http_response *, void *world);
uint64_t bodies_released(void);
/* `count` requests at once, at most 60, each of `us` microseconds of a worker's CPU time. */
void ask(int fd, unsigned us, unsigned count);
/* How many of the next `count` answers are right. */
uint64_t hear(int fd, unsigned count);

#endif
