/* SPDX-License-Identifier: MIT
 *
 * descriptor_calls.c -- event counters, pipes and pairs of stream sockets, and what reads and writes them. Streams hold
 * 64 bytes, so that a writer has to wait. */
#include "descriptors.h"
#include "models.h"
#include "schedule.h"
#include "shadow.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"
#include "definedness.h"
#include "verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

static int refuse(int error) {
    errno = error;
    return -1;
}

int model_eventfd(unsigned value, int flags) {
    schedule_point("makes an event counter", CALLER);
    int number = descriptor_new(DESCRIPTOR_COUNTER, flags & EFD_NONBLOCK);
    if (number < 0) return -1;
    struct descriptor *d = descriptor_at(number);
    d->count = value;
    d->semaphore = flags & EFD_SEMAPHORE;
    return number;
}

/* What is written to the first can be read from the second; both ways, or this one alone. */
static int connect_two(int ends[2], bool both, bool nonblocking) {
    int one = descriptor_new(DESCRIPTOR_STREAM, nonblocking);
    int other = one < 0 ? -1 : descriptor_new(DESCRIPTOR_STREAM, nonblocking);
    if (other < 0) return -1;
    descriptor_at(one)->peer = other;
    if (both) descriptor_at(other)->peer = one;
    ends[0] = one, ends[1] = other;
    return 0;
}

int model_socketpair(int family, int type, int protocol, int ends[2]) {
    (void)family, (void)protocol;
    schedule_point("makes a pair of sockets", CALLER);
    return connect_two(ends, true, type & SOCK_NONBLOCK);
}

int model_pipe2(int ends[2], int flags) {
    schedule_point("makes a pipe", CALLER);
    int reversed[2];
    if (connect_two(reversed, false, flags & O_NONBLOCK)) return -1;
    ends[0] = reversed[1], ends[1] = reversed[0];
    return 0;
}

int model_pipe(int ends[2]) {
    return model_pipe2(ends, 0);
}

int model_close(int number) {
    uint32_t pc = CALLER;
    schedule_point("closes", pc);
    struct descriptor *d = descriptor_at(number);
    if (!d) return -1;
    trace_step("closes", pc, "%d", number);
    for (int i = FIRST_DESCRIPTOR; i < MAX_DESCRIPTORS && d->kind == DESCRIPTOR_STREAM; i++) {
        struct descriptor *other = descriptor_at(i);
        if (!other || other->kind != DESCRIPTOR_STREAM) continue;
        if (d->peer == i) other->ended = true, other->changes++, descriptor_teach(other);
        if (other->peer == number) other->peer = -1;
    }
    descriptor_teach(d);
    interests_forget(number);
    d->kind = DESCRIPTOR_FREE;
    return 0;
}

int model_fcntl(int number, int command, ...) {
    va_list rest;
    va_start(rest, command);
    int flags = va_arg(rest, int);
    va_end(rest);
    struct descriptor *d = descriptor_at(number);
    if (!d) return -1;
    if (command == F_GETFL) return O_RDWR | (d->nonblocking ? O_NONBLOCK : 0);
    if (command != F_SETFL) return refuse(EINVAL);
    d->nonblocking = flags & O_NONBLOCK;
    return 0;
}

static ssize_t read_counter(struct descriptor *d, void *into, size_t size, uint32_t pc) {
    if (size < sizeof(uint64_t)) return refuse(EINVAL);
    uint64_t value = d->semaphore ? 1 : d->count;
    d->count -= value;
    shadow_access((uintptr_t)into, sizeof value, PLAIN_WRITE, pc, "reads into");
    definedness_set((uintptr_t)into, sizeof value);
    memcpy(into, &value, sizeof value);
    return sizeof value;
}

/* Some of what is there: a read may be short. */
static ssize_t read_stream(struct descriptor *d, void *into, size_t size, uint32_t pc) {
    size_t n = size < d->count ? size : d->count;
    if (!n) return 0;
    shadow_access((uintptr_t)into, n, PLAIN_WRITE, pc, "reads into");
    definedness_set((uintptr_t)into, n);
    memcpy(into, d->bytes, n);
    memmove(d->bytes, d->bytes + n, d->count - n);
    d->count -= n;
    for (int i = FIRST_DESCRIPTOR; i < MAX_DESCRIPTORS; i++) { /* there is room again */
        struct descriptor *other = descriptor_at(i);
        if (other && other->peer >= 0 && descriptor_at(other->peer) == d) other->changes++, descriptor_teach(other);
    }
    return (ssize_t)n;
}

