/* SPDX-License-Identifier: MIT */
/* uring_ops.c -- what each operation asks for, and which are modelled.
 *
 * An operation is tried at once. What finds nothing to do waits until its file
 * tells of one of its events, and is tried again then: as Linux does it with
 * whatever can be polled. O_NONBLOCK changes nothing, MSG_DONTWAIT does. */
#include "uring.h"

#include "calls.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ALWAYS (EPOLLERR | EPOLLHUP | EPOLLRDHUP)

static const struct world_rule guarded = {"guarded", "stop_fd is watched, and not read from",
                                          "what would another reader of stop_fd find in it?"};
static const struct world_rule wrong_end = {"wrong_end", "bytes written where they belong",
                                            "which descriptor is this?"};

static void run_accept(struct op *o) {
    for (;;) {
        int fd = accept_now(o->file, "accept", (int)o->sqe.accept_flags);
        if (fd < 0 && errno == EAGAIN) return;
        if (fd >= 0) memory_judge(o, "address", (void *)(uintptr_t)o->sqe.addr);
        if (fd >= 0) client_address((void *)(uintptr_t)o->sqe.addr, (void *)(uintptr_t)o->sqe.addr2);
        bool more = fd >= 0 && o->multishot && !uring_full(o->ring) && !world_one_in(world_faults.multishot_ends);
        op_finish(o, fd < 0 ? -errno : fd, more ? IORING_CQE_F_MORE : 0);
        if (!more) return;
    }
}

static void run_poll(struct op *o) {
    uint32_t now = (o->told ? o->told : file_poll(o->file)) & o->events;
    o->told = 0;
    if (!now) return;
    bool more = o->multishot && !uring_full(o->ring) && !world_one_in(world_faults.multishot_ends);
    op_finish(o, (int)now, more ? IORING_CQE_F_MORE : 0);
}

static void run_call(struct op *o, int answer) {
    op_finish(o, answer < 0 ? -errno : answer, 0);
}

static void prepare_vector(struct op *o, const struct iovec *parts, size_t count) {
    if (count > IOV_MAX) not_modelled(op_name(o->sqe.opcode), "more than IOV_MAX parts");
    o->parts = malloc((count + 1) * sizeof *parts);
    if (!o->parts) abort();
    memcpy(o->parts, parts, count * sizeof *parts);
    o->count = (int)count;
    for (size_t i = 0; i < count; i++) o->size += parts[i].iov_len;
}

static bool is_socket(const struct file *file) {
    return file->kind == STREAM || file->kind == SOCKET || file->kind == LISTENER;
}

static bool refuse(struct op *o, int error) {
    op_finish(o, -error, 0);
    return false;
}

/* The file, and the memory; the operation holds both from now on. */
static bool prepare_bytes(struct op *o, bool in, bool vector, bool socket) {
    const struct io_uring_sqe *s = &o->sqe;
    const char *name = op_name(s->opcode), *guard = descriptor_guard(s->fd);
    if (guard) world_fail(in ? &guarded : &wrong_end, "%s on descriptor %d is about %s", name, s->fd, guard);
    if (socket && !is_socket(o->file)) return refuse(o, ENOTSOCK);
    if (socket) in ? recv_flags((int)s->msg_flags) : send_flags((int)s->msg_flags);
    bool selects = s->flags & IOSQE_BUFFER_SELECT;
    if (selects && (!in || !socket)) not_modelled(name, "IOSQE_BUFFER_SELECT but of recv");
    o->multishot = socket && in && s->ioprio & IORING_RECV_MULTISHOT;
    if (o->multishot && !selects) return refuse(o, EINVAL);
    if (socket) only_flags(name, s->ioprio, IORING_RECVSEND_POLL_FIRST | (in ? IORING_RECV_MULTISHOT : 0));
    void *at = (void *)(uintptr_t)s->addr;
    if (vector) memory_judge(o, "list of parts", at);
    if (!selects) prepare_vector(o, vector ? at : &(struct iovec){at, s->len}, vector ? s->len : 1);
    o->events = (in ? EPOLLIN : EPOLLOUT) | ALWAYS;
    buffers_hand_over(o);
    return true;
}

static bool prepare_accept(struct op *o) {
    if (o->sqe.file_index) not_modelled("accept", "direct descriptors");
    only_flags("accept", o->sqe.accept_flags, SOCK_NONBLOCK | SOCK_CLOEXEC);
    only_flags("accept", o->sqe.ioprio, IORING_ACCEPT_MULTISHOT);
    if (o->file->kind != LISTENER) return refuse(o, is_socket(o->file) ? EINVAL : ENOTSOCK);
    o->multishot = o->sqe.ioprio & IORING_ACCEPT_MULTISHOT;
    o->events = EPOLLIN | ALWAYS;
    return true;
}

static bool prepare_poll(struct op *o) {
    only_flags("poll", o->sqe.len, IORING_POLL_ADD_MULTI);
    o->multishot = o->sqe.len & IORING_POLL_ADD_MULTI;
    o->events = (o->sqe.poll32_events & (EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDNORM | EPOLLWRNORM)) | ALWAYS;
    return true;
}

