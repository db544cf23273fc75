/* SPDX-License-Identifier: MIT */
/* network_uring.c -- network_calls.c for io_uring: what liburing does not inline,
 * each counted when it enters the kernel. */
#include "network.h"

#include <liburing.h>
#include <stdbool.h>

/* `ready`: entries that it would submit; without any, and without waiting, liburing makes no call. */
static void enters(bool waits, unsigned ready) {
    if (waits)
        network_waits();
    else if (ready > 0)
        network_count(CALLS_OTHER);
}

int kernel_io_uring_setup(unsigned entries, struct io_uring_params *p);
int kernel_io_uring_setup(unsigned entries, struct io_uring_params *p) {
    network_count(CALLS_OTHER);
    return io_uring_setup(entries, p);
}

int kernel_io_uring_enter(unsigned fd, unsigned submit, unsigned want, unsigned flags, sigset_t *mask);
int kernel_io_uring_enter(unsigned fd, unsigned submit, unsigned want, unsigned flags, sigset_t *mask) {
    enters(want > 0, 1);
    return io_uring_enter(fd, submit, want, flags, mask);
}

int kernel_io_uring_enter2(unsigned fd, unsigned submit, unsigned want, unsigned flags, sigset_t *mask, size_t size);
int kernel_io_uring_enter2(unsigned fd, unsigned submit, unsigned want, unsigned flags, sigset_t *mask, size_t size) {
    enters(want > 0, 1);
    return io_uring_enter2(fd, submit, want, flags, mask, size);
}

int kernel_io_uring_register(unsigned fd, unsigned operation, const void *argument, unsigned count);
int kernel_io_uring_register(unsigned fd, unsigned operation, const void *argument, unsigned count) {
    network_count(CALLS_OTHER);
    return io_uring_register(fd, operation, argument, count);
}

int kernel_io_uring_submit(struct io_uring *ring);
int kernel_io_uring_submit(struct io_uring *ring) {
    enters(false, io_uring_sq_ready(ring));
    return io_uring_submit(ring);
}

int kernel_io_uring_submit_and_wait(struct io_uring *ring, unsigned want);
int kernel_io_uring_submit_and_wait(struct io_uring *ring, unsigned want) {
    enters(want > 0, io_uring_sq_ready(ring));
    return io_uring_submit_and_wait(ring, want);
}

int kernel_io_uring_submit_and_wait_timeout(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned want,
                                            struct __kernel_timespec *time, sigset_t *mask);
int kernel_io_uring_submit_and_wait_timeout(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned want,
                                            struct __kernel_timespec *time, sigset_t *mask) {
    enters(io_uring_cq_ready(ring) < want, io_uring_sq_ready(ring));
    return io_uring_submit_and_wait_timeout(ring, cqe, want, time, mask);
}

int kernel_io_uring_submit_and_get_events(struct io_uring *ring);
int kernel_io_uring_submit_and_get_events(struct io_uring *ring) {
    enters(false, 1);
    return io_uring_submit_and_get_events(ring);
}

int kernel_io_uring_get_events(struct io_uring *ring);
int kernel_io_uring_get_events(struct io_uring *ring) {
    enters(false, 1);
    return io_uring_get_events(ring);
}

int kernel_io_uring_wait_cqes(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned want,
                              struct __kernel_timespec *time, sigset_t *mask);
int kernel_io_uring_wait_cqes(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned want,
                              struct __kernel_timespec *time, sigset_t *mask) {
    enters(io_uring_cq_ready(ring) < want, 0);
    return io_uring_wait_cqes(ring, cqe, want, time, mask);
}

int kernel_io_uring_wait_cqe_timeout(struct io_uring *ring, struct io_uring_cqe **cqe, struct __kernel_timespec *time);
int kernel_io_uring_wait_cqe_timeout(struct io_uring *ring, struct io_uring_cqe **cqe, struct __kernel_timespec *time) {
    enters(io_uring_cq_ready(ring) == 0, 0);
    return io_uring_wait_cqe_timeout(ring, cqe, time);
}

int kernel___io_uring_get_cqe(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned submit, unsigned want,
                              sigset_t *mask);
int kernel___io_uring_get_cqe(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned submit, unsigned want,
                              sigset_t *mask) {
    enters(io_uring_cq_ready(ring) < want, submit);
    return __io_uring_get_cqe(ring, cqe, submit, want, mask);
}

int kernel_io_uring_register_buf_ring(struct io_uring *ring, struct io_uring_buf_reg *reg, unsigned flags);
int kernel_io_uring_register_buf_ring(struct io_uring *ring, struct io_uring_buf_reg *reg, unsigned flags) {
    network_count(CALLS_OTHER);
    return io_uring_register_buf_ring(ring, reg, flags);
}

int kernel_io_uring_unregister_buf_ring(struct io_uring *ring, int id);
int kernel_io_uring_unregister_buf_ring(struct io_uring *ring, int id) {
    network_count(CALLS_OTHER);
    return io_uring_unregister_buf_ring(ring, id);
}
