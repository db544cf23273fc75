/* SPDX-License-Identifier: MIT */
/* calls_messages.c -- sendmsg and recvmsg of a stream, without names and without control data;
 * glibc's two functions for an eventfd. */
#include "calls.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t sim_read(int fd, void *bytes, size_t size);
ssize_t sim_write(int fd, const void *bytes, size_t size);

static const struct world_rule guarded = {"guarded", "messages move through connections", "which descriptor is this?"};

/* One part after the other, until one comes back short; only the first may fail. */
static ssize_t each_part(struct file *file, const struct msghdr *m, int flags, bool in) {
    ssize_t done = 0;
    for (size_t i = 0; i < m->msg_iovlen; i++) {
        struct iovec part = m->msg_iov[i];
        if (part.iov_len == 0) continue;
        bool more_comes = !in && i + 1 < m->msg_iovlen && m->msg_iov[i + 1].iov_len > 0;
        ssize_t n = in ? file_read(file, part.iov_base, part.iov_len, flags)
                       : file_write(file, part.iov_base, part.iov_len, flags | (more_comes ? MSG_MORE : 0));
        if (n < 0) return done > 0 ? done : -1;
        done += n;
        if ((size_t)n < part.iov_len) break;
    }
    return done;
}

static ssize_t message(const char *name, int fd, const struct msghdr *m, int flags, bool in) {
    struct file *file = known_file(fd, name);
    if (descriptor_guard(fd)) world_fail(&guarded, "%s(%d) is about %s", name, fd, descriptor_guard(fd));
    if (m->msg_controllen > 0) not_modelled(name, "control data");
    if (m->msg_iovlen > IOV_MAX) return errno = EMSGSIZE, -1;
    if (interrupted()) return -1;
    size_t asked = 0;
    for (size_t i = 0; i < m->msg_iovlen; i++) asked += m->msg_iov[i].iov_len;
    ssize_t n = each_part(file, m, flags, in);
    bool short_write = !in && n >= 0 && (size_t)n < asked, waits = !file->nonblocking && !(flags & MSG_DONTWAIT);
    if (waits && (short_write || (n < 0 && errno == EAGAIN))) would_block(name, fd);
    if (file->kind == STREAM) world_hooks.moved(file->peer, n > 0 && !(flags & MSG_PEEK) ? (size_t)n : 0, in);
    return n;
}

ssize_t sim_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t sim_sendmsg(int fd, const struct msghdr *m, int flags) {
    call_begin("sendmsg", CALLER());
    send_flags(flags);
    return call_end(message("sendmsg", fd, m, flags, false), "sendmsg(%d, %zu parts)", fd, (size_t)m->msg_iovlen);
}

ssize_t sim_recvmsg(int fd, struct msghdr *m, int flags);
ssize_t sim_recvmsg(int fd, struct msghdr *m, int flags) {
    call_begin("recvmsg", CALLER());
    recv_flags(flags);
    return call_end(message("recvmsg", fd, m, flags, true), "recvmsg(%d, %zu parts)", fd, (size_t)m->msg_iovlen);
}

int sim_eventfd_read(int fd, uint64_t *value);
int sim_eventfd_read(int fd, uint64_t *value) {
    return sim_read(fd, value, sizeof *value) == sizeof *value ? 0 : -1;
}

int sim_eventfd_write(int fd, uint64_t value);
int sim_eventfd_write(int fd, uint64_t value) {
    return sim_write(fd, &value, sizeof value) == sizeof value ? 0 : -1;
}
