/* SPDX-License-Identifier: MIT */
/* uring_transfer.c -- bytes into the program's buffers, and out of them. */
#include "uring.h"

#include "calls.h"

#include <errno.h>
#include <sys/socket.h>

static int flags_of(const struct op *o) {
    return o->sqe.opcode == IORING_OP_RECV || o->sqe.opcode == IORING_OP_SEND ? (int)o->sqe.msg_flags : 0;
}

/* What io_uring writes with send raises no signal. */
static ssize_t one_part(struct op *o, struct iovec part, bool in) {
    int flags = flags_of(o);
    if (!in)
        return file_write(o->file, part.iov_base, part.iov_len,
                          flags | (o->sqe.opcode == IORING_OP_SEND ? MSG_NOSIGNAL : 0));
    buffers_judge_target(o, part.iov_base, part.iov_len);
    return file_read(o->file, part.iov_base, part.iov_len, flags);
}

/* From where it was left; -1 and errno if nothing could be moved. */
static ssize_t move(struct op *o, bool in) {
    size_t skipped = o->done;
    ssize_t moved = 0;
    for (int i = 0; i < o->count; i++) {
        struct iovec part = o->parts[i];
        size_t skip = skipped < part.iov_len ? skipped : part.iov_len;
        skipped -= skip;
        part.iov_base = (char *)part.iov_base + skip, part.iov_len -= skip;
        if (part.iov_len == 0 && o->size > 0) continue;
        ssize_t n = one_part(o, part, in);
        if (n < 0) return moved > 0 ? moved : -1;
        moved += n;
        if ((size_t)n < part.iov_len) break;
    }
    return moved;
}

static void told(struct op *o, ssize_t n, bool in) {
    if (o->file->kind == STREAM) world_hooks.moved(o->file->peer, n > 0 ? (size_t)n : 0, in);
}

/* EAGAIN: it waits, unless it must not. */
static bool waits(const struct op *o, ssize_t n) {
    return n < 0 && errno == EAGAIN && !(flags_of(o) & MSG_DONTWAIT);
}

static void transfer(struct op *o, bool in) {
    buffers_judge(o);
    ssize_t n = move(o, in);
    int error = errno;
    if (n < 0 && o->done > 0 && error != EAGAIN) n = 0; /* what was moved before counts */
    told(o, n, in);
    errno = error;
    if (waits(o, n)) return;
    if (n < 0) {
        op_finish(o, o->done > 0 ? (int)o->done : -error, 0);
        return;
    }
    o->done += (size_t)n;
    bool wants_more = flags_of(o) & MSG_WAITALL && o->done < o->size && n > 0;
    if (!wants_more)
        op_finish(o, (int)o->done, 0);
    else if (in)
        buffers_hand_over(o);
    if (wants_more) o->woken = o->queued = file_poll(o->file) & o->events;
}

void op_write(struct op *o) {
    transfer(o, false);
}

/* What Linux looks at before it goes on at once; of an error it hears when it is woken. */
static bool more_to_read(const struct op *o) {
    const struct peer *p = o->file->kind == STREAM ? o->file->peer : NULL;
    return p && (p->in.used > 0 || p->fin);
}

/* Into a buffer of the kernel's choice. True: another one may follow at once. */
static bool read_selected(struct op *o) {
    struct group *group = group_find(o->ring, o->sqe.buf_group);
    struct iovec buffer;
    unsigned flags;
    if (!group || !group_look(group, &buffer, &flags)) {
        op_finish(o, -ENOBUFS, 0);
        return false;
    }
    if (o->sqe.len > 0 && o->sqe.len < buffer.iov_len) buffer.iov_len = o->sqe.len;
    buffers_judge_target(o, buffer.iov_base, buffer.iov_len);
    ssize_t n = file_read(o->file, buffer.iov_base, buffer.iov_len, flags_of(o));
    int error = errno;
    told(o, n, true);
    errno = error;
    if (waits(o, n)) return false;
    if (n <= 0) {
        op_finish(o, n < 0 ? -error : 0, 0);
        return false;
    }
    group->head++;
    bool more = o->multishot && !uring_full(o->ring) && !world_one_in(world_faults.multishot_ends);
    op_finish(o, (int)n, flags | (more ? IORING_CQE_F_MORE : 0));
    return more && more_to_read(o);
}

void op_read(struct op *o) {
    if (!(o->sqe.flags & IOSQE_BUFFER_SELECT)) {
        transfer(o, true);
        return;
    }
    while (read_selected(o)) {
    }
}
