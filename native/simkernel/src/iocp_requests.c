/* SPDX-License-Identifier: MIT */
/* iocp_requests.c -- an overlapped request, from its call until its packet is
 * taken.
 *
 * It is tried at once. What finds nothing to do waits until its socket is woken,
 * and is tried again then, the oldest of a kind on a socket first. */
#include "iocp.h"

#include "calls.h"
#include "trace.h"

#include <stdlib.h>
#include <string.h>

struct request requests[REQUESTS_MAX], *requests_end = requests;
static uint64_t made;

const char *request_name(enum request_kind kind) {
    static const char *const names[] = {[ACCEPT_EX] = "AcceptEx", [WSA_RECV] = "WSARecv", [WSA_SEND] = "WSASend"};
    return names[kind];
}

struct request *request_new(enum request_kind kind, int fd, OVERLAPPED *overlapped, const struct iovec *parts,
                            int count) {
    struct request *r = requests;
    while (r < requests_end && r->used) r++;
    if (r == requests + REQUESTS_MAX) not_modelled(request_name(kind), "more than 1,024 requests at a time");
    if (r == requests_end) requests_end++;
    *r = (struct request){.used = true, .kind = kind, .fd = fd, .accepted = -1, .serial = ++made, .count = count};
    r->file = descriptor_file(fd), r->overlapped = overlapped;
    for (int i = 0; i < count; i++) r->parts[i] = parts[i], r->size += parts[i].iov_len;
    request_judge_memory(r);
    overlapped->Internal = STATUS_PENDING, overlapped->InternalHigh = 0;
    request_hand_over(r);
    return r;
}

void request_free(struct request *r) {
    free(r->handed_over);
    *r = (struct request){0};
}

static void tell(const struct request *r, uint32_t status, size_t bytes) {
    if (!tracing) return;
    if (status)
        trace_step(0, 0, "  completed: %s(%d), error %u", request_name(r->kind), r->fd, error_of_status(status));
    else
        trace_step(0, 0, "  completed: %s(%d), %zu bytes", request_name(r->kind), r->fd, bytes);
}

/* An end that shutdown was asked for follows the last bytes. */
static void after_send(int fd, const struct file *file) {
    for (const struct request *r = requests; r < requests_end; r++)
        if (r->used && !r->over && r->file == file && r->kind == WSA_SEND) return;
    struct winsock *w = winsock_of(fd);
    if (w->ends_later && descriptor_file(fd) == file) w->ends_later = false, shut((struct file *)file, fd, SHUT_WR);
}

/* Those behind it have their turn. */
static void wake_next(const struct request *done) {
    for (struct request *r = requests; r < requests_end; r++)
        if (r->used && !r->over && r->file == done->file && r->kind == done->kind) r->woken = true;
}

void request_complete(struct request *r, uint32_t status, size_t bytes) {
    request_judge(r);
    tell(r, status, bytes);
    r->over = true, r->woken = false;
    r->overlapped->Internal = status, r->overlapped->InternalHigh = bytes;
    request_hand_over(r);
    wake_next(r);
    if (r->kind == WSA_SEND) after_send(r->fd, r->file);
    if (!r->in_call) request_tell(r);
}

void request_tell(struct request *r) {
    const struct winsock *w = winsock_of(r->fd);
    const OVERLAPPED *o = r->overlapped;
    OVERLAPPED_ENTRY entry = {w->key, r->overlapped, o->Internal, (DWORD)o->InternalHigh};
    if (!w->port || !port_post(w->port, r, entry)) request_free(r); /* without a port nobody is told */
}

static bool older_of_its_kind(const struct request *r) {
    for (const struct request *o = requests; o < requests_end; o++)
        if (o->used && !o->over && o->file == r->file && o->kind == r->kind && o->serial < r->serial) return true;
    return false;
}

/* The oldest one that was woken, after `serial`. */
static struct request *next_woken(uint64_t serial) {
    struct request *next = NULL;
    for (struct request *r = requests; r < requests_end; r++)
        if (r->used && r->woken && r->serial > serial && (!next || r->serial < next->serial)) next = r;
    return next;
}

bool requests_pump(bool all) {
    bool any = false;
    for (struct request *r = next_woken(0); r;) {
        uint64_t serial = r->serial;
        bool later = !all && world_one_in(world_faults.later ? world_faults.later : 3);
        if (!later) {
            any = true, r->woken = false;
            if (!older_of_its_kind(r)) request_run(r);
        }
        r = next_woken(serial);
    }
    return any;
}

void ports_between_calls(void) {
    if (requests_end > requests) requests_pump(false);
}

/* Does it end by itself before the cancel comes to it? */
static bool was_faster(struct request *r) {
    uint64_t serial = r->serial;
    if (!r->woken || !world_choose(2) || older_of_its_kind(r)) return false;
    request_run(r);
    return !r->used || r->serial != serial || r->over;
}

int requests_cancel(int fd, const OVERLAPPED *overlapped) {
    int count = 0;
    for (struct request *r = requests; r < requests_end; r++) {
        bool meant = r->used && !r->over && (r->fd == fd || r->accepted == fd);
        if (!meant || (overlapped && r->overlapped != overlapped) || was_faster(r)) continue;
        winsock_of(r->fd)->broken |= r->kind == WSA_SEND;
        request_complete(r, STATUS_CANCELLED, 0);
        count++;
    }
    return count;
}
