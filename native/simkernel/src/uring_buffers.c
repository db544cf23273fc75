/* SPDX-License-Identifier: MIT */
/* uring_buffers.c -- whose memory it is. From the submission to the completion
 * the buffers of an operation are the kernel's: what the program does to them is
 * seen when the kernel comes back to them. */
#include "uring.h"

#include "calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, GROUP_ENTRIES_MAX = 32768 };

static const struct world_rule changed = {
    "buffer_changed", "the buffer of an operation stays as it is until its completion has been taken",
    "who else writes to this memory, and which completion gives it back?"};
static const struct world_rule shared = {
    "buffer_shared", "memory that belongs to one operation at a time",
    "when is this buffer given to the kernel again, and which operation has it then?"};
static const struct world_rule freed = {"buffer_freed",
                                        "memory is freed after the last completion of the operation that uses it",
                                        "which operations are still under way here, and how does the program know?"};

static const struct world_rule returned = {
    "frame_returned",
    "what an operation points to is there until io_uring_enter has taken the operation, a buffer until its completion",
    "whose local variable is this, and when does that function return?"};

void memory_judge(const struct op *o, const char *what, const void *at) {
    if (returned_frame_has(at))
        world_fail(&returned, "the %s of %s is a local variable of a function that has returned", what,
                   op_name(o->sqe.opcode));
}

static void buffers_judge_place(const struct op *o) {
    for (int i = 0; i < o->count; i++) memory_judge(o, "buffer", o->parts[i].iov_base);
}

/* What it holds from now on. */
void buffers_hand_over(struct op *o) {
    buffers_judge_place(o);
    if (!o->handed_over) o->handed_over = malloc(o->size + 1);
    if (!o->handed_over) abort();
    size_t at = 0;
    for (int i = 0; i < o->count; at += o->parts[i++].iov_len)
        if (o->parts[i].iov_len > 0) memcpy(o->handed_over + at, o->parts[i].iov_base, o->parts[i].iov_len);
}

void buffers_judge(const struct op *o) {
    buffers_judge_place(o);
    size_t at = 0;
    for (int i = 0; i < o->count; at += o->parts[i++].iov_len) {
        const unsigned char *now = o->parts[i].iov_base, *before = o->handed_over + at;
        if (o->parts[i].iov_len == 0 || memcmp(now, before, o->parts[i].iov_len) == 0) continue;
        size_t byte = 0;
        while (now[byte] == before[byte]) byte++;
        world_fail(&changed, "%s on descriptor %d is under way, and byte %zu of its %zu was changed from %d to %d",
                   op_name(o->sqe.opcode), o->sqe.fd, at + byte, o->size, before[byte], now[byte]);
    }
}

static bool overlaps(const unsigned char *a, size_t size, const void *other, size_t other_size) {
    const unsigned char *b = other;
    return size > 0 && other_size > 0 && a < b + other_size && b < a + size;
}

/* The operation that has part of this memory. */
static const struct op *owner(const unsigned char *at, size_t size, const struct op *besides) {
    for (const struct op *o = ops; o < ops_end; o++) {
        if (!o->ring || o == besides) continue;
        for (int i = 0; i < o->count; i++)
            if (overlaps(at, size, o->parts[i].iov_base, o->parts[i].iov_len)) return o;
    }
    return NULL;
}

void buffers_judge_target(const struct op *o, const unsigned char *at, size_t size) {
    const struct op *other = owner(at, size, o);
    if (other)
        world_fail(&shared, "%s on descriptor %d gets memory that belongs to %s on descriptor %d, which is under way",
                   op_name(o->sqe.opcode), o->sqe.fd, op_name(other->sqe.opcode), other->sqe.fd);
}

struct group *group_find(struct uring *u, unsigned id) {
    for (struct group *g = u->groups; g < u->groups + GROUPS_MAX; g++)
        if (g->used && g->id == id) return g;
    return NULL;
}

static int refuse(int error) {
    errno = error;
    return -1;
}

int group_register(struct uring *u, const struct io_uring_buf_reg *reg) {
    struct group *g = u->groups;
    if (reg->ring_addr % PAGE != 0) return refuse(EINVAL);
    if (reg->ring_entries == 0 || reg->ring_entries > GROUP_ENTRIES_MAX) return refuse(EINVAL);
    if (reg->ring_entries & (reg->ring_entries - 1)) return refuse(EINVAL);
    if (group_find(u, reg->bgid)) return refuse(EEXIST);
    while (g < u->groups + GROUPS_MAX && g->used) g++;
    if (g == u->groups + GROUPS_MAX) not_modelled("io_uring_register", "more than sixteen rings of buffers");
    *g = (struct group){true, reg->bgid, 0, reg->ring_entries, (void *)(uintptr_t)reg->ring_addr};
    return 0;
}

int group_unregister(struct uring *u, const struct io_uring_buf_reg *reg) {
    struct group *g = group_find(u, reg->bgid);
    if (!g) return refuse(ENOENT);
    g->used = false;
    return 0;
}

bool group_look(const struct group *g, struct iovec *buffer, unsigned *flags) {
    if (g->ring->tail == g->head) return false;
    const struct io_uring_buf *b = &g->ring->bufs[g->head & (g->entries - 1)];
    *buffer = (struct iovec){(void *)(uintptr_t)b->addr, b->len};
    *flags = IORING_CQE_F_BUFFER | (unsigned)b->bid << IORING_CQE_BUFFER_SHIFT;
    return true;
}

/* Is any of this group's buffers in that memory, or the ring itself? */
static bool group_has(const struct group *g, const unsigned char *at, size_t size) {
    if (overlaps(at, size, g->ring, g->entries * sizeof(struct io_uring_buf))) return true;
    for (uint16_t i = g->head; i != g->ring->tail; i++) {
        const struct io_uring_buf *b = &g->ring->bufs[i & (g->entries - 1)];
        if (overlaps(at, size, (void *)(uintptr_t)b->addr, b->len)) return true;
    }
    return false;
}

void urings_judge_free(const void *at, size_t size) {
    const struct op *o = owner(at, size, NULL);
    if (o)
        world_fail(&freed, "a block of %zu bytes is freed, and belongs to %s on descriptor %d, which is under way",
                   size, op_name(o->sqe.opcode), o->sqe.fd);
    for (o = ops; o < ops_end; o++) {
        if (!o->ring || !(o->sqe.flags & IOSQE_BUFFER_SELECT)) continue;
        const struct group *g = group_find(o->ring, o->sqe.buf_group);
        if (g && group_has(g, at, size))
            world_fail(&freed,
                       "a block of %zu bytes is freed, and %s on descriptor %d, which is under way, may choose it",
                       size, op_name(o->sqe.opcode), o->sqe.fd);
    }
}
