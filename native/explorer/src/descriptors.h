/* SPDX-License-Identifier: MIT
 *
 * descriptors.h -- what the program's descriptors stand for: event counters, ends of streams, interest lists. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include "clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIRST_DESCRIPTOR = 3, MAX_DESCRIPTORS = 32, STREAM_BYTES = 64 };

enum descriptor_kind { DESCRIPTOR_FREE, DESCRIPTOR_COUNTER, DESCRIPTOR_STREAM, DESCRIPTOR_INTERESTS };

struct descriptor {
    enum descriptor_kind kind;
    bool nonblocking, semaphore;
    bool ended;     /* a stream: whoever reads here meets the end after the bytes */
    int peer;       /* a stream: where written bytes can be read; -1: closed, or it cannot be written */
    uint64_t count; /* a counter's value; how many bytes wait to be read */
    char bytes[STREAM_BYTES];
    uint32_t changes; /* how often something came that edge-triggered interest is told of */
    struct view view; /* what whoever uses it has known */
};

void descriptors_reset(void);

/* The number of a new one, or -1 when all are taken: EMFILE. */
int descriptor_new(enum descriptor_kind, bool nonblocking);

/* NULL with EBADF. */
struct descriptor *descriptor_at(int number);

/* EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP as they are now. */
uint32_t descriptor_ready(int number);

/* The running thread learns what those knew who used it before, or leaves what it knows. */
void descriptor_learn(struct descriptor *);
void descriptor_teach(struct descriptor *);

/* Goes on when one of `events` is ready; at once where it is. */
void descriptor_wait(int number, uint32_t events, uint32_t pc);

/* interests.c: the lists of others forget it. */
void interests_reset(void);
void interests_forget(int number);
bool interests_ready(int list);

#endif
