/* SPDX-License-Identifier: MIT */
/* uring_wait.c -- when operations go on, and io_uring_enter waits for them.
 *
 * What was woken goes on in the order in which it was submitted or, where a
 * choice says so, in another, and some of it only later: nothing promises an
 * order. While nothing is ready the program sleeps, as it does in epoll_wait. */
#include "uring.h"

#include "calls.h"
#include "clock.h"

#include <errno.h>

void urings_wake(const struct file *file, uint32_t events) {
    for (struct op *o = ops; file->held > 0 && o < ops_end; o++)
        if (o->ring && o->file == file && !o->linked && (events == 0 || events & o->events))
            o->told = o->woken ? 0 : events, o->woken = true;
}

static bool by_task(const struct op *o) {
    return o->ring->flags & IORING_SETUP_DEFER_TASKRUN && o->sqe.opcode != IORING_OP_SHUTDOWN;
}

/* `entered`: by io_uring_enter, which asks for completions. */
static int collect(struct op **woken, uint64_t *serials, bool entered) {
    int count = 0;
    for (struct op *o = ops; o < ops_end; o++) {
        if (!o->ring || !o->woken || (by_task(o) && !entered)) continue;
        int at = count++;
        for (; at > 0 && serials[at - 1] > o->serial; at--) woken[at] = woken[at - 1], serials[at] = serials[at - 1];
        woken[at] = o, serials[at] = o->serial;
    }
    return count;
}

static bool pump(bool all, bool entered) {
    static struct op *woken[OPS_MAX];
    static uint64_t serials[OPS_MAX];
    int count = collect(woken, serials, entered);
    unsigned first = count > 1 && world_one_in(3) ? world_choose((unsigned)count) : 0;
    for (int i = 0; i < count; i++) {
        int at = (int)((unsigned)i + first) % count;
        struct op *o = woken[at];
        if (o->serial != serials[at] || !o->woken) continue;
        bool told = o->told && o->sqe.opcode == IORING_OP_POLL_ADD;
        if (o->tried && o->multishot && !told && !o->cancelled && !(file_poll(o->file) & o->events)) {
            o->woken = false;
            continue;
        }
        if (!all && world_faults.later && world_one_in(world_faults.later)) continue;
        op_run(o);
    }
    return count > 0;
}

bool uring_pump(bool all) {
    return pump(all, true);
}

/* Completions may come between any two calls. */
void urings_between_calls(void) {
    pump(false, false);
}

static long refuse(int error) {
    errno = error;
    return -1;
}

/* The kernel does not wait for more than its queue can hold. */
static unsigned possible(const struct uring *u, unsigned want) {
    unsigned most = world_faults.completion_room ? world_faults.completion_room : UINT32_MAX;
    if (u->rings->cq_entries < most) most = u->rings->cq_entries;
    return want < most ? want : most;
}

static long wait_for(struct uring *u, unsigned want, uint64_t deadline) {
    uring_flush(u);
    uring_pump(false);
    for (want = possible(u, want); uring_unread(u) < want;) {
        if (uring_pump(true)) continue;
        if (interrupted()) return -1;
        if (!sleep_until(deadline)) return refuse(ETIME);
    }
    if (u->late_count > 0 && world_faults.completion_room && world_one_in(3)) return refuse(EBUSY);
    return 0;
}

long uring_enter(struct uring *u, unsigned submit, unsigned want, unsigned flags, uint64_t deadline) {
    int taken = uring_submit(u, submit);
    long waited = flags & IORING_ENTER_GETEVENTS ? wait_for(u, want, deadline) : 0;
    int error = errno;
    world_hooks.moved(NULL, 0, false);
    errno = error;
    return taken > 0 ? taken : waited;
}
