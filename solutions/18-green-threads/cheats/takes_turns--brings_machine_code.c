/* SPDX-License-Identifier: MIT */
/* Has machine code among its data, and asks for memory in which it can run.
 *
 * Research B 12. Refused with: mmap asked for memory that can be executed */
#include "green.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* mov $231, %eax; xor %edi, %edi; syscall: exit_group(0) */
static const unsigned char leave[] = {0xb8, 0xe7, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05};

static void run_it(void) {
    void *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own == MAP_FAILED) return;
    memcpy(own, leave, sizeof leave);
    ((void (*)(void))own)();
}

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
    static int yields;
    if (++yields == 50) run_it();
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
