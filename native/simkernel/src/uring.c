/* SPDX-License-Identifier: MIT */
/* uring.c -- the rings: their memory, and how completions come into it.
 *
 * A completion for which there is no room is kept aside, and nothing overtakes
 * it: IORING_SQ_CQ_OVERFLOW says so, and the next io_uring_enter that asks for
 * completions brings what fits by then. */
#include "uring.h"

#include "calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct uring urings[URINGS_MAX];

static void uring_free(struct uring *u) {
    free(u->rings), free(u->sqes), free(u->late);
    *u = (struct uring){0};
}

void urings_reset(void) {
    for (struct op *o = ops; o < ops_end; o++)
        if (o->ring) free(o->parts), free(o->handed_over), *o = (struct op){0};
    ops_end = ops;
    for (struct uring *u = urings; u < urings + URINGS_MAX; u++)
        if (u->used) uring_free(u);
}

static unsigned power_of_two(unsigned least) {
    unsigned size = 1;
    while (size < least) size *= 2;
    return size;
}

static size_t indices_at(unsigned completions) {
    return sizeof(struct rings) + completions * sizeof(struct io_uring_cqe);
}

/* -1 with EINVAL. */
static int sizes(unsigned entries, const struct io_uring_params *p, unsigned *submissions, unsigned *completions) {
    bool clamp = p->flags & IORING_SETUP_CLAMP, own = p->flags & IORING_SETUP_CQSIZE;
    unsigned least = own ? p->cq_entries : 0;
    errno = EINVAL;
    if (entries == 0 || (own && least == 0)) return -1;
    if (!clamp && (entries > SQ_ENTRIES_MAX || least > CQ_ENTRIES_MAX)) return -1;
    *submissions = power_of_two(entries < SQ_ENTRIES_MAX ? entries : SQ_ENTRIES_MAX);
    *completions = own ? power_of_two(least < CQ_ENTRIES_MAX ? least : CQ_ENTRIES_MAX) : 2 * *submissions;
    return *completions < *submissions ? -1 : 0;
}

static void tell_layout(struct io_uring_params *p, unsigned submissions, unsigned completions) {
    p->sq_entries = submissions, p->cq_entries = completions;
    p->features = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_RW_CUR_POS |
                  IORING_FEAT_FAST_POLL | IORING_FEAT_POLL_32BITS | IORING_FEAT_EXT_ARG | IORING_FEAT_NATIVE_WORKERS |
                  IORING_FEAT_CQE_SKIP;
    p->sq_off = (struct io_sqring_offsets){
        .head = offsetof(struct rings, sq_head),
        .tail = offsetof(struct rings, sq_tail),
        .ring_mask = offsetof(struct rings, sq_mask),
        .ring_entries = offsetof(struct rings, sq_entries),
        .flags = offsetof(struct rings, sq_flags),
        .dropped = offsetof(struct rings, sq_dropped),
        .array = (uint32_t)indices_at(completions),
    };
    p->cq_off = (struct io_cqring_offsets){
        .head = offsetof(struct rings, cq_head),
        .tail = offsetof(struct rings, cq_tail),
        .ring_mask = offsetof(struct rings, cq_mask),
        .ring_entries = offsetof(struct rings, cq_entries),
        .overflow = offsetof(struct rings, cq_overflow),
        .cqes = offsetof(struct rings, cqes),
        .flags = offsetof(struct rings, cq_flags),
    };
}

/* NULL with errno; its file is the caller's affair. */
struct uring *uring_new(unsigned entries, struct io_uring_params *p) {
    unsigned submissions, completions;
    struct uring *u = urings;
    if (sizes(entries, p, &submissions, &completions) < 0) return NULL;
    while (u < urings + URINGS_MAX && u->used) u++;
    if (u == urings + URINGS_MAX) not_modelled("io_uring_setup", "more than eight rings in a life");
    tell_layout(p, submissions, completions);
    size_t size = (indices_at(completions) + submissions * sizeof(uint32_t) + 63) / 64 * 64;
    struct rings *rings = aligned_alloc(64, size);
    struct io_uring_sqe *sqes = calloc(submissions, sizeof *sqes);
    if (!rings || !sqes) abort();
    memset(rings, 0, size);
    rings->sq_mask = submissions - 1, rings->sq_entries = submissions;
    rings->cq_mask = completions - 1, rings->cq_entries = completions;
    *u = (struct uring){.used = true, .flags = p->flags, .rings = rings, .sqes = sqes};
    u->indices = (uint32_t *)((char *)rings + indices_at(completions));
    return u;
}

