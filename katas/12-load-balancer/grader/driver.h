/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share. */
#ifndef DRIVER_H
#define DRIVER_H

#include <netinet/in.h>
#include <sys/types.h>

#include "balancer.h"

/* `n` backends named b0, b1, ..., all of one weight. Without a balancer there
 * is no traffic, and the process ends saying so. */
struct balancer *new_balancer(enum lb_policy policy, uint64_t n, uint32_t weight, struct lb_env env);

/* A clock that stands still, and numbers that follow from nothing. */
struct lb_env quiet_env(void);

/* lb_pick, which has to answer one of `n` backends. */
uint64_t pick(struct balancer *lb, uint64_t client, uint64_t n);

/* loopback.c: a listener at a free port, whose address is filled in; `flags` of socket(2). */
int listener_new(struct sockaddr_in *address, int flags);
/* A process, which ends with ours: as fork. */
pid_t process_new(void);
void process_end(pid_t pid);
/* The process of a backend that sends back what it gets. */
pid_t echo_backend_new(struct sockaddr_in *address);

void crowd(uint64_t seed);      /* crowd.c */
void counts(uint64_t seed);     /* counts.c */
void no_memory(uint64_t seed);  /* memory.c */
void bench(uint64_t seed);      /* bench.c */
void queueing(uint64_t seed);   /* queueing.c */
void one_byte(uint64_t seed);   /* one_byte.c */
void killed(uint64_t seed);     /* killed.c */
void neighbours(uint64_t seed); /* neighbours.c */
void relay(uint64_t seed);      /* relay.c */

#endif
