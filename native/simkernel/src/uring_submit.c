/* SPDX-License-Identifier: MIT */
/* uring_submit.c -- from an entry of the submission queue to its completion:
 * what every operation has in common. */
#include "uring.h"

#include "calls.h"
#include "options.h"
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct op ops[OPS_MAX], *ops_end = ops;
static uint64_t submitted;

static void tell(const struct op *o, int result, unsigned flags) {
    if (!tracing) return;
    const char *more = flags & IORING_CQE_F_MORE ? ", more to come" : "";
    if (result < 0)
        trace_step(0, 0, "  completed: %s(%d) = %s%s", op_name(o->sqe.opcode), o->sqe.fd, strerrorname_np(-result),
                   more);
    else
        trace_step(0, 0, "  completed: %s(%d) = %d%s", op_name(o->sqe.opcode), o->sqe.fd, result, more);
}

void op_free(struct op *o) {
    struct file *file = o->file;
    int fd = o->sqe.fd;
    op_forget_alarm(o);
    free(o->parts), free(o->handed_over);
    *o = (struct op){0};
    if (file) file_let_go(file, fd);
}

/* `silent`: what failed was to be silent about success, and so are those behind it. */
static void cancel_chain(struct op *o, bool silent) {
    while (o) {
        struct op *then = o->then;
        o->then = NULL;
        if (silent)
            op_free(o);
        else
            op_finish(o, -ECANCELED, 0);
        o = then;
    }
}

/* Fewer bytes than were asked for end a chain, where all were asked for. */
static bool broke_chain(const struct op *o, int result) {
    bool whole = o->sqe.opcode == IORING_OP_READ || o->sqe.opcode == IORING_OP_WRITE ||
                 o->sqe.opcode == IORING_OP_READV || o->sqe.opcode == IORING_OP_WRITEV;
    bool bytes = o->sqe.opcode == IORING_OP_RECV || o->sqe.opcode == IORING_OP_SEND;
    if (bytes) whole = o->sqe.msg_flags & MSG_WAITALL;
    return result < 0 || (whole && (size_t)result < o->size);
}

void op_finish(struct op *o, int result, unsigned flags) {
    bool silent = o->sqe.flags & IOSQE_CQE_SKIP_SUCCESS && result >= 0 && !(flags & IORING_CQE_F_MORE);
    tell(o, result, flags);
    if (!silent)
        uring_post(o->ring, &(struct io_uring_cqe){.user_data = o->sqe.user_data, .res = result, .flags = flags});
    if (flags & IORING_CQE_F_MORE) return;
    struct op *then = o->then;
    bool broken = broke_chain(o, result), quiet = o->sqe.flags & IOSQE_CQE_SKIP_SUCCESS;
    op_free(o);
    if (!then) return;
    if (broken) {
        cancel_chain(then, quiet);
        return;
    }
    then->linked = false;
    op_start(then);
}

/* At once, or by choice a little later; what has to wait asks to be woken. */
void op_start(struct op *o) {
    uint64_t serial = o->serial;
    if (o->sqe.opcode == IORING_OP_POLL_ADD && o->multishot) { /* what it finds at once, it tells when it is woken */
        o->tried = true, o->told = file_poll(o->file) & o->events, o->woken = o->told != 0;
        return;
    }
    bool elsewhere = o->sqe.opcode == IORING_OP_SHUTDOWN; /* Linux has another thread do it */
    if (elsewhere || (world_faults.later && world_one_in(world_faults.later))) {
        o->woken = true;
        return;
    }
    op_run(o);
    bool waits = o->serial == serial && o->events && o->sqe.opcode != IORING_OP_POLL_ADD;
    if (waits) o->woken = file_poll(o->file) & o->events;
}

static struct op *op_new(struct uring *u, const struct io_uring_sqe *sqe) {
    struct op *o = ops;
    while (o < ops_end && o->ring) o++;
    if (o == ops + OPS_MAX) not_modelled("io_uring_enter", "more than 1,024 operations at a time");
    if (o == ops_end) ops_end++;
    *o = (struct op){.ring = u, .sqe = *sqe, .serial = ++submitted};
    if (tracing) trace_step(0, 0, "  submitted: %s(%d)", op_name(sqe->opcode), sqe->fd);
    return o;
}

static void only_sqe_flags(const struct io_uring_sqe *sqe) {
    if (sqe->flags & IOSQE_FIXED_FILE) not_modelled("io_uring_enter", "IOSQE_FIXED_FILE");
    if (sqe->flags & IOSQE_IO_DRAIN) not_modelled("io_uring_enter", "IOSQE_IO_DRAIN");
    if (sqe->flags & IOSQE_IO_HARDLINK) not_modelled("io_uring_enter", "IOSQE_IO_HARDLINK");
    only_flags("io_uring_enter", sqe->flags,
               IOSQE_IO_LINK | IOSQE_ASYNC | IOSQE_BUFFER_SELECT | IOSQE_CQE_SKIP_SUCCESS);
}

/* In Linux, all are looked at before a chain begins. */
static void start_chain(struct op *first, bool good) {
    for (struct op *o = first; o && good; o = o->then) o->linked = o != first;
    if (good)
        op_start(first);
    else
        cancel_chain(first, false);
}

int uring_submit(struct uring *u, unsigned most) {
    struct rings *r = u->rings;
    unsigned taken = 0;
    struct op *first = NULL, *last = NULL;
    for (; taken < most && r->sq_head != r->sq_tail; taken++) {
        uint32_t index = u->indices[r->sq_head++ & r->sq_mask];
        if (index >= r->sq_entries) {
            r->sq_dropped++;
            continue;
        }
        const struct io_uring_sqe *sqe = &u->sqes[index];
        only_sqe_flags(sqe);
        struct op *o = op_new(u, sqe);
        bool good = op_prepare(o), linked = sqe->flags & IOSQE_IO_LINK;
        if (last) last->then = good ? o : NULL;
        if (!first && good) first = o;
        last = good ? o : NULL;
        if (linked && good && taken + 1 < most && r->sq_head != r->sq_tail) continue;
        if (first) start_chain(first, good);
        first = last = NULL;
    }
    return (int)taken;
}