/* NULL with EINVAL. Both rings lie in one piece of memory. */
void *uring_map(struct uring *u, uint64_t offset, size_t size) {
    size_t all = indices_at(u->rings->cq_entries) + u->rings->sq_entries * sizeof(uint32_t);
    bool sqes = offset == IORING_OFF_SQES, rings = offset == IORING_OFF_SQ_RING || offset == IORING_OFF_CQ_RING;
    errno = EINVAL;
    if ((!sqes && !rings) || size > (sqes ? u->rings->sq_entries * sizeof *u->sqes : all)) return NULL;
    u->mapped++;
    return sqes ? (void *)u->sqes : (void *)u->rings;
}

bool uring_unmap(void *at) {
    for (struct uring *u = urings; u < urings + URINGS_MAX; u++) {
        if (!u->used || u->mapped == 0 || (at != u->sqes && at != u->rings)) continue;
        if (--u->mapped == 0 && !u->file) uring_free(u);
        return true;
    }
    return false;
}

int urings_mapped(void) {
    int count = 0;
    for (const struct uring *u = urings; u < urings + URINGS_MAX; u++) count += u->mapped;
    return count;
}

/* Without its descriptor the kernel cancels what is under way, and tells nobody. */
void uring_close(struct file *file) {
    struct uring *u = file->uring;
    unsigned pending = 0;
    for (const struct op *o = ops; o < ops_end; o++) pending += o->ring == u;
    if (world_hooks.ring_closing) world_hooks.ring_closing(pending, uring_unread(u) + u->late_count);
    for (struct op *o = ops; o < ops_end; o++)
        if (o->ring == u) op_free(o);
    u->file = NULL;
    if (u->mapped == 0) uring_free(u);
}

uint32_t uring_poll(const struct file *file) {
    const struct rings *r = file->uring->rings;
    return (uring_unread(file->uring) + file->uring->late_count > 0 ? EPOLLIN : 0) |
           (r->sq_tail - r->sq_head < r->sq_entries ? EPOLLOUT : 0);
}

unsigned uring_unread(const struct uring *u) {
    return u->rings->cq_tail - u->rings->cq_head;
}

static unsigned room(const struct uring *u) {
    unsigned most = world_faults.completion_room ? world_faults.completion_room : UINT32_MAX;
    if (u->rings->cq_entries < most) most = u->rings->cq_entries;
    return most > uring_unread(u) ? most - uring_unread(u) : 0;
}

bool uring_full(const struct uring *u) {
    return u->late_count > 0 || room(u) == 0;
}

static void put(struct uring *u, const struct io_uring_cqe *cqe) {
    u->rings->cqes[u->rings->cq_tail & u->rings->cq_mask] = *cqe;
    u->rings->cq_tail++;
}

void uring_post(struct uring *u, const struct io_uring_cqe *cqe) {
    if (!uring_full(u)) {
        put(u, cqe);
    } else {
        u->late = realloc(u->late, (u->late_count + 1) * sizeof *u->late);
        if (!u->late) abort();
        u->late[u->late_count++] = *cqe;
        u->rings->sq_flags |= IORING_SQ_CQ_OVERFLOW;
    }
    if (u->file) file_wake(u->file, EPOLLIN);
}

void uring_flush(struct uring *u) {
    unsigned moved = 0;
    while (moved < u->late_count && room(u) > 0) put(u, &u->late[moved++]);
    if (moved == 0) return;
    u->late_count -= moved;
    memmove(u->late, u->late + moved, u->late_count * sizeof *u->late);
    if (u->late_count == 0) u->rings->sq_flags &= ~(uint32_t)IORING_SQ_CQ_OVERFLOW;
}
