/* SPDX-License-Identifier: MIT */
/* calls_descriptors.c -- close, dup, fcntl, open, pipe, splice. */
#include "calls.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

const struct world_rule callers_own = {"callers_own",
                                       "listen_fd and stop_fd stay open, and as they are: they are the caller's",
                                       "which path closes or changes a descriptor that the server did not make?"};

static int refuse(int error) {
    errno = error;
    return -1;
}

static const struct world_rule lingers = {"blocks", "no call waits but the one for events",
                                          "what does SO_LINGER do to a close, even of a non-blocking descriptor?"};

int close_one(int fd) {
    struct file *file = known_file(fd, "close");
    if (descriptor_guard(fd)) world_fail(&callers_own, "close(%d) closes %s", fd, descriptor_guard(fd));
    bool last = file->references == 1 && file->held == 0;
    struct peer *p = file->kind == STREAM ? file->peer : NULL;
    if (last && p && p->server_closing == CLOSE_WAITS && p->out.used > 0 && !p->rst)
        world_fail(&lingers, "close(%d) waits, with SO_LINGER above 0 seconds, until client %d has taken what is left",
                   fd, p->number);
    if (last) world_hooks.closing(fd, p);
    descriptor_close(fd);
    return 0;
}

int sim_close(int fd);
int sim_close(int fd) {
    call_begin("close", CALLER());
    return (int)call_end(close_one(fd), "close(%d)", fd);
}

static int duplicate(int fd, const char *name, bool close_on_exec) {
    return descriptor_new(known_file(fd, name), name, close_on_exec);
}

int sim_dup(int fd);
int sim_dup(int fd) {
    call_begin("dup", CALLER());
    return (int)call_end(duplicate(fd, "dup", false), "dup(%d)", fd);
}

/* Of those that Linux knows. */
static void only_commands(int command) {
    if (command == F_SETPIPE_SZ) not_modelled("fcntl", "F_SETPIPE_SZ");
    if (command == F_GETPIPE_SZ) not_modelled("fcntl", "F_GETPIPE_SZ");
    if (command == F_SETOWN || command == F_SETSIG) not_modelled("fcntl", "signals of a descriptor");
}

/* To ask for its flags is the way to find out whether a number is open. */
static int control(int fd, int command, int argument) {
    bool asks = command == F_GETFD || command == F_GETFL;
    struct file *file = asks ? descriptor_file(fd) : known_file(fd, "fcntl");
    if (!file) return -1;
    switch (command) {
    case F_GETFL:
        return O_RDWR | (file->nonblocking ? O_NONBLOCK : 0);
    case F_SETFL:
        if (descriptor_guard(fd) && file->nonblocking != !!(argument & O_NONBLOCK))
            world_fail(&callers_own, "fcntl(%d, F_SETFL, ...) changes %s", fd, descriptor_guard(fd));
        only_flags("fcntl(F_SETFL)", (unsigned)argument & ~(unsigned)O_ACCMODE, O_NONBLOCK | O_CLOEXEC | O_LARGEFILE);
        file->nonblocking = argument & O_NONBLOCK;
        return 0;
    case F_GETFD:
        return descriptor_closes_on_exec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
        if (descriptor_guard(fd) && descriptor_closes_on_exec(fd) != !!(argument & FD_CLOEXEC))
            world_fail(&callers_own, "fcntl(%d, F_SETFD, ...) changes %s", fd, descriptor_guard(fd));
        descriptor_close_on_exec(fd, argument & FD_CLOEXEC);
        return 0;
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        return duplicate(fd, "fcntl", command == F_DUPFD_CLOEXEC);
    default:
        only_commands(command);
        return refuse(EINVAL);
    }
}

int sim_fcntl(int fd, int command, ...);
int sim_fcntl(int fd, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    int argument = command == F_GETFL || command == F_GETFD ? 0 : va_arg(arguments, int);
    va_end(arguments);
    call_begin("fcntl", CALLER());
    return (int)call_end(control(fd, command, argument), "fcntl(%d)", fd);
}
int sim_fcntl64(int fd, int command, ...) __attribute__((alias("sim_fcntl")));

