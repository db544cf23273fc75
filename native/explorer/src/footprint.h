/* SPDX-License-Identifier: MIT
 *
 * footprint.h -- what one step of a thread touches that other threads may touch, too.
 *
 * A step reaches from one scheduling point of its thread to the next. Two steps of different threads are independent
 * when neither writes what the other touches: run in either order, they lead to the same state. Plain memory is left
 * out: where two plain accesses conflict, something orders them, or they are a data race, which is reported in either
 * order, unless plain accesses are steps of their own. Addresses of fresh blocks are left out as well: they depend on
 * the order, and no program may care. */
#ifndef FOOTPRINT_H
#define FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What has no address of its own. */
enum {
    TOUCHED_SC_ORDER = 1, /* read by seq_cst accesses, written by seq_cst fences */
    TOUCHED_FAILURES,     /* how many calls may still fail */
    TOUCHED_THREADS,      /* the number of the next thread */
    TOUCHED_KEYS,
    TOUCHED_RANDOM,
    TOUCHED_THREAD = 16, /* and its number: its end */
    TOUCHED_BIN = 64     /* and its number: blocks to be reused */
};

enum touch_kind {
    READS,
    LOADS, /* one of the values stored so far, by choice */
    WRITES,
    APPENDS /* the newest value of an atomic location */
};

struct touch {
    uintptr_t address;
    uint32_t size_bytes;
    uint16_t stores; /* LOADS: how many there were */
    uint8_t kind;
};

enum { FOOTPRINT_TOUCHES = 12 };

struct footprint {
    uint8_t count;
    bool everything; /* it depends on all others */
    bool goes_on;    /* its thread could have run on */
    struct touch touches[FOOTPRINT_TOUCHES];
};

/* Where the running thread's step is recorded; NULL while nobody asks. */
extern struct footprint *footprint;

void footprint_add(struct footprint *, struct touch);
void footprint_join(struct footprint *into, const struct footprint *from);

static inline void touch(uintptr_t address, size_t size_bytes, enum touch_kind kind) {
    if (footprint) footprint_add(footprint, (struct touch){address, (uint32_t)size_bytes, 0, (uint8_t)kind});
}

/* For steps that look at the time, which passes with every step of any thread. */
static inline void touch_everything(void) {
    if (footprint) footprint->everything = true;
}

enum relation {
    INDEPENDENT,
    NEWER_ONLY, /* the later one loads what the earlier one stores: independent, unless it loads that value */
    DEPENDENT
};

/* Of a step that ran and one of another thread that might have run before it. */
enum relation footprint_relation(const struct footprint *waiting, const struct footprint *ran);

#endif
