/* SPDX-License-Identifier: MIT */
/* iocp_memory.c -- whose memory it is. From the call until the packet is taken an
 * OVERLAPPED and the buffers beside it are the kernel's: what the program does to
 * them is seen when the kernel comes back to them. */
#include "iocp.h"

#include "calls.h"

#include <stdlib.h>
#include <string.h>

static const struct world_rule changed = {
    "memory_changed", "the OVERLAPPED and the buffers of a request stay as they are until its packet has been taken",
    "who else writes to this memory, and which packet gives it back?"};
static const struct world_rule shared = {
    "memory_shared", "memory that belongs to one request at a time",
    "when is this OVERLAPPED or buffer given to the kernel again, and which request has it then?"};
static const struct world_rule freed = {"memory_freed",
                                        "memory is freed after the packet of the request that uses it was taken",
                                        "which requests are still under way here, and how does the program know?"};

static const struct world_rule returned = {
    "frame_returned", "an OVERLAPPED and the buffers of a request are there until its packet has been taken",
    "whose local variable is this, and when does that function return?"};

static size_t all_of(const struct request *r, unsigned char *copy, const unsigned char *as_before) {
    size_t at = 0;
    for (int i = 0; i < r->count; at += r->parts[i++].iov_len) {
        size_t size = r->parts[i].iov_len;
        const unsigned char *now = r->parts[i].iov_base;
        if (copy && size > 0) memcpy(copy + at, now, size);
        if (copy || size == 0 || memcmp(now, as_before + at, size) == 0) continue;
        size_t byte = 0;
        while (now[byte] == as_before[at + byte]) byte++;
        return at + byte;
    }
    return at;
}

void request_hand_over(struct request *r) {
    if (!r->handed_over) r->handed_over = malloc(r->size + 1);
    if (!r->handed_over) abort();
    all_of(r, r->handed_over, NULL);
    r->left = *r->overlapped;
}

static const char *state(const struct request *r) {
    return r->over ? "its packet was not taken yet" : "which is under way";
}

static void judge_place(const struct request *r, const char *what, const void *at) {
    if (returned_frame_has(at))
        world_fail(&returned, "the %s of %s(%d) is a local variable of a function that has returned, and %s", what,
                   request_name(r->kind), r->fd, state(r));
}

void request_judge(const struct request *r) {
    judge_place(r, "OVERLAPPED", r->overlapped);
    for (int i = 0; i < r->count; i++) judge_place(r, "memory", r->parts[i].iov_base);
    if (memcmp(r->overlapped, &r->left, sizeof r->left) != 0)
        world_fail(&changed, "the OVERLAPPED of %s(%d) was changed, and %s", request_name(r->kind), r->fd, state(r));
    size_t at = all_of(r, NULL, r->handed_over);
    if (at < r->size)
        world_fail(&changed, "byte %zu of the %zu that %s(%d) has was changed, and %s", at, r->size,
                   request_name(r->kind), r->fd, state(r));
}

static bool overlaps(const void *a, size_t a_size, const void *b, size_t b_size) {
    const unsigned char *x = a, *y = b;
    return a_size > 0 && b_size > 0 && x < y + b_size && y < x + a_size;
}

/* Any of its memory, but what a send may share with another one. */
static bool has(const struct request *r, const void *at, size_t size, bool reads_only) {
    if (overlaps(at, size, r->overlapped, sizeof *r->overlapped)) return true;
    for (int i = 0; i < r->count && !(reads_only && r->kind == WSA_SEND); i++)
        if (overlaps(at, size, r->parts[i].iov_base, r->parts[i].iov_len)) return true;
    return false;
}

static void judge_piece(const struct request *mine, const void *at, size_t size, bool reads_only) {
    for (const struct request *r = requests; r < requests_end; r++)
        if (r->used && r != mine && has(r, at, size, reads_only))
            world_fail(&shared, "%s(%d) gets memory that belongs to %s(%d), and %s", request_name(mine->kind), mine->fd,
                       request_name(r->kind), r->fd, state(r));
}

void request_judge_memory(const struct request *mine) {
    judge_piece(mine, mine->overlapped, sizeof *mine->overlapped, false);
    for (int i = 0; i < mine->count; i++)
        judge_piece(mine, mine->parts[i].iov_base, mine->parts[i].iov_len, mine->kind == WSA_SEND);
}

void ports_judge_free(const void *at, size_t size) {
    for (const struct request *r = requests; r < requests_end; r++)
        if (r->used && has(r, at, size, false))
            world_fail(&freed, "a block of %zu bytes is freed, and belongs to %s(%d), %s", size, request_name(r->kind),
                       r->fd, state(r));
}
