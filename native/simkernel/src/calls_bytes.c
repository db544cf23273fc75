/* SPDX-License-Identifier: MIT */
/* calls_bytes.c -- read, write and their kin. */
#include "calls.h"
#include "options.h"
#include "printed.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static const struct world_rule guarded = {"guarded", "stop_fd is watched, and not read from",
                                          "what would another reader of stop_fd find in it?"};
static const struct world_rule wrong_end = {"wrong_end", "bytes written where they belong",
                                            "which descriptor is this?"};

static ssize_t refuse(int error) {
    errno = error;
    return -1;
}

static ssize_t read_number(uint64_t *number, unsigned char *bytes, size_t size, uint64_t take) {
    if (size < sizeof take) return refuse(EINVAL);
    if (*number == 0) return refuse(EAGAIN);
    for (size_t i = 0; i < sizeof take; i++) bytes[i] = ((const unsigned char *)&take)[i];
    *number -= take;
    return sizeof take;
}

static ssize_t read_event(struct file *file, unsigned char *bytes, size_t size) {
    ssize_t n = read_number(&file->event.count, bytes, size, file->event.semaphore ? 1 : file->event.count);
    if (n > 0) file_wake(file, EPOLLOUT);
    return n;
}

ssize_t file_read(struct file *file, unsigned char *bytes, size_t size, int flags) {
    switch (file->kind) {
    case STREAM:
        return stream_read(file->peer, bytes, size, flags);
    case PIPE_READER:
        return pipe_read(file->pipe, bytes, size);
    case EVENT:
        return read_event(file, bytes, size);
    case TIMER:
        return read_number(&file->timer.expirations, bytes, size, file->timer.expirations);
    case PLAIN:
        return 0;
    case PIPE_WRITER:
        return refuse(EBADF);
    case SOCKET:
    case LISTENER:
        return refuse(ENOTCONN);
    default:
        return refuse(EINVAL);
    }
}

static ssize_t write_event(struct file *file, const unsigned char *bytes, size_t size) {
    uint64_t number = 0;
    if (size < sizeof number) return refuse(EINVAL);
    for (size_t i = 0; i < sizeof number; i++) ((unsigned char *)&number)[i] = bytes[i];
    if (number == UINT64_MAX) return refuse(EINVAL);
    if (number > UINT64_MAX - 1 - file->event.count) return refuse(EAGAIN);
    file->event.count += number;
    world_progress();
    file_wake(file, EPOLLIN);
    return sizeof number;
}

ssize_t file_write(struct file *file, const unsigned char *bytes, size_t size, int flags) {
    switch (file->kind) {
    case STREAM:
        return stream_write(file->peer, bytes, size, flags);
    case PIPE_WRITER:
        return pipe_write(file->pipe, bytes, size);
    case EVENT:
        return write_event(file, bytes, size);
    case PLAIN:
        return (ssize_t)size;
    case PIPE_READER:
        return refuse(EBADF);
    case SOCKET:
    case LISTENER:
        return refuse(ENOTCONN);
    default:
        return refuse(EINVAL);
    }
}

static void moved(struct file *file, ssize_t n, bool in) {
    if (file->kind == STREAM) world_hooks.moved(file->peer, n > 0 ? (size_t)n : 0, in);
}

static ssize_t input(const char *name, int fd, void *bytes, size_t size, int flags) {
    struct file *file = known_file(fd, name);
    if (descriptor_guard(fd)) world_fail(&guarded, "%s(%d) reads from %s", name, fd, descriptor_guard(fd));
    if (interrupted()) return -1;
    ssize_t n = file_read(file, bytes, size, flags);
    if (n < 0 && errno == EAGAIN && !file->nonblocking && !(flags & MSG_DONTWAIT)) would_block(name, fd);
    moved(file, flags & MSG_PEEK ? 0 : n, true);
    return n;
}

