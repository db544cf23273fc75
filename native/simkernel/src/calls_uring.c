/* SPDX-License-Identifier: MIT */
/* calls_uring.c -- io_uring's three system calls, by the names that liburing
 * gives them (they answer -errno), and the mapping of its rings. */
#include "calls.h"
#include "calls_uring.h"
#include "clock.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

static int negative(long answer) {
    return answer < 0 ? -errno : (int)answer;
}

static int set_up(unsigned entries, struct io_uring_params *p) {
    static const unsigned known = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL |
                                  IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SINGLE_ISSUER |
                                  IORING_SETUP_DEFER_TASKRUN;
    if (p->flags & IORING_SETUP_SQPOLL) not_modelled("io_uring_setup", "IORING_SETUP_SQPOLL");
    if (p->flags & IORING_SETUP_IOPOLL) not_modelled("io_uring_setup", "IORING_SETUP_IOPOLL");
    only_flags("io_uring_setup", p->flags, known);
    errno = EINVAL;
    if (p->flags & IORING_SETUP_DEFER_TASKRUN && !(p->flags & IORING_SETUP_SINGLE_ISSUER)) return -1;
    if (made_to_fail("io_uring_setup")) return -1;
    if (!descriptor_available()) return errno = EMFILE, -1;
    struct uring *u = uring_new(entries, p);
    if (!u) return -1;
    u->file = file_new(URING), u->file->uring = u;
    return descriptor_new(u->file, "io_uring_setup", true);
}

int setup_ring(unsigned entries, struct io_uring_params *p, uint32_t place) {
    call_begin("io_uring_setup", place);
    return negative(call_end(set_up(entries, p), "io_uring_setup(%u)", entries));
}

int sim_io_uring_setup(unsigned entries, struct io_uring_params *p) {
    return setup_ring(entries, p, CALLER());
}

struct uring *uring_of(int fd, const char *call) {
    struct file *file = known_file(fd, call);
    if (file->kind == URING) return file->uring;
    errno = EOPNOTSUPP;
    return NULL;
}

static uint64_t deadline_of(const struct __kernel_timespec *t) {
    return t ? clock_now + (uint64_t)t->tv_sec * 1000u * NS_PER_MS + (uint64_t)t->tv_nsec : NEVER;
}

int enter_ring(int fd, unsigned submit, unsigned want, unsigned flags, const struct __kernel_timespec *t) {
    struct uring *u = uring_of(fd, "io_uring_enter");
    long answer = u ? uring_enter(u, submit, want, flags, deadline_of(t)) : -1;
    return negative(call_end(answer, "io_uring_enter(%u to submit, %u to wait for)", submit, want));
}

static int enter(int fd, unsigned submit, unsigned want, unsigned flags, void *argument, size_t size) {
    only_flags("io_uring_enter", flags,
               IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP | IORING_ENTER_SQ_WAIT | IORING_ENTER_EXT_ARG);
    const struct io_uring_getevents_arg *extended = flags & IORING_ENTER_EXT_ARG ? argument : NULL;
    if (extended ? extended->sigmask != 0 : argument != NULL) not_modelled("io_uring_enter", "a signal mask");
    if (extended && size != sizeof *extended) return call_end((errno = EINVAL, -1), "io_uring_enter()"), -EINVAL;
    return enter_ring(fd, submit, want, flags, extended ? (void *)(uintptr_t)extended->ts : NULL);
}

int sim_io_uring_enter(unsigned fd, unsigned submit, unsigned want, unsigned flags, sigset_t *mask) {
    call_begin("io_uring_enter", CALLER());
    return enter((int)fd, submit, want, flags, mask, sizeof *mask);
}

int sim_io_uring_enter2(unsigned fd, unsigned submit, unsigned want, unsigned flags, sigset_t *argument, size_t size) {
    call_begin("io_uring_enter", CALLER());
    return enter((int)fd, submit, want, flags, argument, size);
}

static int tell_operations(struct io_uring_probe *probe, unsigned count) {
    static const unsigned char known[] = {
        IORING_OP_NOP,     IORING_OP_ACCEPT,   IORING_OP_RECV,   IORING_OP_SEND,           IORING_OP_READ,
        IORING_OP_WRITE,   IORING_OP_READV,    IORING_OP_WRITEV, IORING_OP_POLL_ADD,       IORING_OP_POLL_REMOVE,
        IORING_OP_TIMEOUT, IORING_OP_SHUTDOWN, IORING_OP_CLOSE,  IORING_OP_TIMEOUT_REMOVE, IORING_OP_ASYNC_CANCEL};
    probe->last_op = IORING_OP_LAST - 1;
    probe->ops_len = (uint8_t)(count < IORING_OP_LAST ? count : IORING_OP_LAST);
    for (unsigned i = 0; i < probe->ops_len; i++) probe->ops[i] = (struct io_uring_probe_op){.op = (uint8_t)i};
    for (size_t i = 0; i < sizeof known; i++)
        if (known[i] < probe->ops_len) probe->ops[known[i]].flags = IO_URING_OP_SUPPORTED;
    return 0;
}

int register_with_ring(int fd, unsigned operation, const void *argument, unsigned count) {
    struct uring *u = uring_of(fd, "io_uring_register");
    char name[32];
    if (!u || made_to_fail("io_uring_register")) return -1;
    switch (operation) {
    case IORING_REGISTER_PBUF_RING:
        return group_register(u, argument);
    case IORING_UNREGISTER_PBUF_RING:
        return group_unregister(u, argument);
    case IORING_REGISTER_PROBE:
        return tell_operations((struct io_uring_probe *)argument, count);
    default:
        snprintf(name, sizeof name, "its operation %u", operation);
        not_modelled("io_uring_register", name);
    }
}

int sim_io_uring_register(unsigned fd, unsigned operation, const void *argument, unsigned count) {
    call_begin("io_uring_register", CALLER());
    return negative(
        call_end(register_with_ring((int)fd, operation, argument, count), "io_uring_register(%u)", operation));
}

static void *map(size_t size, int protection, int flags, int fd, off_t offset) {
    if (protection & PROT_EXEC) not_modelled("mmap", "PROT_EXEC");
    if (fd < 0 || flags & MAP_ANONYMOUS) return heap_pages(size);
    struct file *file = known_file(fd, "mmap");
    if (file->kind != URING) not_modelled("mmap", "a file but a ring");
    return uring_map(file->uring, (uint64_t)offset, size);
}

void *sim_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *sim_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    call_begin("mmap", CALLER());
    if (at || flags & MAP_FIXED) not_modelled("mmap", "an address of the program's choice");
    void *mapped = map(size, protection, flags, fd, offset);
    call_end(mapped ? 0 : -1, "mmap(%zu bytes of descriptor %d)", size, fd);
    return mapped ? mapped : MAP_FAILED;
}
void *sim_mmap64(void *, size_t, int, int, int, off_t) __attribute__((alias("sim_mmap")));

int sim_munmap(void *at, size_t size);
int sim_munmap(void *at, size_t size) {
    call_begin("munmap", CALLER());
    if (!uring_unmap(at)) sim_free(at);
    return (int)call_end(0, "munmap(%zu bytes)", size);
}
