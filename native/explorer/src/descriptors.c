/* SPDX-License-Identifier: MIT
 *
 * descriptors.c -- the table of descriptors. */
#include "descriptors.h"

#include "footprint.h"
#include "schedule.h"
#include "thread.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

static struct descriptor table[MAX_DESCRIPTORS];

void descriptors_reset(void) {
    memset(table, 0, sizeof table);
    interests_reset();
}

int descriptor_new(enum descriptor_kind kind, bool nonblocking) {
    for (int number = FIRST_DESCRIPTOR; number < MAX_DESCRIPTORS; number++) {
        if (table[number].kind != DESCRIPTOR_FREE) continue;
        table[number] = (struct descriptor){.kind = kind, .nonblocking = nonblocking, .peer = -1};
        return number;
    }
    errno = EMFILE;
    return -1;
}

struct descriptor *descriptor_at(int number) {
    if (number >= FIRST_DESCRIPTOR && number < MAX_DESCRIPTORS && table[number].kind != DESCRIPTOR_FREE)
        return &table[number];
    errno = EBADF;
    return NULL;
}

static uint32_t stream_ready(const struct descriptor *d) {
    const struct descriptor *peer = d->peer < 0 ? NULL : &table[d->peer];
    uint32_t in = d->count || d->ended ? EPOLLIN : 0, over = d->ended ? EPOLLRDHUP : 0;
    uint32_t out = peer && peer->count < STREAM_BYTES ? EPOLLOUT : 0;
    return in | over | out | (d->ended && !peer ? EPOLLHUP : 0);
}

uint32_t descriptor_ready(int number) {
    const struct descriptor *d = &table[number];
    if (d->kind == DESCRIPTOR_COUNTER) return (d->count ? EPOLLIN : 0) | (d->count < UINT64_MAX - 1 ? EPOLLOUT : 0);
    if (d->kind == DESCRIPTOR_INTERESTS) return interests_ready(number) ? EPOLLIN : 0;
    return d->kind == DESCRIPTOR_STREAM ? stream_ready(d) : 0;
}

void descriptor_learn(struct descriptor *d) {
    touch((uintptr_t)table, sizeof table, WRITES);
    view_join(&running->view, &d->view);
}

void descriptor_teach(struct descriptor *d) {
    touch((uintptr_t)table, sizeof table, WRITES);
    view_join(&d->view, &running->view);
    thread_tick();
}

/* `wait.round`: the number and the events. */
static bool is_ready(const struct thread *thread) {
    return descriptor_ready((int)(thread->wait.round >> 16)) & (thread->wait.round & 0xffff);
}

void descriptor_wait(int number, uint32_t events, uint32_t pc) {
    (void)pc;
    struct wait wait = {WAIT_DESCRIPTOR, is_ready, NULL, NULL, NO_DEADLINE, (uint32_t)number << 16 | events | EPOLLHUP};
    touch((uintptr_t)table, sizeof table, WRITES);
    schedule_wait(&wait);
    touch((uintptr_t)table, sizeof table, WRITES);
}
