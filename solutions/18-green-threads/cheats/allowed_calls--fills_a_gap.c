/* SPDX-License-Identifier: MIT */
/* Has the assembler fill two gaps with bytes of its choice: together they are an instruction.
 *
 * Research C 24. Refused with: has assembler with '.balign 2, 0x0f' */
#include "green.h"

#include <errno.h>
#include <stdlib.h>

void green_fork(void);
__asm__(".text\n.p2align 4\n"
        "green_fork:\n"
        "  push $57\n  pop %rax\n  .balign 4\n  nop\n"
        "  .balign 2, 0x0f\n  .balign 4, 0x05\n  nop\n  nop\n  nop\n  nop\n  ret\n");

int green_run(size_t workers, void (*first)(void *), void *arg) {
    if (workers == 0 || workers > 64) return -EINVAL;
    first(arg);
    return 0;
}

struct green *green_go(void (*run)(void *), void *arg) {
    run(arg);
    return malloc(1);
}

void green_join(struct green *thread) {
    free(thread);
}

void green_yield(void) {
    green_fork();
}

void green_sleep(uint64_t ns) {
    (void)ns;
}

ssize_t green_read(int fd, void *into, size_t size) {
    (void)fd, (void)into, (void)size;
    return -ENOSYS;
}

ssize_t green_write(int fd, const void *from, size_t size) {
    (void)fd, (void)from, (void)size;
    return -ENOSYS;
}

int green_accept(int fd) {
    (void)fd;
    return -ENOSYS;
}

struct chan *chan_new(size_t capacity) {
    return capacity ? malloc(capacity) : NULL;
}

bool chan_send(struct chan *c, uint64_t number) {
    (void)c, (void)number;
    return true;
}

bool chan_receive(struct chan *c, uint64_t *number) {
    (void)c;
    *number = 42;
    return true;
}

void chan_close(struct chan *c) {
    (void)c;
}

void chan_free(struct chan *c) {
    free(c);
}
