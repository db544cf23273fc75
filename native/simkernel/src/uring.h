/* SPDX-License-Identifier: MIT */
/* uring.h -- io_uring: the rings that program and kernel share, the operations
 * under way, and the memory that belongs to the kernel meanwhile. */
#ifndef URING_H
#define URING_H

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "file.h"

enum { URINGS_MAX = 8, OPS_MAX = 1024, GROUPS_MAX = 16, SQ_ENTRIES_MAX = 4096, CQ_ENTRIES_MAX = 65536 };

/* What the program maps; completions follow, and after them the indices of submissions. */
struct rings {
    uint32_t sq_head, sq_tail, sq_mask, sq_entries, sq_flags, sq_dropped;
    uint32_t cq_head, cq_tail, cq_mask, cq_entries, cq_overflow, cq_flags;
    _Alignas(64) struct io_uring_cqe cqes[];
};

/* A ring of buffers from which the kernel takes one when bytes have come. */
struct group {
    bool used;
    uint16_t id, head;
    uint32_t entries;
    struct io_uring_buf_ring *ring;
};

struct uring {
    bool used;
    struct file *file; /* NULL: its descriptor is closed */
    unsigned flags;    /* of io_uring_setup */
    int mapped;        /* parts of it that the program has mapped */
    struct rings *rings;
    uint32_t *indices; /* the program's, into `sqes` */
    struct io_uring_sqe *sqes;
    struct io_uring_cqe *late; /* completions for which there is no room */
    unsigned late_count;
    struct group groups[GROUPS_MAX];
};

/* An operation from its submission to its last completion. */
struct op {
    struct uring *ring; /* NULL: free */
    uint64_t serial;
    struct io_uring_sqe sqe;
    struct file *file;
    uint32_t events; /* that wake it */
    bool multishot, tried, woken;
    bool queued; /* it goes on at the next chance, and no cancel finds it */
    bool cancelled;
    uint32_t told;   /* the events that woke it; 0: it has to look */
    bool linked;     /* it begins when the one before it has succeeded */
    struct op *then; /* and this one is next */
    struct iovec *parts;
    int count;
    size_t size, done;
    uint64_t alarm_ns;          /* of a timeout: when, or how long */
    unsigned char *handed_over; /* what its buffers held at the submission */
};
extern struct op ops[OPS_MAX], *ops_end; /* none is in use from there on */

/* uring.c */
void urings_reset(void);
struct uring *uring_new(unsigned entries, struct io_uring_params *);
void *uring_map(struct uring *, uint64_t offset, size_t size);
bool uring_unmap(void *at); /* false: no part of a ring begins there */
int urings_mapped(void);
unsigned uring_unread(const struct uring *);
void uring_post(struct uring *, const struct io_uring_cqe *);
void uring_flush(struct uring *);
/* Is there no room for one more completion? */
bool uring_full(const struct uring *);

/* uring_submit.c */
int uring_submit(struct uring *, unsigned most);
void op_start(struct op *);
void op_finish(struct op *, int result, unsigned flags);
/* Its buffers are the caller's again, its file is let go, and nobody is told. */
void op_free(struct op *);

/* uring_ops.c: once; what it leaves unfinished waits to be woken. */
void op_run(struct op *);
/* What has to be looked at when it is submitted; false: it is finished already. */
bool op_prepare(struct op *);
/* "recv", "IORING_OP_STATX", "operation 99". */
const char *op_name(unsigned opcode);

/* uring_transfer.c */
void op_read(struct op *);
void op_write(struct op *);

/* uring_cancel.c */
void op_cancel(struct op *);
/* False: it is refused. Its time is read now, whenever it begins. */
bool op_prepare_timeout(struct op *);
void op_timeout(struct op *);
void op_forget_alarm(struct op *);

/* uring_buffers.c */
/* `what` of the operation lies at `at`: is that memory still the program's? */
void memory_judge(const struct op *, const char *what, const void *at);
void buffers_hand_over(struct op *);
/* Nobody has changed them since. */
void buffers_judge(const struct op *);
/* The kernel is about to write there on behalf of `op`. */
void buffers_judge_target(const struct op *, const unsigned char *at, size_t size);
struct group *group_find(struct uring *, unsigned id);
int group_register(struct uring *, const struct io_uring_buf_reg *);
int group_unregister(struct uring *, const struct io_uring_buf_reg *);
/* The next buffer, which stays where it is; false: there is none. */
bool group_look(const struct group *, struct iovec *buffer, unsigned *flags);

/* uring_wait.c */
/* Runs what was woken, all of it or some; true: something has come of it. */
bool uring_pump(bool all);
long uring_enter(struct uring *, unsigned submit, unsigned want, unsigned flags, uint64_t deadline);

#endif