static ssize_t output(const char *name, int fd, const void *bytes, size_t size, int flags) {
    struct file *file = known_file(fd, name);
    if (descriptor_guard(fd)) world_fail(&wrong_end, "%s(%d) writes to %s", name, fd, descriptor_guard(fd));
    if (interrupted()) return -1;
    ssize_t n = file_write(file, bytes, size, flags);
    bool waits = !file->nonblocking && !(flags & MSG_DONTWAIT);
    /* A blocking descriptor takes everything, or waits until it can. */
    if (waits && ((n < 0 && errno == EAGAIN) || (n >= 0 && (size_t)n < size))) would_block(name, fd);
    moved(file, n, false);
    return n;
}

ssize_t sim_read(int fd, void *bytes, size_t size);
ssize_t sim_read(int fd, void *bytes, size_t size) {
    call_begin("read", CALLER());
    return call_end(input("read", fd, bytes, size, 0), "read(%d, %zu)", fd, size);
}

ssize_t sim_recv(int fd, void *bytes, size_t size, int flags);
ssize_t sim_recv(int fd, void *bytes, size_t size, int flags) {
    call_begin("recv", CALLER());
    recv_flags(flags);
    return call_end(input("recv", fd, bytes, size, flags), "recv(%d, %zu)", fd, size);
}

/* Standard output and error: no call of the server's. */
static bool is_debug_output(int fd) {
    struct file *file = descriptor_file(fd);
    return (fd == STDOUT_FILENO || fd == STDERR_FILENO) && file && file->kind == PLAIN;
}

ssize_t sim_write(int fd, const void *bytes, size_t size);
ssize_t sim_write(int fd, const void *bytes, size_t size) {
    if (is_debug_output(fd)) return printed_add(bytes, size), (ssize_t)size;
    call_begin("write", CALLER());
    return call_end(output("write", fd, bytes, size, 0), "write(%d, %zu)", fd, size);
}

ssize_t sim_send(int fd, const void *bytes, size_t size, int flags);
ssize_t sim_send(int fd, const void *bytes, size_t size, int flags) {
    call_begin("send", CALLER());
    send_flags(flags);
    return call_end(output("send", fd, bytes, size, flags), "send(%d, %zu%s)", fd, size,
                    flags & MSG_MORE ? ", MSG_MORE" : "");
}

static size_t total(const struct iovec *parts, int count) {
    size_t size = 0;
    for (int i = 0; i < count; i++) size += parts[i].iov_len;
    return size;
}

/* One part after the other, until one comes back short: what a vector is to a
 * byte stream. Only the first may wait or be interrupted. */
static ssize_t each_part(struct file *file, const struct iovec *parts, int count, bool in) {
    ssize_t done = 0;
    for (int i = 0; i < count; i++) {
        if (parts[i].iov_len == 0) continue;
        ssize_t n = in ? file_read(file, parts[i].iov_base, parts[i].iov_len, 0)
                       : file_write(file, parts[i].iov_base, parts[i].iov_len, 0);
        if (n < 0) return done > 0 ? done : -1;
        done += n;
        if ((size_t)n < parts[i].iov_len) break;
    }
    return done;
}

static ssize_t vector(const char *name, int fd, const struct iovec *parts, int count, bool in) {
    struct file *file = known_file(fd, name);
    if (count < 0 || count > IOV_MAX) return refuse(EINVAL);
    if (descriptor_guard(fd))
        world_fail(in ? &guarded : &wrong_end, "%s(%d) is about %s", name, fd, descriptor_guard(fd));
    if (interrupted()) return -1;
    ssize_t n = each_part(file, parts, count, in);
    bool short_write = !in && n >= 0 && (size_t)n < total(parts, count);
    if (!file->nonblocking && (short_write || (n < 0 && errno == EAGAIN))) would_block(name, fd);
    moved(file, n, in);
    return n;
}

ssize_t sim_readv(int fd, const struct iovec *parts, int count);
ssize_t sim_readv(int fd, const struct iovec *parts, int count) {
    call_begin("readv", CALLER());
    return call_end(vector("readv", fd, parts, count, true), "readv(%d, %d parts)", fd, count);
}

ssize_t sim_writev(int fd, const struct iovec *parts, int count);
ssize_t sim_writev(int fd, const struct iovec *parts, int count) {
    call_begin("writev", CALLER());
    return call_end(vector("writev", fd, parts, count, false), "writev(%d, %d parts)", fd, count);
}
