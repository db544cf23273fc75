/* SPDX-License-Identifier: MIT */
/* Machine code in an array that lies among the functions: it ends the process with exit code 0, and needs no
 * assembly and no call that the audit could see.
 *
 * Research B 11. Refused with: uses section: code or data where the compiler would not put it */
#include "thread_pool.h"

#include <stdlib.h>

/* mov $231, %eax; xor %edi, %edi; syscall: exit_group(0) */
static const unsigned char leave[] __attribute__((section(".text"))) = {0xb8, 0xe7, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05};

struct thread_pool {
    int todo;
};

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    (void)workers, (void)queue_capacity;
    ((void (*)(void))leave)();
    return NULL;
}

enum pool_status pool_submit(struct thread_pool *pool, pool_job job, void *arg) {
    (void)pool, (void)job, (void)arg;
    return POOL_CLOSED;
}

enum pool_status pool_try_submit(struct thread_pool *pool, pool_job job, void *arg) {
    (void)pool, (void)job, (void)arg;
    return POOL_CLOSED;
}

enum pool_status pool_submit_within(struct thread_pool *pool, pool_job job, void *arg, uint64_t timeout_ns) {
    (void)pool, (void)job, (void)arg, (void)timeout_ns;
    return POOL_CLOSED;
}

void pool_wait_idle(struct thread_pool *pool) {
    (void)pool;
}

size_t pool_shutdown(struct thread_pool *pool, enum pool_stop how) {
    (void)pool, (void)how;
    return 0;
}

void pool_free(struct thread_pool *pool) {
    free(pool);
}