static int set_blocking(int fd, int nonblocking) {
    return control(fd, F_SETFL, nonblocking ? O_NONBLOCK : 0);
}

static int count_bytes(int fd, int *bytes) {
    struct file *file = known_file(fd, "ioctl");
    if (file->kind != STREAM) not_modelled("ioctl", "FIONREAD but of a connection");
    *bytes = (int)file->peer->in.used;
    return 0;
}

int sim_ioctl(int fd, unsigned long request, ...);
int sim_ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    int *number = va_arg(arguments, int *);
    va_end(arguments);
    call_begin("ioctl", CALLER());
    if (request == FIONBIO) return (int)call_end(set_blocking(fd, *number), "ioctl(%d, FIONBIO)", fd);
    if (request == FIONREAD) return (int)call_end(count_bytes(fd, number), "ioctl(%d, FIONREAD)", fd);
    not_modelled("ioctl", "this request");
}

int sim_open(const char *path, int flags, ...);
int sim_open(const char *path, int flags, ...) {
    call_begin("open", CALLER());
    int fd = descriptor_new(file_new(PLAIN), "open", flags & O_CLOEXEC);
    return (int)call_end(fd, "open(\"%.40s\")", path);
}
int sim_open64(const char *path, int flags, ...) __attribute__((alias("sim_open")));

int sim_pipe2(int ends[2], int flags);
int sim_pipe2(int ends[2], int flags) {
    call_begin("pipe2", CALLER());
    only_flags("pipe2", (unsigned)flags, O_NONBLOCK | O_CLOEXEC);
    return (int)call_end(pipe_new(ends, "pipe2", flags), "pipe2()");
}

int sim_pipe(int ends[2]);
int sim_pipe(int ends[2]) {
    call_begin("pipe", CALLER());
    return (int)call_end(pipe_new(ends, "pipe", 0), "pipe()");
}

static ssize_t move(int from, int to, size_t size, unsigned flags) {
    struct file *source = known_file(from, "splice"), *target = known_file(to, "splice");
    bool in = source->kind == STREAM && target->kind == PIPE_WRITER;
    bool out = source->kind == PIPE_READER && target->kind == STREAM;
    if (!in && !out) return refuse(EINVAL);
    if (interrupted()) return -1;
    ssize_t n = in ? stream_to_pipe(source->peer, target->pipe, size)
                   : pipe_to_stream(source->pipe, target->peer, size, flags & SPLICE_F_MORE ? MSG_MORE : 0);
    bool may_wait = !(flags & SPLICE_F_NONBLOCK) && !(in ? source : target)->nonblocking;
    if (n < 0 && errno == EAGAIN && may_wait) would_block("splice", in ? from : to);
    world_hooks.moved(in ? source->peer : target->peer, n > 0 ? (size_t)n : 0, in);
    return n;
}

ssize_t sim_splice(int from, void *from_offset, int to, void *to_offset, size_t size, unsigned flags);
ssize_t sim_splice(int from, void *from_offset, int to, void *to_offset, size_t size, unsigned flags) {
    (void)from_offset, (void)to_offset;
    call_begin("splice", CALLER());
    only_flags("splice", flags, SPLICE_F_NONBLOCK | SPLICE_F_MOVE | SPLICE_F_MORE);
    return call_end(move(from, to, size, flags), "splice(%d, %d, %zu)", from, to, size);
}

int sim_getrlimit(int resource, struct rlimit *limit);
int sim_getrlimit(int resource, struct rlimit *limit) {
    call_begin("getrlimit", CALLER());
    rlim_t most = resource == RLIMIT_NOFILE ? MAX_DESCRIPTORS : RLIM_INFINITY;
    *limit = (struct rlimit){most, most};
    return (int)call_end(0, "getrlimit()");
}

long sim_sysconf(int name);
long sim_sysconf(int name) {
    return name == _SC_OPEN_MAX ? MAX_DESCRIPTORS : sysconf(name);
}
