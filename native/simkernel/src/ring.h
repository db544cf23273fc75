/* SPDX-License-Identifier: MIT */
/* ring.h -- bytes in the order in which they came; storage of RING_BYTES. */
#ifndef RING_H
#define RING_H

#include <string.h>

#include "simkernel.h"

static inline size_t ring_room(const struct ring *r) {
    return r->size > r->used ? r->size - r->used : 0;
}

static inline void ring_put(struct ring *r, const unsigned char *bytes, size_t size) {
    size_t from = (r->at + r->used) % RING_BYTES, first = RING_BYTES - from < size ? RING_BYTES - from : size;
    memcpy(r->bytes + from, bytes, first);
    memcpy(r->bytes, bytes + first, size - first);
    r->used += size;
}

/* Copies without taking away. */
static inline void ring_look(const struct ring *r, unsigned char *bytes, size_t size) {
    size_t first = RING_BYTES - r->at < size ? RING_BYTES - r->at : size;
    memcpy(bytes, r->bytes + r->at, first);
    memcpy(bytes + first, r->bytes, size - first);
}

static inline void ring_drop(struct ring *r, size_t size) {
    r->at = (r->at + size) % RING_BYTES;
    r->used -= size;
}

#endif