static bool has_file(unsigned opcode) {
    switch (opcode) {
    case IORING_OP_ACCEPT:
    case IORING_OP_RECV:
    case IORING_OP_SEND:
    case IORING_OP_READ:
    case IORING_OP_WRITE:
    case IORING_OP_READV:
    case IORING_OP_WRITEV:
    case IORING_OP_POLL_ADD:
    case IORING_OP_SHUTDOWN:
        return true;
    default:
        return false;
    }
}

bool op_prepare(struct op *o) {
    const char *name = op_name(o->sqe.opcode);
    if (has_file(o->sqe.opcode)) o->file = known_file(o->sqe.fd, name), o->file->held++;
    switch (o->sqe.opcode) {
    case IORING_OP_ACCEPT:
        return prepare_accept(o);
    case IORING_OP_RECV:
    case IORING_OP_SEND:
        return prepare_bytes(o, o->sqe.opcode == IORING_OP_RECV, false, true);
    case IORING_OP_READ:
    case IORING_OP_WRITE:
        return prepare_bytes(o, o->sqe.opcode == IORING_OP_READ, false, false);
    case IORING_OP_READV:
    case IORING_OP_WRITEV:
        return prepare_bytes(o, o->sqe.opcode == IORING_OP_READV, true, false);
    case IORING_OP_POLL_ADD:
        return prepare_poll(o);
    case IORING_OP_TIMEOUT:
        return op_prepare_timeout(o);
    case IORING_OP_NOP:
    case IORING_OP_SHUTDOWN:
    case IORING_OP_CLOSE:
    case IORING_OP_TIMEOUT_REMOVE:
    case IORING_OP_POLL_REMOVE:
    case IORING_OP_ASYNC_CANCEL:
        return true;
    default:
        not_modelled("io_uring_enter", name);
    }
}

void op_run(struct op *o) {
    o->woken = o->queued = false, o->tried = true;
    if (o->cancelled) {
        op_finish(o, o->done > 0 ? (int)o->done : -ECANCELED, 0);
        return;
    }
    switch (o->sqe.opcode) {
    case IORING_OP_NOP:
        run_call(o, 0);
        break;
    case IORING_OP_ACCEPT:
        run_accept(o);
        break;
    case IORING_OP_RECV:
    case IORING_OP_READ:
    case IORING_OP_READV:
        op_read(o);
        break;
    case IORING_OP_SEND:
    case IORING_OP_WRITE:
    case IORING_OP_WRITEV:
        op_write(o);
        break;
    case IORING_OP_POLL_ADD:
        run_poll(o);
        break;
    case IORING_OP_SHUTDOWN:
        run_call(o, shut(o->file, o->sqe.fd, (int)o->sqe.len));
        break;
    case IORING_OP_CLOSE:
        run_call(o, close_one(o->sqe.fd));
        break;
    case IORING_OP_TIMEOUT:
        op_timeout(o);
        break;
    default:
        op_cancel(o);
    }
}

const char *op_name(unsigned opcode) {
    static const char *const names[] = {
        [IORING_OP_NOP] = "nop",
        [IORING_OP_ACCEPT] = "accept",
        [IORING_OP_RECV] = "recv",
        [IORING_OP_SEND] = "send",
        [IORING_OP_READ] = "read",
        [IORING_OP_WRITE] = "write",
        [IORING_OP_READV] = "readv",
        [IORING_OP_WRITEV] = "writev",
        [IORING_OP_POLL_ADD] = "poll",
        [IORING_OP_POLL_REMOVE] = "poll_remove",
        [IORING_OP_SHUTDOWN] = "shutdown",
        [IORING_OP_CLOSE] = "close",
        [IORING_OP_TIMEOUT] = "timeout",
        [IORING_OP_TIMEOUT_REMOVE] = "timeout_remove",
        [IORING_OP_ASYNC_CANCEL] = "cancel",
        [IORING_OP_FSYNC] = "IORING_OP_FSYNC",
        [IORING_OP_READ_FIXED] = "IORING_OP_READ_FIXED",
        [IORING_OP_WRITE_FIXED] = "IORING_OP_WRITE_FIXED",
        [IORING_OP_SENDMSG] = "IORING_OP_SENDMSG",
        [IORING_OP_RECVMSG] = "IORING_OP_RECVMSG",
        [IORING_OP_LINK_TIMEOUT] = "IORING_OP_LINK_TIMEOUT",
        [IORING_OP_CONNECT] = "IORING_OP_CONNECT",
        [IORING_OP_OPENAT] = "IORING_OP_OPENAT",
        [IORING_OP_FILES_UPDATE] = "IORING_OP_FILES_UPDATE",
        [IORING_OP_EPOLL_CTL] = "IORING_OP_EPOLL_CTL",
        [IORING_OP_SPLICE] = "IORING_OP_SPLICE",
        [IORING_OP_PROVIDE_BUFFERS] = "IORING_OP_PROVIDE_BUFFERS",
        [IORING_OP_REMOVE_BUFFERS] = "IORING_OP_REMOVE_BUFFERS",
        [IORING_OP_MSG_RING] = "IORING_OP_MSG_RING",
        [IORING_OP_SOCKET] = "IORING_OP_SOCKET",
        [IORING_OP_SEND_ZC] = "IORING_OP_SEND_ZC",
    };
    static char other[32];
    if (opcode < sizeof names / sizeof *names && names[opcode]) return names[opcode];
    snprintf(other, sizeof other, "operation %u", opcode);
    return other;
}
