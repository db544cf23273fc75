/* SPDX-License-Identifier: MIT */
/* calls_uring.h -- what liburing.c asks of calls_uring.c. Between call_begin and its end: */
#ifndef CALLS_URING_H
#define CALLS_URING_H

#include <signal.h>

#include "uring.h"

/* A descriptor, or -errno. */
int setup_ring(unsigned entries, struct io_uring_params *, uint32_t place);
/* NULL with EOPNOTSUPP. */
struct uring *uring_of(int fd, const char *call);
/* io_uring_enter, ended; -errno. */
int enter_ring(int fd, unsigned submit, unsigned want, unsigned flags, const struct __kernel_timespec *);
/* -1 and errno. */
int register_with_ring(int fd, unsigned operation, const void *argument, unsigned count);

int sim_io_uring_setup(unsigned entries, struct io_uring_params *);
int sim_io_uring_enter(unsigned fd, unsigned submit, unsigned want, unsigned flags, sigset_t *);
int sim_io_uring_enter2(unsigned fd, unsigned submit, unsigned want, unsigned flags, sigset_t *, size_t size);
int sim_io_uring_register(unsigned fd, unsigned operation, const void *argument, unsigned count);

#endif
