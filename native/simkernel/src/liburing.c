/* SPDX-License-Identifier: MIT */
/* liburing.c -- what liburing does not inline, after liburing 2.3: a layer over
 * the three system calls. Nothing here where its header is not installed. */
#if __has_include(<liburing.h>)
#include "calls.h"
#include "calls_uring.h"
#include "clock.h"

#include <errno.h>
#include <liburing.h>
#include <sys/mman.h>

/* Its prototypes are those of the header, by the names that the build gives to a program's calls. */
int sim_io_uring_queue_mmap(int fd, struct io_uring_params *, struct io_uring *);
int sim_io_uring_queue_init_params(unsigned entries, struct io_uring *, struct io_uring_params *);
int sim_io_uring_queue_init(unsigned entries, struct io_uring *, unsigned flags);
void sim_io_uring_queue_exit(struct io_uring *);
int sim_io_uring_submit(struct io_uring *);
int sim_io_uring_submit_and_wait(struct io_uring *, unsigned want);
int sim_io_uring_submit_and_wait_timeout(struct io_uring *, struct io_uring_cqe **, unsigned want,
                                         struct __kernel_timespec *, sigset_t *);
int sim_io_uring_submit_and_get_events(struct io_uring *);
int sim_io_uring_get_events(struct io_uring *);
int sim_io_uring_wait_cqes(struct io_uring *, struct io_uring_cqe **, unsigned want, struct __kernel_timespec *,
                           sigset_t *);
int sim_io_uring_wait_cqe_timeout(struct io_uring *, struct io_uring_cqe **, struct __kernel_timespec *);
int sim___io_uring_get_cqe(struct io_uring *, struct io_uring_cqe **, unsigned submit, unsigned want, sigset_t *);
unsigned sim_io_uring_peek_batch_cqe(struct io_uring *, struct io_uring_cqe **, unsigned most);
int sim_io_uring_register_buf_ring(struct io_uring *, struct io_uring_buf_reg *, unsigned flags);
int sim_io_uring_unregister_buf_ring(struct io_uring *, int id);
int sim_io_uring_register_probe(struct io_uring *, struct io_uring_probe *, unsigned count);
int sim_io_uring_register_ring_fd(struct io_uring *);
int sim_io_uring_unregister_ring_fd(struct io_uring *);

static void point_into(struct io_uring *ring, struct uring *u, const struct io_uring_params *p) {
    char *rings = uring_map(u, IORING_OFF_SQ_RING, 0);
    *ring = (struct io_uring){.flags = p->flags, .features = p->features};
    ring->sq = (struct io_uring_sq){
        .khead = (unsigned *)(rings + p->sq_off.head),
        .ktail = (unsigned *)(rings + p->sq_off.tail),
        .kring_mask = (unsigned *)(rings + p->sq_off.ring_mask),
        .kring_entries = (unsigned *)(rings + p->sq_off.ring_entries),
        .kflags = (unsigned *)(rings + p->sq_off.flags),
        .kdropped = (unsigned *)(rings + p->sq_off.dropped),
        .array = (unsigned *)(rings + p->sq_off.array),
        .sqes = uring_map(u, IORING_OFF_SQES, 0),
        .ring_mask = p->sq_entries - 1,
        .ring_entries = p->sq_entries,
    };
    ring->cq = (struct io_uring_cq){
        .khead = (unsigned *)(rings + p->cq_off.head),
        .ktail = (unsigned *)(rings + p->cq_off.tail),
        .kring_mask = (unsigned *)(rings + p->cq_off.ring_mask),
        .kring_entries = (unsigned *)(rings + p->cq_off.ring_entries),
        .kflags = (unsigned *)(rings + p->cq_off.flags),
        .koverflow = (unsigned *)(rings + p->cq_off.overflow),
        .cqes = (struct io_uring_cqe *)(rings + p->cq_off.cqes),
        .ring_mask = p->cq_entries - 1,
        .ring_entries = p->cq_entries,
    };
}

int sim_io_uring_queue_mmap(int fd, struct io_uring_params *p, struct io_uring *ring) {
    struct uring *u = uring_of(fd, "io_uring_queue_mmap");
    if (!u) return -errno;
    point_into(ring, u, p);
    ring->ring_fd = ring->enter_ring_fd = fd;
    return 0;
}

int sim_io_uring_queue_init_params(unsigned entries, struct io_uring *ring, struct io_uring_params *p) {
    int fd = setup_ring(entries, p, CALLER());
    return fd < 0 ? fd : sim_io_uring_queue_mmap(fd, p, ring);
}

int sim_io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags) {
    struct io_uring_params p = {.flags = flags};
    int fd = setup_ring(entries, &p, CALLER());
    return fd < 0 ? fd : sim_io_uring_queue_mmap(fd, &p, ring);
}

void sim_io_uring_queue_exit(struct io_uring *ring) {
    call_begin("io_uring_queue_exit", CALLER());
    uring_unmap(ring->sq.sqes);
    uring_unmap(ring->sq.khead);
    close_one(ring->ring_fd);
    call_end(0, "io_uring_queue_exit()");
}

/* Entries that were filled since are the kernel's to see. */
static unsigned flush(struct io_uring *ring) {
    struct io_uring_sq *sq = &ring->sq;
    for (; sq->sqe_head != sq->sqe_tail; sq->sqe_head++) {
        sq->array[*sq->ktail & sq->ring_mask] = sq->sqe_head & sq->ring_mask;
        ++*sq->ktail;
    }
    return *sq->ktail - *sq->khead;
}