static ssize_t read_from(int number, void *into, size_t size, bool nonblocking, uint32_t pc) {
    schedule_point("reads from a descriptor", pc);
    struct descriptor *d = descriptor_at(number);
    if (!d) return -1;
    if (d->kind == DESCRIPTOR_INTERESTS) return refuse(EINVAL);
    if (!(descriptor_ready(number) & EPOLLIN)) {
        trace_step("reads from a descriptor", pc, "%d: nothing is there", number);
        if (d->nonblocking || nonblocking) return refuse(EAGAIN);
        descriptor_wait(number, EPOLLIN, pc);
    }
    descriptor_learn(d);
    bool counter = d->kind == DESCRIPTOR_COUNTER;
    ssize_t n = counter ? read_counter(d, into, size, pc) : read_stream(d, into, size, pc);
    trace_step("reads from a descriptor", pc, "%d: %zd bytes", number, n);
    return n;
}

static ssize_t write_counter(struct descriptor *d, const void *from, size_t size) {
    uint64_t value;
    if (size < sizeof value) return refuse(EINVAL);
    memcpy(&value, from, sizeof value);
    if (value == UINT64_MAX) return refuse(EINVAL);
    if (d->count + value < d->count || d->count + value == UINT64_MAX) return refuse(EAGAIN);
    d->count += value;
    d->changes++;
    return sizeof value;
}

static ssize_t write_stream(struct descriptor *to, const void *from, size_t size) {
    size_t room = STREAM_BYTES - to->count, n = size < room ? size : room;
    memcpy(to->bytes + to->count, from, n);
    to->count += n;
    to->changes++;
    return (ssize_t)n;
}

static ssize_t write_to(int number, const void *from, size_t size, bool nonblocking, uint32_t pc) {
    schedule_point("writes to a descriptor", pc);
    struct descriptor *d = descriptor_at(number);
    if (!d) return -1;
    bool counter = d->kind == DESCRIPTOR_COUNTER;
    if (d->kind == DESCRIPTOR_INTERESTS) return refuse(EINVAL);
    if (!counter && d->peer < 0) return refuse(EPIPE);
    if (!counter && !(descriptor_ready(number) & EPOLLOUT)) {
        trace_step("writes to a descriptor", pc, "%d: no room is there", number);
        if (d->nonblocking || nonblocking) return refuse(EAGAIN);
        descriptor_wait(number, EPOLLOUT, pc);
        if (d->peer < 0) return refuse(EPIPE);
    }
    shadow_access((uintptr_t)from, size, PLAIN_READ, pc, "writes from");
    struct descriptor *to = counter ? d : descriptor_at(d->peer);
    ssize_t n = counter ? write_counter(d, from, size) : write_stream(to, from, size);
    trace_step("writes to a descriptor", pc, "%d: %zd bytes", number, n);
    descriptor_teach(to);
    return n;
}

ssize_t model_read(int number, void *into, size_t size) {
    return read_from(number, into, size, false, CALLER);
}

ssize_t model_write(int number, const void *from, size_t size) {
    return write_to(number, from, size, false, CALLER);
}

ssize_t model_recv(int number, void *into, size_t size, int flags) {
    if (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) return refuse(EOPNOTSUPP);
    return read_from(number, into, size, flags & MSG_DONTWAIT, CALLER);
}

ssize_t model_send(int number, const void *from, size_t size, int flags) {
    if (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) return refuse(EOPNOTSUPP);
    return write_to(number, from, size, flags & MSG_DONTWAIT, CALLER);
}

int model_eventfd_write(int number, eventfd_t value) {
    return write_to(number, &value, sizeof value, false, CALLER) < 0 ? -1 : 0;
}

int model_eventfd_read(int number, eventfd_t *value) {
    return read_from(number, value, sizeof *value, false, CALLER) < 0 ? -1 : 0;
}

/* No socket listens here. */
int model_accept(int number) {
    return refuse(descriptor_at(number) ? EINVAL : EBADF);
}
