/* SPDX-License-Identifier: MIT */
/* uring_cancel.c -- operations that end others, and those that end by time.
 *
 * A cancel and what it is to end run against each other: an operation that could
 * go on already may do so, and then there is nothing left to cancel (-ENOENT). What
 * was cancelled may say so after the cancel has told of its success. */
#include "uring.h"

#include "calls.h"
#include "clock.h"
#include "options.h"

#include <errno.h>

#define CANCEL_FLAGS (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ANY)

static void rings(void *op) {
    op_finish(op, -ETIME, 0);
}

void op_forget_alarm(struct op *o) {
    if (o->sqe.opcode == IORING_OP_TIMEOUT) clock_alarm(NEVER, rings, o);
}

bool op_prepare_timeout(struct op *o) {
    const struct __kernel_timespec *t = (const void *)(uintptr_t)o->sqe.addr;
    memory_judge(o, "time", t);
    only_flags("timeout", o->sqe.timeout_flags, IORING_TIMEOUT_ABS | IORING_TIMEOUT_ETIME_SUCCESS);
    if (o->sqe.off) not_modelled("timeout", "a number of completions after which it ends");
    if (o->sqe.len != 1 || t->tv_sec < 0 || t->tv_nsec < 0) {
        op_finish(o, -EINVAL, 0);
        return false;
    }
    o->alarm_ns = (uint64_t)t->tv_sec * 1000u * NS_PER_MS + (uint64_t)t->tv_nsec;
    return true;
}

void op_timeout(struct op *o) {
    uint64_t at = o->sqe.timeout_flags & IORING_TIMEOUT_ABS ? o->alarm_ns : clock_now + o->alarm_ns;
    if (at <= clock_now)
        rings(o);
    else
        clock_alarm(at, rings, o);
}

static bool is_meant(const struct op *o, const struct op *cancel, const struct file *file) {
    bool waiting = o->ring == cancel->ring && o != cancel && !o->linked && !o->queued;
    bool timeout = o->sqe.opcode == IORING_OP_TIMEOUT, by_poll = cancel->sqe.opcode == IORING_OP_POLL_REMOVE;
    if (!waiting || (by_poll && o->sqe.opcode != IORING_OP_POLL_ADD)) return false;
    if (cancel->sqe.opcode == IORING_OP_TIMEOUT_REMOVE && !timeout) return false;
    unsigned flags = cancel->sqe.opcode == IORING_OP_ASYNC_CANCEL ? cancel->sqe.cancel_flags : 0;
    if (flags & IORING_ASYNC_CANCEL_ANY) return true;
    if (flags & IORING_ASYNC_CANCEL_FD) return o->file == file;
    return o->sqe.user_data == cancel->sqe.addr;
}

/* Does it end by itself before the cancel comes to it? */
static bool was_faster(struct op *o) {
    uint64_t serial = o->serial;
    if (!o->woken || !world_choose(2)) return false;
    op_run(o);
    return o->serial != serial;
}

static void end(struct op *o) {
    o->cancelled = true;
    if (world_faults.later && world_one_in(world_faults.later)) {
        op_forget_alarm(o);
        o->woken = o->queued = true;
    } else {
        op_run(o);
    }
}

static int cancelled(struct op *cancel, bool all) {
    bool by_file = cancel->sqe.opcode == IORING_OP_ASYNC_CANCEL && cancel->sqe.cancel_flags & IORING_ASYNC_CANCEL_FD;
    const struct file *file = by_file ? known_file(cancel->sqe.fd, "cancel") : NULL;
    int count = 0;
    for (struct op *o = ops; o < ops_end; o++) {
        if (!is_meant(o, cancel, file) || was_faster(o)) continue;
        end(o);
        count++;
        if (!all) break;
    }
    return count;
}

void op_cancel(struct op *o) {
    bool is_cancel = o->sqe.opcode == IORING_OP_ASYNC_CANCEL;
    unsigned flags = is_cancel ? o->sqe.cancel_flags : 0;
    if (is_cancel)
        only_flags("cancel", flags, CANCEL_FLAGS);
    else
        only_flags(op_name(o->sqe.opcode), o->sqe.len | o->sqe.timeout_flags, 0);
    bool both = flags & IORING_ASYNC_CANCEL_ANY && flags & IORING_ASYNC_CANCEL_FD;
    if (both) {
        op_finish(o, -EINVAL, 0);
        return;
    }
    bool all = flags & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY);
    int count = cancelled(o, all);
    op_finish(o, all ? count : count > 0 ? 0 : -ENOENT, 0);
}