static bool overflowed(const struct io_uring *ring) {
    return *ring->sq.kflags & (IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN);
}

static unsigned unread(const struct io_uring *ring) {
    return *ring->cq.ktail - *ring->cq.khead;
}

static int submit_and(struct io_uring *ring, unsigned want, bool get, uint32_t place) {
    unsigned ready = flush(ring);
    get |= want > 0 || overflowed(ring);
    if (ready == 0 && !get) return 0;
    call_begin("io_uring_enter", place);
    return enter_ring(ring->ring_fd, ready, want, get ? IORING_ENTER_GETEVENTS : 0, NULL);
}

int sim_io_uring_submit(struct io_uring *ring) {
    return submit_and(ring, 0, false, CALLER());
}

int sim_io_uring_submit_and_wait(struct io_uring *ring, unsigned want) {
    return submit_and(ring, want, false, CALLER());
}

int sim_io_uring_submit_and_get_events(struct io_uring *ring) {
    return submit_and(ring, 0, true, CALLER());
}

int sim_io_uring_get_events(struct io_uring *ring) {
    call_begin("io_uring_enter", CALLER());
    return enter_ring(ring->ring_fd, 0, 0, IORING_ENTER_GETEVENTS, NULL);
}

/* Until a completion is there, the time is up, or something went wrong. */
static int get(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned submit, unsigned want,
               const struct __kernel_timespec *t, uint32_t place) {
    int error = 0;
    for (bool entered = false;; entered = true) {
        *cqe = unread(ring) > 0 ? &ring->cq.cqes[*ring->cq.khead & ring->cq.ring_mask] : NULL;
        bool enough = unread(ring) >= want && *cqe;
        if (submit == 0 && (enough || (entered && *cqe))) return 0;
        if (error < 0) return error;
        if (submit == 0 && want == 0 && !overflowed(ring)) return -EAGAIN;
        if (entered && t) return -ETIME;
        if (entered && want == 0) return -EAGAIN;
        call_begin("io_uring_enter", place);
        int taken = enter_ring(ring->ring_fd, submit, want, IORING_ENTER_GETEVENTS, t);
        error = taken < 0 ? taken : 0;
        submit = taken > 0 ? submit - (unsigned)taken : error ? 0 : submit;
    }
}

int sim_io_uring_submit_and_wait_timeout(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned want,
                                         struct __kernel_timespec *t, sigset_t *mask) {
    if (mask) not_modelled("io_uring_submit_and_wait_timeout", "a signal mask");
    return get(ring, cqe, flush(ring), want, t, CALLER());
}

int sim_io_uring_wait_cqes(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned want, struct __kernel_timespec *t,
                           sigset_t *mask) {
    if (mask) not_modelled("io_uring_wait_cqes", "a signal mask");
    return get(ring, cqe, 0, want, t, CALLER());
}

int sim_io_uring_wait_cqe_timeout(struct io_uring *ring, struct io_uring_cqe **cqe, struct __kernel_timespec *t) {
    return get(ring, cqe, 0, 1, t, CALLER());
}

int sim___io_uring_get_cqe(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned submit, unsigned want,
                           sigset_t *mask) {
    if (mask) not_modelled("io_uring_wait_cqe_nr", "a signal mask");
    return get(ring, cqe, submit, want, NULL, CALLER());
}

unsigned sim_io_uring_peek_batch_cqe(struct io_uring *ring, struct io_uring_cqe **cqes, unsigned most) {
    if (unread(ring) == 0 && overflowed(ring)) {
        call_begin("io_uring_enter", CALLER());
        enter_ring(ring->ring_fd, 0, 0, IORING_ENTER_GETEVENTS, NULL);
    }
    unsigned count = unread(ring) < most ? unread(ring) : most;
    for (unsigned i = 0; i < count; i++) cqes[i] = &ring->cq.cqes[(*ring->cq.khead + i) & ring->cq.ring_mask];
    return count;
}

static int registered(struct io_uring *ring, unsigned operation, const void *argument, unsigned count, uint32_t place) {
    call_begin("io_uring_register", place);
    long answer =
        call_end(register_with_ring(ring->ring_fd, operation, argument, count), "io_uring_register(%u)", operation);
    return answer < 0 ? -errno : (int)answer;
}

int sim_io_uring_register_buf_ring(struct io_uring *ring, struct io_uring_buf_reg *reg, unsigned flags) {
    if (flags) not_modelled("io_uring_register_buf_ring", "its flags");
    return registered(ring, IORING_REGISTER_PBUF_RING, reg, 1, CALLER());
}

int sim_io_uring_unregister_buf_ring(struct io_uring *ring, int id) {
    struct io_uring_buf_reg reg = {.bgid = (uint16_t)id};
    return registered(ring, IORING_UNREGISTER_PBUF_RING, &reg, 1, CALLER());
}

int sim_io_uring_register_probe(struct io_uring *ring, struct io_uring_probe *probe, unsigned count) {
    return registered(ring, IORING_REGISTER_PROBE, probe, count, CALLER());
}

/* It makes calls cheaper, and changes nothing else. */
int sim_io_uring_register_ring_fd(struct io_uring *ring) {
    (void)ring;
    return 1;
}

int sim_io_uring_unregister_ring_fd(struct io_uring *ring) {
    (void)ring;
    return 1;
}
#endif
